/** The samples of a run: those it is trained on, and those that are set aside to evaluate it. */
import { reject } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { type FitData, mapTensors, namedTensors, requireSamples } from './fit-data.js';
import { warnOfSingleClass } from './labels.js';
import { isFraction } from './rows.js';

/** Samples, their labels, and their weights if they have any. */
export interface Samples {
  x: FitData;
  y: FitData;
  sampleWeight?: FitData;
}

/** The same arrangement of other tensors. */
export function mapSamples(
  { x, y, sampleWeight }: Samples,
  change: (tensor: tf.Tensor) => tf.Tensor,
): Samples {
  return {
    x: mapTensors(x, change),
    y: mapTensors(y, change),
    ...(sampleWeight && { sampleWeight: mapTensors(sampleWeight, change) }),
  };
}

/** Samples to train on, and those to evaluate. */
export interface Parts {
  training: Samples;
  samples: number;
  validationData: [FitData, FitData] | undefined;
  /** Weights of the samples that were set aside. */
  validationWeight?: FitData | undefined;
  /** Tensors made here, to dispose at the end. */
  owned: FitData[];
}

/** Sets the last samples aside where `validationSplit` says so, or checks `validationData`. */
export function setAside(
  where: string,
  whole: Samples,
  samples: number,
  options: { validationData?: [FitData, FitData]; validationSplit?: number },
): Parts {
  const { validationData, validationSplit } = options;
  if (validationData !== undefined) {
    if (!Array.isArray(validationData) || validationData.length !== 2) {
      reject({
        where,
        expected: 'validationData must be a pair [x, y] of tensors',
        received: validationData,
      });
    }
    const [xVal, yVal] = validationData;
    requireSamples(where, ['validationData[0]', xVal], ['validationData[1]', yVal]);
    return { training: whole, samples, validationData, owned: [] };
  }
  if (validationSplit === undefined) return { training: whole, samples, validationData, owned: [] };

  const splitAt = Math.floor(samples * (1 - validationSplit));
  if (!isFraction(validationSplit) || splitAt === 0 || splitAt === samples) {
    reject({
      where,
      expected: `validationSplit must be between 0 and 1 and leave no part of the ${samples} samples empty`,
      received: validationSplit,
      see: 'uneven-data',
    });
  }
  const first = (tensor: tf.Tensor) => tf.slice(tensor, 0, splitAt);
  const last = (tensor: tf.Tensor) => tf.slice(tensor, splitAt);
  const training = mapSamples(whole, first);
  const validation = mapSamples(whole, last);
  const remedy =
    'validationSplit takes the last samples as they stand. Use splitValidation, which mixes them ' +
    'first, and pass its parts as x, y and validationData.';
  warnOfLabels(where, 'training', training.y, remedy);
  warnOfLabels(where, 'validation', validation.y, remedy);
  return {
    training,
    samples: splitAt,
    validationData: [validation.x, validation.y],
    validationWeight: validation.sampleWeight,
    owned: [...Object.values(training), ...Object.values(validation)],
  };
}

function warnOfLabels(
  where: string,
  part: 'training' | 'validation',
  y: FitData,
  remedy: string,
): void {
  for (const [, tensor] of namedTensors(where, 'y', y))
    warnOfSingleClass(where, part, tensor, remedy);
}
