/**
 * One vector from all steps, weighted by a learned attention, and its gradient: by the kernels of dense
 * layers and of attention, or in operations of TensorFlow.js. The vector that is learned is the only
 * query of each sample.
 */
import { tf } from '../../foundation/tensorflow.js';
import { activationKernel } from '../../kernels/activations/activation.js';
import { attentionWeightsComposed, contextComposed } from '../../kernels/attention/composed.js';
import { attentionContext, attentionContextGradients } from '../../kernels/attention/context.js';
import { attentionWeights, attentionWeightsGradients } from '../../kernels/attention/weights.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { dense, denseComposed, denseGradients } from '../../kernels/dense/dense.js';
import { add } from '../../kernels/merging/elementwise.js';
import { sumSteps } from '../../kernels/merging/steps.js';

/** What is pooled, and the weights of the layer. */
export interface PoolingInputs {
  /** [batch, time, columns] */
  steps: tf.Tensor3D;
  /** bool [batch, time]: false for steps that do not count; null where all do */
  mask: tf.Tensor | null;
  /** [columns, units] */
  kernel: tf.Tensor2D;
  /** [units] */
  bias: tf.Tensor1D;
  /** [units] */
  query: tf.Tensor1D;
}

/** What comes back to each. */
export type PoolingGradients = Record<'steps' | 'kernel' | 'bias' | 'query', tf.Tensor>;

const SCORING = { score: 'dot', causal: false } as const;

/** [batch, columns], in operations that every backend has. */
export function poolComposed(inputs: PoolingInputs): tf.Tensor2D {
  const { rows, kernel, bias, queries, mask, counts, steps } = prepare(inputs);
  const key = keysOf(tf.tanh(denseComposed({ x: rows, kernel, bias }, false)), steps);
  const weights = attentionWeightsComposed({ query: queries, key, mask }, SCORING);
  return only(contextComposed({ weights, value: steps, mask: counts }));
}

/** [batch, columns] by kernels, and the gradients for a caller that is on no tape. */
export function poolByKernels(inputs: PoolingInputs): {
  pooled: tf.Tensor2D;
  gradients(dPooled: tf.Tensor): PoolingGradients;
} {
  const { rows, kernel, bias, queries, mask, counts, steps } = prepare(inputs);
  const tanh = activationKernel('tanh')!;
  const ofDense = { x: rows, kernel, bias };
  const product = dense(ofDense, false);
  const bent = tanh.apply(product) as tf.Tensor2D;
  const ofWeights = { query: queries, key: keysOf(bent, steps), mask };
  const weights = attentionWeights(ofWeights, SCORING);
  const ofContext = { weights, value: steps, mask: counts };
  return {
    pooled: only(attentionContext(ofContext)),
    gradients(dPooled) {
      const [batch, , columns] = steps.shape;
      const units = bias.shape[0];
      const dContext = tf.reshape(dPooled, [batch, 1, columns]);
      const back = attentionContextGradients(ofContext, dContext);
      const d = attentionWeightsGradients(ofWeights, SCORING, weights, back.weights);
      const dBent = tf.reshape(d.key, bent.shape);
      const ofRows = denseGradients(
        ofDense,
        false,
        product,
        tanh.gradient(dBent, bent) as tf.Tensor2D,
      );
      return {
        steps: add(back.value, tf.reshape(ofRows.x, steps.shape)),
        kernel: ofRows.kernel,
        bias: ofRows.bias,
        query: tf.reshape(sumSteps(tf.reshape(d.query, [1, batch, units])), [units]),
      };
    },
  };
}

/** What stands in the way of the kernels, as a part of a sentence, or null. */
export function obstacleOf({ steps }: PoolingInputs): string | null {
  return fusedObstacle() ?? (steps.size === 0 ? 'the input is empty' : null);
}

/** The same in the shapes that the kernels take. */
function prepare({ steps, mask, kernel, bias, query }: PoolingInputs) {
  const [batch, time, columns] = steps.shape;
  const rows = tf.reshape(steps, [batch * time, columns]) as tf.Tensor2D;
  const queries = tf.tile(tf.reshape(query, [1, 1, query.size]), [batch, 1, 1]) as tf.Tensor3D;
  // Of a sample without a step that counts, zeros come out.
  const counts = mask ? tf.any(mask, 1, true) : undefined;
  return { steps, rows, kernel, bias, queries, mask: mask ?? undefined, counts };
}

const keysOf = (rows: tf.Tensor2D, { shape: [batch, time] }: tf.Tensor3D) =>
  tf.reshape(rows, [batch, time, rows.shape[1]]) as tf.Tensor3D;

const only = (context: tf.Tensor3D) =>
  tf.reshape(context, [context.shape[0], context.shape[2]]) as tf.Tensor2D;
