import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from './examples.js';

// There, the site is built of what it finds, by the same options.
test.skipIf(process.env.CI)('typedoc has nothing to complain about', () => {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['run', '--silent', 'docs', '--', '--emit', 'none'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  expect(`${stdout}${stderr}`).not.toMatch(/\[(warning|error)\]/);
  expect(status).toBe(0);
});
