/**
 * The example as a user runs it: the command in a process of its own, with the
 * package as it is built.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../examples/imdb/result.js';
import { writeSampleCorpus } from '../../examples/imdb/sample-corpus.js';
import { type Outcome, runExampleCommand } from './command.js';

/** Runs the command; `killAt` kills it as soon as its output says so. */
const demo = (args: readonly string[], killAt?: string) => runExampleCommand('imdb', args, killAt);

const readResult = async (out: string): Promise<RunResult> =>
  JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));

/** The weights of a saved model, by file name. */
async function weights(directory: string): Promise<Map<string, string>> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.bin'));
  const entries = names.map(
    async (name) => [name, (await readFile(join(directory, name))).toString('base64')] as const,
  );
  return new Map(await Promise.all(entries));
}

let directory = '';
let corpus = '';
const tiny = (out: string) => [
  ...['--data', corpus, '--limit', '40', '--epochs', '12', '--batch-size', '8', '--seed', '3'],
  ...['--out', join(directory, out)],
];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-'));
  corpus = join(directory, 'corpus');
  await writeSampleCorpus(corpus);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the IMDb example', () => {
  let whole: Outcome;

  beforeAll(async () => {
    whole = await demo(tiny('whole'));
  });

  it('goes from reviews on disk to a report, and complains about nothing', async () => {
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    expect(whole.stdout).toContain('32 reviews to learn from, 8 to check on, 40 to test on');
    expect(whole.stdout).toContain('Total params: 145025');
    expect(whole.stdout).toContain('Epoch 12/12');
    expect(whole.stdout).toContain('loaded, and the predictions are the same. One more epoch:');
    expect(whole.stdout).toContain('Epoch 13/13');
    expect(whole.stdout).toMatch(/^ {2}is (?:positive|negative) \(\d+\.\d %\)$/m);
    expect((await readdir(join(directory, 'whole'))).sort()).toEqual(
      [
        ...['accuracy.svg', 'checkpoints', 'history.json', 'increment', 'loss.svg', 'model'],
        ...['report.html', 'result.json', 'settings.json', 'tokenizer.json'],
      ].sort(),
    );
  });

  it('prints, writes and reports the same figures', async () => {
    const out = join(directory, 'whole');
    const result = await readResult(out);
    const accuracy = `${(result.accuracy * 100).toFixed(2)} %`;
    expect(whole.stdout).toContain(
      `Test accuracy ${accuracy}, test loss ${result.loss.toFixed(4)}.`,
    );
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain(result.loss.toFixed(4));
    const { truePositive, falseNegative, trueNegative, falsePositive } = result.confusion;
    expect(truePositive + falseNegative).toBe(20);
    expect(trueNegative + falsePositive).toBe(20);
    expect((truePositive + trueNegative) / 40).toBeCloseTo(result.accuracy, 6);
    expect(result.secondsPerEpoch).toHaveLength(12);
    expect(result.settings).toMatchObject({ epochs: 12, batchSize: 8, seed: 3, limit: 40 });
    const history = JSON.parse(await readFile(join(out, 'history.json'), 'utf8'));
    expect(history.epoch).toEqual(Array.from({ length: 12 }, (_, epoch) => epoch));
    expect(Object.keys(history.history).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
  });

  it('judges a review with the model that it saved', async () => {
    const out = join(directory, 'whole');
    const outcome = await demo(['--predict', 'A <b>superb</b> film.', '--out', out]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      /^(?:positive|negative) \(\d+\.\d %\), says the model in .+\.\n$/,
    );
  });

  it('says which words made it judge so, on a page, too', async () => {
    const out = join(directory, 'whole');
    const outcome = await demo(['--explain', 'A <b>superb</b> film.', '--out', out]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      /^(?:positive|negative) \(\d+\.\d %\), says the model in .+\.$/m,
    );
    // Not to a terminal: numbers in place of colours.
    expect(outcome.stdout).toMatch(/superb\([+-]\d+\.\d\)|film\([+-]\d+\.\d\)/);
    expect(outcome.stdout).not.toContain('\x1b[');
    const page = await readFile(join(out, 'explain.html'), 'utf8');
    expect(page).toContain('Words for and against positive');
    expect(page).not.toContain('<b>');
  });

  it('ends with the same weights when it was killed and resumed', async () => {
    const killed = await demo(tiny('resumed'), 'Epoch 3/12');
    expect(killed.signal).toBe('SIGKILL');
    expect(await readdir(join(directory, 'resumed'))).not.toContain('model');

    const resumed = await demo([...tiny('resumed'), '--resume']);
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    expect(resumed.stdout).toMatch(/^Going on after epoch (?:[2-9]|10)\.$/m);
    for (const model of ['model', 'increment']) {
      const expected = await weights(join(directory, 'whole', model));
      expect(expected.size).toBe(1);
      expect(await weights(join(directory, 'resumed', model))).toEqual(expected);
    }
    const [one, other] = await Promise.all(
      ['whole', 'resumed'].map((out) => readFile(join(directory, out, 'history.json'), 'utf8')),
    );
    expect(other).toBe(one);
  });

  it('warns about the validation part that is all negative, as published', async () => {
    // In whole batches of the article's size, which the backend's memory has to grow for.
    const args = ['--data', corpus, '--split', 'as-published', '--limit', '400', '--epochs', '1'];
    const outcome = await demo([...args, '--out', join(directory, 'published')]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('every validation label is 0');
    expect(outcome.stdout).toContain('320 reviews to learn from, 80 to check on');
  });
});

describe('what the example refuses', () => {
  const refusal = async (...args: string[]) => {
    const { code, stdout, stderr } = await demo(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    return stderr;
  };

  it('an option that it does not know', async () => {
    expect(await refusal('--epoch', '3')).toBe(
      "Unknown option '--epoch'. Run with --help for the options.\n",
    );
  });

  it('to predict without a model', async () => {
    const out = join(directory, 'nothing');
    expect(await refusal('--predict', 'Fine.', '--out', out)).toBe(
      `${out} holds no trained model. Train one with \`npm run demo\`, or name its folder with --out.\n`,
    );
  });

  it('to resume what was never started, or with other settings', async () => {
    const out = join(directory, 'nothing');
    expect(await refusal('--resume', '--out', out)).toBe(
      `${out} holds no run to go on with. Start one without --resume.\n`,
    );
    expect(await refusal(...tiny('whole'), '--resume', '--batch-size', '5')).toBe(
      '--resume needs the settings that the run was started with: batchSize was 8 and is 5 now.\n',
    );
  });

  it('a dataset that is not there', async () => {
    const { code, stderr } = await demo(['--data', join(directory, 'absent'), '--out', directory]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^loadImdb: .+absent does not exist\. .+\nhttps:.+\n$/);
  });
});

describe('the presets of the example', () => {
  it('are trained, tested and saved in three precisions, one seed after the other', async () => {
    const out = join(directory, 'preset');
    const args = ['--data', corpus, '--limit', '40', '--preset', 'balanced', '--seeds', '2'];
    const { code, stderr, stdout } = await demo([...args, '--out', out]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Seed 1: test accuracy \d+\.\d\d %, calibration error \d+\.\d\d %\.$/m);
    expect(stdout).toMatch(/^balanced: mean test accuracy .* Files are in /m);
    const [first] = JSON.parse(await readFile(join(out, 'balanced.json'), 'utf8'));
    expect(first).toMatchObject({ seed: 0, test: { texts: 40 }, validation: { texts: 4 } });
    expect(first.files.int8.bytes).toBeLessThan(first.files.float32.bytes);
    expect((await readdir(join(out, 'seed-1'))).sort()).toEqual(['float16', 'float32', 'int8']);
  });
});
