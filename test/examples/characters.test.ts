/** The example as a user runs it, small: the command in a process of its own, with the package as it is built. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../../examples/characters/experiment.js';
import { type Outcome, runExampleCommand } from './command.js';

const demo = (...args: string[]) => runExampleCommand('characters', args);

let directory = '';
let out = '';
let run: Outcome;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'characters-'));
  out = join(directory, 'run');
  const small = ['--epochs', '3', '--units', '24', '--characters', '12000', '--batch-size', '2'];
  run = await demo(...small, '--seed', '3', '--out', out);
}, 240_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the example of characters', () => {
  it('goes from a text to a saved model that writes, and complains about nothing', async () => {
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toMatch(
      /^\d+ characters to learn from, \d+ to be tested on, 6\d different/m,
    );
    expect(run.stdout).toContain('Epoch 3/3');
    expect(run.stdout).toContain('loaded, and it writes the same');
    expect((await readdir(out)).sort()).toEqual(['bits.svg', 'model', 'result.json']);
  });

  it('prints and writes the same figures', async () => {
    const result: Result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    const { unigram, trigram, fiveGram, model } = result.bits;
    for (const bits of [unigram, trigram, fiveGram, model]) {
      expect(run.stdout).toContain(bits.toFixed(3));
    }
    // A few epochs of a small model are more than the counts of single characters.
    expect(model).toBeLessThan(unigram);
    expect(trigram).toBeLessThan(unigram);
    expect(run.stdout).toContain(result.written);
    expect(result.written).toHaveLength(800);
    expect(result.settings).toMatchObject({ epochs: 3, units: 24, seed: 3 });
    expect(await readFile(join(out, 'bits.svg'), 'utf8')).toContain('bits a character');
  });

  it('goes on from a prompt with the model that it saved', async () => {
    const args = ['--prompt', 'Glass 29', '--length', '20', '--out', out];
    const outcome = await demo(...args);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout.startsWith('Glass 29')).toBe(true);
    expect(outcome.stdout).toHaveLength('Glass 29'.length + 20 + 1);
    expect(await demo(...args)).toEqual(outcome);
  });

  it.each([
    [['--epoch', '3'], "Unknown option '--epoch'. Run with --help for the options."],
    [['--epochs', '0'], '--epochs must be a whole number from 1 on, received "0".'],
    [['--temperature', '-1'], '--temperature must be a number of at least 0, received "-1".'],
    [['--prompt', ''], '--prompt needs a text, received "". Try --prompt "Monday, ".'],
  ])('refuses %j', async ([option, value], message) => {
    const refused = await demo(`${option}=${value}`);
    expect(refused).toEqual({ code: 1, signal: null, stdout: '', stderr: `${message}\n` });
  });

  it('refuses to write without a model, and what is not in the vocabulary', async () => {
    const nothing = join(directory, 'nothing');
    expect((await demo('--prompt', 'Hm', '--out', nothing)).stderr).toBe(
      `${nothing} holds no trained model. Train one with \`npm run demo:characters\`, or name its folder with --out.\n`,
    );
    expect((await demo('--prompt', 'Größe', '--out', out)).stderr).toMatch(
      /^generateText: the character "ö" of prompt is not in the vocabulary\./,
    );
  });
});
