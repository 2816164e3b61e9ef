import { execFileSync } from 'node:child_process';

/** These tests look at dist/, so it must be what src/ says; builds only when it is older. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/setup.mjs'], { stdio: 'inherit' });
}
