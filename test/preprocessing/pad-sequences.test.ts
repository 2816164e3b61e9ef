import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { padSequences } from '../../src/preprocessing/pad-sequences.js';
import type { PadOptions } from '../../src/preprocessing/padded-sequences.js';

describe('padSequences', () => {
  test('typed arrays are sequences and vectors, too', () => {
    expect(padSequences([Int32Array.of(1, 2), [3]]).arraySync()).toEqual([
      [1, 2],
      [0, 3],
    ]);
    const vectors = padSequences([[Float32Array.of(0.5, 1)], [[2, 3]]], { dtype: 'float32' });
    expect(vectors.arraySync()).toEqual([[[0.5, 1]], [[2, 3]]]);
  });

  test('infinity is a float', () => {
    const padded = padSequences([[Number.POSITIVE_INFINITY]], { dtype: 'float32' });
    expect(padded.arraySync()).toEqual([[Number.POSITIVE_INFINITY]]);
  });

  test.each<[string, unknown, unknown, string]>([
    ['no list', 'ab', {}, 'sequences must be a list of lists, received "ab".'],
    [
      'one sequence',
      [1, 2],
      {},
      'sequences[0] must be a list of numbers or of vectors, received 1. Put a single sequence into a list: [sequence].',
    ],
    [
      'texts',
      ['a b'],
      {},
      'sequences[0] must be a list of numbers or of vectors, received "a b". Turn texts into numbers first: tokenizer.textsToSequences(texts).',
    ],
    ['words', [['a']], {}, 'sequences[0][0] must be a number, received "a".'],
    ['NaN', [[1, Number.NaN]], {}, 'sequences[0][1] must be a number, received NaN.'],
    [
      'NaN among floats',
      [[1, Number.NaN]],
      { dtype: 'float32' },
      'sequences[0][1] must be a number, received NaN.',
    ],
    ['a hole', [[1, undefined]], {}, 'sequences[0][1] must be a number, received undefined.'],
    [
      'numbers beyond int32',
      [[1, 3e9]],
      {},
      "sequences[0][1] must fit into int32, received 3000000000. Use dtype 'float32' for such numbers.",
    ],
    [
      'infinity as int32',
      [[Number.POSITIVE_INFINITY]],
      {},
      'sequences[0][0] must fit into int32, received Infinity.',
    ],
    [
      'ragged vectors',
      [[[1, 2]], [[3]]],
      {},
      'sequences[1][0] must be a list of 2, as in the first step, received [3]. All steps of all sequences need the same shape.',
    ],
    [
      'ragged matrices',
      [
        [
          [[1], [2]],
          [[1], [2, 3]],
        ],
      ],
      {},
      'sequences[0][1][1] must be a list of 1, as in the first step, received [2, 3].',
    ],
    [
      'vectors among numbers',
      [[1, [2]]],
      {},
      'sequences[0][1] must be a number, received [2]. All steps of all sequences need the same shape.',
    ],
    [
      'an empty list',
      [],
      {},
      'sequences must not be empty when maxlen is left out, received []. Pass at least one sequence, or maxlen.',
    ],
    [
      'a negative maxlen',
      [[1]],
      { maxlen: -3 },
      'maxlen must be a positive integer, received -3. Leave it out to pad to the longest sequence.',
    ],
    [
      'a fraction of steps',
      [[1]],
      { maxlen: 1.5 },
      'maxlen must be a positive integer, received 1.5.',
    ],
    [
      'a maxlen that is no number',
      [[1]],
      { maxlen: '3' },
      'maxlen must be a positive integer, received "3".',
    ],
    [
      'a value that is no number',
      [[1]],
      { value: Number.NaN },
      'value must be a number, received NaN.',
    ],
    ['a misspelt option', [[1]], { maxLen: 3 }, 'there is no option maxLen. Write maxlen.'],
  ])('rejects %s', (_, sequences, options, message) => {
    expect(() => padSequences(sequences as number[][], options as PadOptions)).toThrow(
      `padSequences: ${message}`,
    );
  });
});
