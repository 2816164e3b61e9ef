import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** Makes what these tests look at, and a folder for what they share. */
export default function setup(project: TestProject): () => void {
  build();
  const shared = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-shared-'));
  project.provide('shared', shared);
  return () => rmSync(shared, { recursive: true, force: true });
}

/**
 * These tests look at dist/, so it must be what src/ says; builds only when it is older.
 * In the middle of work a build may fail, while `npm test` builds first and stops there.
 */
function build(): void {
  const { status } = spawnSync(process.execPath, ['scripts/setup.mjs'], { stdio: 'inherit' });
  if (status === 0) return;
  if (process.env.CI) throw new Error('The build failed.');
  console.warn('THE BUILD FAILED: what follows tests whatever dist/ holds.');
}
