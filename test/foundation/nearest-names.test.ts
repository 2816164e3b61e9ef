import { describe, expect, it } from 'vitest';
import { nearestNames } from '../../src/foundation/nearest-names.js';

const FIT = ['batchSize', 'epochs', 'initialEpoch', 'seed', 'validationData', 'validationSplit'];
const MODEL = ['vocabularySize', 'lstmUnits', 'denseUnits', 'dropoutRate', 'learningRate', 'seed'];

describe('nearestNames', () => {
  it.each<[string, string, readonly string[], string[]]>([
    ['snake_case', 'batch_size', FIT, ['batchSize']],
    ['case alone', 'Batchsize', FIT, ['batchSize']],
    ['kebab-case', 'validation-split', FIT, ['validationSplit']],
    ['a letter left out', 'epoch', FIT, ['epochs']],
    ['letters exchanged', 'epcohs', FIT, ['epochs']],
    ['snake_case and a slip', 'valdation_splt', FIT, ['validationSplit']],
    ['a letter too many', 'seeed', FIT, ['seed']],
    ['words of several', 'units', MODEL, ['lstmUnits', 'denseUnits']],
    ['one of the words', 'dropout', MODEL, ['dropoutRate']],
    ['words that were cut short', 'vocab_size', MODEL, ['vocabularySize']],
    ['more words than the name has', 'nThreads', ['threads'], ['threads']],
    ['initials', 'lr', MODEL, ['learningRate']],
    ['nothing like it', 'foo', FIT, []],
    ['nothing like it, and short', 'x', FIT, []],
    ['an empty name', '', FIT, []],
  ])('finds the names for %s: %s', (_, name, known, nearest) => {
    expect(nearestNames(name, known)).toEqual(nearest);
  });
});
