import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { makeSamplingTable } from '../../src/preprocessing/sampling-table.js';
import { type SkipgramOptions, skipgrams } from '../../src/preprocessing/skipgrams.js';
import { TimeseriesGenerator, type TimeseriesOptions } from '../../src/preprocessing/timeseries.js';
import {
  camelCase,
  Deviations,
  expectTensor,
  flat,
  type KerasArray,
  type KerasException,
  readGolden,
} from './golden.js';

interface SkipgramCase extends Partial<KerasException> {
  name: string;
  sequence: number[];
  vocabulary_size: number;
  kwargs: object;
  couples?: [number, number][];
  labels?: unknown[];
}

interface NegativeCase {
  sequence: number[];
  vocabulary_size: number;
  kwargs: { negative_samples: number };
  positive_couples: [number, number][];
  n_positive: number;
  n_negative: number;
  labels: number[];
  negative_target_words_sorted: number[] | null;
  negative_context_range_inclusive: [number, number];
}

interface TimeseriesCase extends Partial<KerasException> {
  name: string;
  data: number[];
  targets: number[];
  kwargs: object;
  len: number;
  start_index_attribute: number;
  end_index_attribute: number;
  batches?: ({ x: KerasArray; y: KerasArray } | KerasException)[];
  extra_batch_index?: number;
}

const golden = readGolden<{
  make_sampling_table: { size: number; sampling_factor: number; expected: number[] }[];
  make_sampling_table_errors: { size: number }[];
  skipgrams: SkipgramCase[];
  skipgrams_negative: NegativeCase[];
  skipgrams_errors: SkipgramCase[];
  timeseries_generator: TimeseriesCase[];
}>('sequence.json');

const deviations = new Deviations({
  index_beyond_vocabulary: /sequence\[1\] must be below vocabularySize 4, received 9/,
  err_end_beyond_data: /endIndex must be at most 9, the last step of the data, received 12/,
  past_the_end: /TimeseriesGenerator.get: index must be an integer from 0 to 1, received 2/,
});

describe('makeSamplingTable agrees with Keras', () => {
  test.each(golden.make_sampling_table)('size $size, factor $sampling_factor', (entry) => {
    const table = makeSamplingTable(entry.size, { samplingFactor: entry.sampling_factor });
    expect(table).toHaveLength(entry.expected.length);
    // NumPy's logarithm may differ in the last bit.
    table.forEach((p, i) => {
      expect(p).toBeCloseTo(entry.expected[i] as number, 14);
    });
  });

  test.each(golden.make_sampling_table_errors)('size $size', ({ size }) => {
    expect(() => makeSamplingTable(size)).toThrow(
      `makeSamplingTable: size must be a positive integer, received ${size}.`,
    );
  });
});

describe('skipgrams agrees with Keras', () => {
  const THROWN: Readonly<Record<string, RegExp>> = {
    table_too_short: /sequence\[1\] must be below vocabularySize 4, received 9/,
    vocabulary_size_1_negative: /sequence\[0\] must be below vocabularySize 1, received 1/,
  };

  test.each([...golden.skipgrams, ...golden.skipgrams_errors])('$name', (entry) => {
    const run = () =>
      skipgrams(entry.sequence, entry.vocabulary_size, camelCase(entry.kwargs) as SkipgramOptions);
    const message = deviations.of(entry.name) ?? THROWN[entry.name];
    if (message) expect(run).toThrow(message);
    else expect(run()).toEqual({ couples: entry.couples, labels: entry.labels });
  });

  test.each(golden.skipgrams_negative)('$kwargs.negative_samples negative samples', (entry) => {
    const { couples, labels } = skipgrams(entry.sequence, entry.vocabulary_size, {
      ...(camelCase(entry.kwargs) as SkipgramOptions),
      seed: 1,
    });
    expect(labels).toEqual(entry.labels);
    expect(couples.slice(0, entry.n_positive)).toEqual(entry.positive_couples);
    const negatives = couples.slice(entry.n_positive);
    expect(negatives).toHaveLength(entry.n_negative);
    const [lowest, highest] = entry.negative_context_range_inclusive;
    for (const [, context] of negatives) {
      expect(context).toBeGreaterThanOrEqual(lowest);
      expect(context).toBeLessThanOrEqual(highest);
    }
    if (entry.negative_target_words_sorted) {
      const targets = negatives.map(([word]) => word).sort((a, b) => a - b);
      expect(targets).toEqual(entry.negative_target_words_sorted);
    }
  });
});

describe('TimeseriesGenerator agrees with Keras', () => {
  const THROWN: Readonly<Record<string, RegExp>> = {
    err_lengths_differ: /must be equally long: data has 10 steps, targets 9/,
    err_too_long: /no window fits: startIndex \+ length is 10, endIndex is 9/,
    err_start_after_end: /no window fits: startIndex \+ length is 7, endIndex is 6/,
    err_negative_end: /endIndex must be a non-negative integer, received -1/,
    err_empty: /no window fits: startIndex \+ length is 1, endIndex is -1/,
  };

  test.each(golden.timeseries_generator)('$name', (entry) => {
    const make = () =>
      new TimeseriesGenerator(
        entry.data,
        entry.targets,
        camelCase(entry.kwargs) as unknown as TimeseriesOptions,
      );
    const asksPastTheEnd = entry.extra_batch_index !== undefined;
    const message = asksPastTheEnd ? undefined : (deviations.of(entry.name) ?? THROWN[entry.name]);
    if (message) {
      expect(make).toThrow(message);
      return;
    }
    const generator = make();
    expect(generator).toHaveLength(entry.len);
    expect(generator.startIndex).toBe(entry.start_index_attribute);
    expect(generator.endIndex).toBe(entry.end_index_attribute);
    entry.batches?.forEach((batch, index) => {
      if (index === entry.extra_batch_index) {
        expect(() => generator.get(index)).toThrow(deviations.of('past_the_end'));
      } else if ('x' in batch) {
        const { x, y } = generator.get(index);
        expectTensor(x, batch.x.shape, flat(batch.x.data));
        expectTensor(y, batch.y.shape, flat(batch.y.data));
      }
    });
  });
});

test('COMPATIBILITY.md tells of every difference', () => {
  expect(golden.skipgrams).toHaveLength(44);
  expect(golden.timeseries_generator).toHaveLength(54);
  deviations.expectAllDescribed();
});
