import { describe, expect, it } from 'vitest';
import { ARTICLE, HELP, readOptions, SAMPLE } from '../../examples/imdb/options.js';
import { UsageError } from '../../examples/shared/options.js';

const settingsOf = (...args: string[]) => {
  const command = readOptions(args);
  if (command.name !== 'train') throw new Error(`expected to train, got ${command.name}`);
  return command.settings;
};

describe('the options of the example', () => {
  it("keep the article's settings for the dataset", () => {
    expect(readOptions(['--data', 'aclImdb'])).toEqual({
      name: 'train',
      settings: { ...ARTICLE, data: 'aclImdb' },
      out: 'runs/imdb',
      resume: false,
    });
    expect(ARTICLE).toMatchObject({
      vocabularySize: 4000,
      sequenceLength: 300,
      embeddingDim: 32,
      lstmUnits: 32,
      denseUnits: 256,
      dropoutRate: 0.2,
      batchSize: 100,
      epochs: 10,
      validationSplit: 0.2,
    });
  });

  it('take the sample when nothing is named, with less to do', () => {
    expect(readOptions([])).toEqual(readOptions(['--sample']));
    expect(settingsOf()).toEqual({ ...ARTICLE, ...SAMPLE, data: null });
    expect(readOptions([])).toMatchObject({ out: 'runs/sample' });
  });

  it('change what they name', () => {
    const changed = settingsOf(
      ...['--split', 'as-published', '--recurrent-activation', 'hardSigmoid', '--epochs', '3'],
      ...['--batch-size', '7', '--backend', 'cpu', '--seed', '5', '--limit', '40'],
    );
    expect(changed).toMatchObject({
      split: 'as-published',
      recurrentActivation: 'hardSigmoid',
      epochs: 3,
      batchSize: 7,
      backend: 'cpu',
      seed: 5,
      limit: 40,
    });
    expect(readOptions(['--out', 'x', '--resume'])).toMatchObject({ out: 'x', resume: true });
    expect(readOptions(['--predict', 'Fine.', '--out', 'x'])).toEqual({
      name: 'predict',
      text: 'Fine.',
      out: 'x',
      backend: 'cpu',
    });
    expect(readOptions(['--explain', 'Fine.', '--backend', 'wasm'])).toEqual({
      name: 'explain',
      text: 'Fine.',
      out: null,
      backend: 'wasm',
    });
  });

  it('run a preset with one seed or several', () => {
    const args = ['--data', 'aclImdb', '--preset', 'accurate'];
    const command = { name: 'preset', preset: 'accurate', out: 'runs/accurate' };
    expect(readOptions(args)).toMatchObject({ ...command, seeds: 1, settings: { seed: 0 } });
    expect(readOptions([...args, '--seeds', '3', '--seed', '7', '--out', 'x'])).toMatchObject({
      ...command,
      ...{ seeds: 3, settings: { seed: 7 }, out: 'x' },
    });
  });

  it('are all in the help', () => {
    expect(readOptions(['--help'])).toEqual({ name: 'help' });
    for (const option of ['sample', 'data', 'limit', 'split', 'epochs', 'batch-size', 'backend']) {
      expect(HELP).toContain(`--${option}`);
    }
    for (const option of [
      'recurrent-activation',
      'seed',
      'resume',
      'out',
      'predict',
      'explain',
      'preset',
      'seeds',
    ]) {
      expect(HELP).toContain(`--${option}`);
    }
  });
});

describe('options that cannot be read', () => {
  it.each([
    [['--epoch', '3'], "Unknown option '--epoch'. Run with --help for the options."],
    [['--epochs'], "Option '--epochs <value>' argument missing. Run with --help for the options."],
    [['aclImdb'], "Unexpected argument 'aclImdb'. Run with --help for the options."],
    [['--epochs', 'ten'], '--epochs must be a whole number from 1 on, received "ten".'],
    [['--epochs', '0'], '--epochs must be a whole number from 1 on, received "0".'],
    [['--batch-size', '2.5'], '--batch-size must be a whole number from 1 on, received "2.5".'],
    [['--seed', '1e3'], '--seed must be a whole number from 0 on, received "1e3".'],
    [['--limit', '9'], '--limit must be a whole number from 10 on, received "9".'],
    [['--split', 'random'], '--split must be shuffled or as-published, received "random".'],
    [['--backend', 'webgl'], '--backend must be wasm or cpu, received "webgl".'],
    [
      ['--recurrent-activation', 'tanh'],
      '--recurrent-activation must be sigmoid or hardSigmoid, received "tanh".',
    ],
    [['--preset', 'best'], '--preset must be balanced or accurate, received "best".'],
    [['--seeds', '3'], '--seeds needs --preset.'],
    [['--data', 'x', '--sample'], '--data and --sample exclude each other. Leave one of them out.'],
    [['--data', ''], '--data needs a path, received "".'],
    [['--out', ''], '--out needs a path, received "".'],
    [['--explain', ''], '--explain needs a review, received "". Try --explain "A lovely film."'],
    [
      ['--explain', 'x', '--predict', 'x'],
      '--predict and --explain exclude each other. --explain also judges.',
    ],
    [['--predict', ' '], '--predict needs a review, received "". Try --predict "A lovely film."'],
  ])('%j', (args, message) => {
    expect(() => readOptions(args)).toThrow(new UsageError(message));
  });
});
