import { spawnSync } from 'node:child_process';

/**
 * These tests look at dist/, so it must be what src/ says; builds only when it is older.
 * In the middle of work a build may fail, while `npm test` builds first and stops there.
 */
export default function setup(): void {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { stdio: 'inherit' });
  if (status === 0) return;
  if (process.env.CI) throw new Error('The build failed.');
  console.warn('THE BUILD FAILED: what follows tests whatever dist/ holds.');
}
