/**
 * Losses as Keras computes them, where TensorFlow.js has none or another one. Each gives a loss for
 * every sample or step. Source: keras/src/losses/losses.py of Keras 3.15.
 */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';

/** The loss of each sample or step. */
export type Loss = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** As in TensorFlow.js and Keras. */
const EPSILON = 1e-7;

const clipped = (probabilities: tf.Tensor) => tf.clipByValue(probabilities, EPSILON, 1 - EPSILON);
const meanOfLast = (x: tf.Tensor) => tf.mean(x, -1);

/** A loss of labels in the shape of the output: any other would be broadcast without a word. */
const ofSameShape =
  (loss: Loss): Loss =>
  (yTrue, yPred) => {
    requireShape(yTrue, yPred.shape);
    return tf.tidy(() => loss(tf.cast(yTrue, 'float32'), yPred));
  };

/** Rejects labels of any other shape than is expected. */
export function requireShape(
  { shape }: tf.Tensor,
  expected: readonly number[],
  where: 'loss' | 'metric' = 'loss',
): void {
  if (tf.util.arraysEqual(shape, expected as number[])) return;
  reject({
    where,
    expected: `labels must have the shape [${expected.join(', ')}] of what the model returns`,
    received: shape,
    see: 'wrong-shape',
  });
}

/** Half the square of an error up to `delta`, and linear beyond. */
export function huber(delta: number): Loss {
  return ofSameShape((yTrue, yPred) => {
    const error = tf.abs(tf.sub(yPred, yTrue));
    const small = tf.minimum(error, delta);
    // small² / 2 + delta · (error - small)
    return meanOfLast(tf.add(tf.mul(0.5, tf.square(small)), tf.mul(delta, tf.sub(error, small))));
  });
}

/** How predictions and labels of a crossentropy are written. */
export interface CrossentropySettings {
  /** Whether predictions are logits and no probabilities. */
  fromLogits: boolean;
  /** How far labels are moved from 0 and 1. */
  labelSmoothing: number;
}

/** Of labels of 0 and 1, for outputs that are independent of each other. */
export function binaryCrossentropy({ fromLogits, labelSmoothing }: CrossentropySettings): Loss {
  return ofSameShape((yTrue, yPred) => {
    const labels = tf.add(tf.mul(yTrue, 1 - labelSmoothing), labelSmoothing / 2);
    // Its gradient is right at a logit of 0 too, where that of relu and abs is not.
    if (fromLogits) return meanOfLast(tf.sub(tf.softplus(yPred), tf.mul(labels, yPred)));
    const probabilities = clipped(yPred);
    const right = tf.mul(labels, tf.log(probabilities));
    const wrong = tf.mul(tf.sub(1, labels), tf.log(tf.sub(1, probabilities)));
    return meanOfLast(tf.neg(tf.add(right, wrong)));
  });
}

/** Of labels that are one-hot. */
export function categoricalCrossentropy(settings: CrossentropySettings): Loss {
  const { fromLogits, labelSmoothing } = settings;
  return ofSameShape((yTrue, yPred) => {
    const smooth = labelSmoothing / yPred.shape.at(-1)!;
    const labels = tf.add(tf.mul(yTrue, 1 - labelSmoothing), smooth);
    return tf.neg(tf.sum(tf.mul(labels, logOf(yPred, fromLogits)), -1));
  });
}

/** Of labels that are numbers of classes. */
export function sparseCategoricalCrossentropy(fromLogits: boolean): Loss {
  return (yTrue, yPred) =>
    tf.tidy(() => {
      const { shape } = yPred;
      const steps = shape.slice(0, -1);
      // With an axis of one value behind, or without.
      if (yTrue.shape.at(-1) === 1) requireShape(yTrue, [...steps, 1]);
      else requireShape(yTrue, steps);
      const classes = tf.cast(tf.reshape(yTrue, [yTrue.size]), 'int32');
      const labels = tf.reshape(tf.oneHot(classes, shape.at(-1)!), shape);
      return tf.neg(tf.sum(tf.mul(tf.cast(labels, 'float32'), logOf(yPred, fromLogits)), -1));
    });
}

/** The logarithm of the probability of each class. */
function logOf(yPred: tf.Tensor, fromLogits: boolean): tf.Tensor {
  if (fromLogits) return tf.logSoftmax(yPred, -1);
  return tf.log(clipped(tf.div(yPred, tf.sum(yPred, -1, true))));
}

/** 0 where the prediction has the sign of the label and is at least 1. */
export const hinge = ofSameShape((yTrue, yPred) => meanOfLast(missing(yTrue, yPred)));

export const squaredHinge = ofSameShape((yTrue, yPred) =>
  meanOfLast(tf.square(missing(yTrue, yPred))),
);

/** What is missing to 1. Labels of 0 and 1 stand for -1 and 1, as in TensorFlow's Keras and Keras 3. */
function missing(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
  const isBinary = tf.all(tf.logicalOr(tf.equal(yTrue, 0), tf.equal(yTrue, 1)));
  const labels = tf.where(isBinary, tf.sub(tf.mul(2, yTrue), 1), yTrue);
  return tf.relu(tf.sub(1, tf.mul(labels, yPred)));
}

export const categoricalHinge = ofSameShape((yTrue, yPred) => {
  const positive = tf.sum(tf.mul(yTrue, yPred), -1);
  const negative = tf.max(tf.mul(tf.sub(1, yTrue), yPred), -1);
  return tf.relu(tf.add(1, tf.sub(negative, positive)));
});

export const meanSquaredLogarithmicError = ofSameShape((yTrue, yPred) => {
  const logOfOneMore = (x: tf.Tensor) => tf.log(tf.add(1, tf.maximum(x, EPSILON)));
  return meanOfLast(tf.square(tf.sub(logOfOneMore(yPred), logOfOneMore(yTrue))));
});

export const logCosh = ofSameShape((yTrue, yPred) => {
  const error = tf.sub(yPred, yTrue);
  return meanOfLast(tf.sub(tf.add(error, tf.softplus(tf.mul(-2, error))), Math.LN2));
});

export const klDivergence = ofSameShape((yTrue, yPred) => {
  const [labels, predictions] = [yTrue, yPred].map((x) => tf.clipByValue(x, EPSILON, 1)) as [
    tf.Tensor,
    tf.Tensor,
  ];
  return tf.sum(tf.mul(labels, tf.log(tf.div(labels, predictions))), -1);
});

export const poisson = ofSameShape((yTrue, yPred) =>
  meanOfLast(tf.sub(yPred, tf.mul(yTrue, tf.log(tf.add(yPred, EPSILON))))),
);

/** The cosine of the angle between labels and predictions: 1 for the same direction. */
export const cosineSimilarity = ofSameShape((yTrue, yPred) => {
  const unit = (x: tf.Tensor) => {
    const square = tf.sum(tf.square(x), -1, true);
    return tf.div(x, tf.sqrt(tf.maximum(square, EPSILON ** 2)));
  };
  return tf.sum(tf.mul(unit(yTrue), unit(yPred)), -1);
});

/** The negative of a loss. */
export function negative(loss: Loss): Loss {
  return (yTrue, yPred) => tf.tidy(() => tf.neg(loss(yTrue, yPred)));
}

/** A loss that is summed over samples and steps where others are averaged. */
export function summed(loss: Loss): Loss {
  return (yTrue, yPred) =>
    tf.tidy(() => {
      const losses = loss(yTrue, yPred);
      return tf.mul(losses.size, losses);
    });
}
