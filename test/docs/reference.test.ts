/** The reference of the site, grouped by what its readers want to do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENTRIES, type Entry, exportsOf, taskOfExport } from '../../site/reference.js';
import { TASKS, taskOf } from '../../site/reference-tasks.js';
import { root } from './examples.js';

const entries = Object.keys(ENTRIES) as Entry[];

describe.each(entries)('the entry %s', (entry) => {
  test('exports nothing that is in no task', () => {
    const names = Object.keys(exportsOf(entry));
    expect(names.length).toBeGreaterThan(5);
    const lost = names.filter((name) => taskOfExport(entry, name) === undefined);
    expect(lost, 'to be added to site/reference-tasks.ts').toEqual([]);
  });
});

test('every task has an export, and every place that it names is there', () => {
  const used = entries.flatMap((entry) =>
    Object.keys(exportsOf(entry)).map((name) => taskOfExport(entry, name)),
  );
  expect(new Set(used)).toEqual(new Set(TASKS.map(({ task }) => task)));
  for (const place of TASKS.flatMap(({ from }) => from)) {
    expect(existsSync(join(root, place)), place).toBe(true);
  }
});

test.each([
  ['index', 'padSequences', 'Preprocess'],
  ['index', 'layers', 'Build a network'],
  ['index', 'adam', 'Train'],
  ['index', 'trainInWorker', 'Train in a worker'],
  ['index', 'loadKerasModel', 'Exchange with Keras'],
  ['node', 'checkpoint', 'Read data, write files'],
  ['predict', 'Tokenizer', 'Predict without TensorFlow.js'],
] as const)('of %s, %s is found where one looks for it', (entry, name, task) => {
  expect(taskOfExport(entry, name)).toBe(task);
});

test('of two places that match, the longer one counts', () => {
  expect(taskOf('src/training/worker/ports.ts')).toBe('Train in a worker');
  expect(taskOf('src/training/history.ts')).toBe('Train');
  expect(taskOf('elsewhere/history.ts')).toBeUndefined();
});
