/**
 * The weights of samples in the loss, which `model.fit` of TensorFlow.js takes and refuses. Its step
 * of training knows them, as those of classes; here they are handed to it. Keras weighs the
 * validation samples that it sets aside as well, which TensorFlow.js has no place for.
 */
import { reject } from '../foundation/errors.js';
import { tf, type tfl } from '../foundation/tensorflow.js';
import { builtModel } from '../layers/model/run-graph.js';
import { type FitData, namedTensors } from './fit-data.js';

type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;
type Weights = (tf.Tensor | null)[];

/** What the types of a model hide. */
interface Compiled {
  loss: unknown;
  lossFunctions: Loss[];
  metricsTensors: [Loss, number][];
  testFunction(data: tf.Tensor[]): tf.Scalar[];
  makeTestFunction(): void;
  standardizeUserData(
    x: unknown,
    y: unknown,
    sampleWeight: FitData | null | undefined,
    classWeight: unknown,
    ...others: unknown[]
  ): Promise<[tf.Tensor[], tf.Tensor[], Weights | null]>;
}

/** Throws unless there is a finite weight for each sample, of outputs that the model has. */
export function requireSampleWeights(
  where: string,
  model: tfl.LayersModel,
  sampleWeight: FitData,
  samples: number,
): void {
  const remedy = 'Write tf.tensor1d(weights).';
  for (const [name, tensor] of namedTensors(where, 'sampleWeight', sampleWeight, remedy)) {
    if (tensor.shape[0] !== samples) {
      reject({
        where,
        expected: `${name} must have one weight for each of the ${samples} samples`,
        received: tensor.shape,
        see: 'wrong-shape',
      });
    }
    const values: ArrayLike<number | string> = tensor.dataSync();
    for (let i = 0; i < values.length; i++) {
      if (Number.isFinite(values[i])) continue;
      reject({
        where,
        expected: `${name} must hold finite numbers`,
        received: values[i],
        see: 'not-a-number',
      });
    }
  }
  if (sampleWeight instanceof tf.Tensor) return;
  const { outputNames } = builtModel(model);
  const given = Object.keys(sampleWeight);
  const known = Array.isArray(sampleWeight) ? [...outputNames.keys()].map(String) : outputNames;
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined && (!Array.isArray(sampleWeight) || given.length === known.length)) {
    return;
  }
  reject({
    where,
    expected: `sampleWeight must be a tensor, a list of ${outputNames.length}, or named by outputs of the model, which are ${outputNames.join(', ')}`,
    received: Array.isArray(sampleWeight) ? `a list of ${given.length}` : unknown,
  });
}

/**
 * Runs `fit`, which is to call `model.fit` with these weights as its `sampleWeight`.
 *
 * @param ofValidation Weights of `validationData`, if they have any.
 */
export async function withSampleWeights<Result>(
  where: string,
  model: tfl.LayersModel,
  ofValidation: FitData | undefined,
  fit: () => Promise<Result>,
): Promise<Result> {
  const built = builtModel(model);
  const compiled = built as unknown as Compiled;
  const { lossFunctions, metricsTensors } = compiled;
  const { standardizeUserData, makeTestFunction } = compiled;
  let batch: tf.Tensor[] | null = null; // weights of a batch of validation

  compiled.standardizeUserData = async (x, y, weights, classWeight, ...others) => {
    const [xs, ys, ofClasses] = await standardizeUserData.call(
      built,
      ...([x, y, null, classWeight, ...others] as const),
    );
    // Without weights, it is called for the validation data.
    const given = weights ?? ofValidation;
    if (given == null) return [xs, ys, ofClasses];
    const wanted = ys.map((labels, i) => weightsFor(where, built, given, labels, i));
    if (weights == null) return [xs, [...ys, ...wanted], ofClasses];
    const both = wanted.map((each, i) => {
      const ofClass = ofClasses?.[i];
      if (ofClass == null) return each;
      const product = tf.mul(each, withRank(ofClass, each.rank));
      tf.dispose([each, ofClass]);
      return product;
    });
    return [xs, ys, both];
  };

  compiled.makeTestFunction = () => {
    makeTestFunction.call(built);
    const test = compiled.testFunction;
    const count = built.inputs.length + built.outputs.length;
    compiled.testFunction = (data) => {
      batch = data.length > count ? data.slice(count) : null;
      try {
        return test(data.slice(0, count));
      } finally {
        batch = null;
      }
    };
  };

  const weighed = lossFunctions.map((loss, i): Loss => {
    return (yTrue, yPred) => {
      const losses = loss(yTrue, yPred);
      requireOneEach(where, losses, yPred);
      return batch ? tf.mul(losses, batch[i]!) : losses;
    };
  });
  compiled.lossFunctions = weighed;
  // With several outputs, their losses come first.
  compiled.metricsTensors = metricsTensors.map(([metric, output], i) =>
    weighed.length > 1 && i < weighed.length ? [weighed[i]!, output] : [metric, output],
  );
  try {
    return await fit();
  } finally {
    Object.assign(compiled, { lossFunctions, metricsTensors });
    for (const method of ['standardizeUserData', 'makeTestFunction']) {
      Reflect.deleteProperty(compiled, method);
    }
  }
}

/** The weights of an output as new tensor in the shape of its losses: [samples], or [samples, time, …]. */
function weightsFor(
  where: string,
  { outputNames, outputs }: tfl.LayersModel,
  given: FitData,
  labels: tf.Tensor,
  output: number,
): tf.Tensor {
  const name = outputNames[output]!;
  const key = Array.isArray(given) ? output : name;
  const weights = given instanceof tf.Tensor ? given : (given as Record<string, tf.Tensor>)[key];
  const shape = labels.shape.slice(0, outputs[output]!.shape.length - 1);
  return tf.tidy(() => {
    if (weights === undefined) return tf.ones(shape);
    const floats = tf.cast(weights, 'float32');
    const column = floats.rank === shape.length + 1 && floats.shape.at(-1) === 1;
    const fitting = column ? tf.squeeze(floats, [-1]) : floats;
    const fits = fitting.shape.every((size, axis) => size === shape[axis]);
    const perSample = fitting.rank === 1 || (fitting.rank === 2 && fitting.shape[1] === 1);
    if (fits && fitting.rank === shape.length) return tf.clone(fitting);
    if (fitting.shape[0] === shape[0] && perSample) {
      return tf.broadcastTo(withRank(tf.reshape(fitting, [shape[0]!]), shape.length), shape);
    }
    return reject({
      where,
      expected: `sampleWeight of the output ${name} must have the shape [${shape[0]}] or [${shape.join(', ')}]`,
      received: weights.shape,
      remedy: 'Give one weight for each sample, or one for each step of it.',
      see: 'wrong-shape',
    });
  });
}

/** Losses that a function has averaged already can be weighed no more. */
function requireOneEach(where: string, losses: tf.Tensor, yPred: tf.Tensor): void {
  if (tf.util.arraysEqual(losses.shape, yPred.shape.slice(0, -1))) return;
  reject({
    where,
    expected: 'with sampleWeight, a loss must return one value for each sample',
    received: losses.shape,
    remedy: "Name the loss, as in loss: 'meanSquaredError', or leave out its mean.",
    see: 'wrong-shape',
  });
}

function withRank(tensor: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(tensor, [...tensor.shape, ...new Array(rank - tensor.rank).fill(1)]);
}
