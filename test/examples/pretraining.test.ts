import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fitTokenizer, labelsOf, readCorpus, rowsOf } from '../../examples/pretraining/data.js';
import { DEFAULTS, ON_REVIEWS, readOptions } from '../../examples/pretraining/options.js';
import { TextClassifier } from '../../src/index.js';
import { fileSystem } from '../../src/node.js';
import { runExampleCommand } from './command.js';

describe('the reviews', () => {
  const settings = { ...DEFAULTS, unlabelled: 40, validation: 10, test: 20 };

  it('are the same for a seed, none in two parts, as rows of the length asked for', async () => {
    const corpus = await readCorpus(settings);
    expect(await readCorpus(settings)).toEqual(corpus);
    const all = [...corpus.train, ...corpus.validation, ...corpus.test].map(({ text }) => text);
    expect(new Set(all).size).toBe(70);
    const rows = rowsOf(corpus.test, fitTokenizer(corpus, settings), 7);
    expect(rows.shape).toEqual([20, 7]);
    expect(labelsOf(corpus.test).shape).toEqual([20, 1]);
  });
});

describe('the options', () => {
  it('have other defaults on the real reviews, which single ones replace', () => {
    const settingsOf = (...args: string[]) => (readOptions(args) as { settings: object }).settings;
    expect(settingsOf()).toEqual(DEFAULTS);
    expect(settingsOf('--data', 'x', '--units', '9')).toEqual({
      ...{ ...DEFAULTS, ...ON_REVIEWS },
      ...{ data: 'x', units: 9 },
    });
  });
});

describe('npm run demo:pretraining', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'pretraining-'));
  });
  afterAll(() => rm(out, { recursive: true }));

  it('trains all three, the language model to a lower perplexity, and leaves models and figures', async () => {
    const run = await runExampleCommand('pretraining', [
      ...['--labelled', '20', '--unlabelled', '1000', '--test', '50', '--length', '20'],
      ...['--vocabulary', '300', '--sampled', '50', '--units', '16', '--embedding', '16'],
      ...['--language-epochs', '6', '--epochs', '2', '--epsilon', '0.1', '--out', out],
      ...['--validation', '40', '--pooling', 'mean'],
    ]);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const { perplexity, accuracy, bytes } = JSON.parse(
      await readFile(join(out, 'result.json'), 'utf8'),
    );
    // Before, each of 300 words is about as likely as any other.
    expect(perplexity.before).toBeGreaterThan(280);
    expect(perplexity.before).toBeLessThan(320);
    expect(perplexity.after).toBeLessThan(100); // 84 when it was written
    for (const share of Object.values(accuracy)) expect(share).toBeGreaterThan(0.2);
    expect(Object.keys(accuracy)).toEqual(['fromScratch', 'pretrained', 'withNGrams']);
    expect(bytes).toBeGreaterThan(300 * 16); // a byte for each number of the embedding, and more
    expect((await readdir(out)).sort()).toEqual(
      ['accuracy.svg', 'model', 'result.json', 'with-n-grams'], //
    );
    const classifier = await TextClassifier.load(fileSystem(join(out, 'with-n-grams')));
    const { test } = await readCorpus({ ...DEFAULTS, unlabelled: 1000, validation: 40, test: 50 });
    const { accuracy: loaded } = await classifier.evaluate({
      texts: test.map(({ text }) => text),
      labels: test.map(({ label }) => label),
    });
    // 8 bits may turn a review or two that are on the edge.
    expect(Math.abs(loaded - accuracy.withNGrams)).toBeLessThanOrEqual(0.04);
    classifier.dispose();
  });

  it.each([
    [['--epoch', '2'], "Unknown option '--epoch'. Run with --help for the options.\n"],
    [
      ['--epsilon', '-1'],
      "Option '--epsilon' argument is ambiguous. Run with --help for the options.\n",
    ],
    [['--pooling', 'min'], '--pooling must be max or mean, received "min".\n'],
    [['--epsilon=-1'], '--epsilon must be a number of at least 0, received "-1".\n'],
    [['--labelled', '3000'], '--labelled must be at most --unlabelled, 2000, received 3000.\n'],
    [['--sampled', '2000'], '--sampled must be less than --vocabulary, 2000, received 2000.\n'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await runExampleCommand('pretraining', args);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
  });
});
