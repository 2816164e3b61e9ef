/**
 * Attention weights, the softmax of scores, and the gradient of that. What would be
 * [batch, queries, keys, width] in operations of TensorFlow.js is held nowhere. Source:
 * assembly/attention/weights.ts; twin: `attentionWeightsComposed`.
 */
import { tf } from '../../foundation/tensorflow.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import type { Scoring, WeightsInputs } from './composed.js';
import { forward, run } from './weights-jobs.js';

const BACKWARD = 'RecurrentAttentionWeightsGradient';

type Learned = 'scale' | 'factors';

// By several names, since TensorFlow.js saves inputs for the gradient by a list of those that are there.
const FORWARD: readonly { name: string; learned: readonly Learned[] }[] = [
  { name: 'RecurrentAttentionWeights', learned: [] },
  { name: 'RecurrentAttentionWeightsScaled', learned: ['scale'] },
  { name: 'RecurrentAttentionWeightsFactored', learned: ['factors'] },
  { name: 'RecurrentAttentionWeightsScaledFactored', learned: ['scale', 'factors'] },
];

/** Softmax of the scores over the keys: [batch, queries, keys]. */
export function attentionWeights(
  { query, key, mask, ...others }: WeightsInputs,
  scoring: Scoring,
): tf.Tensor3D {
  register();
  const { name, learned } = FORWARD.find((one) =>
    (['scale', 'factors'] as const).every(
      (each) => one.learned.includes(each) === (others[each] !== undefined),
    ),
  )!;
  const inputs = {
    query: asFloats(query),
    key: asFloats(key),
    ...Object.fromEntries(learned.map((each) => [each, others[each]!])),
    ...(mask && { mask }),
  };
  return runKernel<tf.Tensor3D>(name, inputs, { ...scoring, maskShape: mask?.shape ?? null });
}

/** What comes back to each of the inputs. */
export type WeightsGradients = Record<'query' | 'key' | Learned, tf.Tensor>;

/**
 * What comes back from `dWeights`, the gradient of what {@link attentionWeights} returned as `weights`;
 * of scale and factors only where there are some.
 */
export function attentionWeightsGradients(
  { query, key, scale, factors }: WeightsInputs,
  { score }: Pick<Scoring, 'score'>,
  weights: tf.Tensor,
  dWeights: tf.Tensor,
): Partial<WeightsGradients> & Pick<WeightsGradients, 'query' | 'key'> {
  register();
  const inputs = {
    ...{ query: asFloats(query), key: asFloats(key), weights, dWeights },
    ...(scale && { scale }),
    ...(factors && { factors }),
  };
  const [dQuery, dKey, ...others] = runKernel<tf.Tensor[]>(BACKWARD, inputs, { score });
  return {
    query: dQuery!,
    key: dKey!,
    ...(scale && { scale: others[0]! }),
    ...(factors && { factors: others.at(-1)! }),
  };
}

interface Attributes extends Scoring {
  maskShape: number[] | null;
}

const register = registerKernels({
  kernels: {
    ...Object.fromEntries(FORWARD.map(({ name }) => [name, forward])),
    [BACKWARD]: backward,
  },
  gradients: [
    ...FORWARD.map(({ name, learned }) => ({
      kernelName: name,
      inputsToSave: ['query', 'key', ...learned],
      outputsToSave: [true],
      gradFunc: gradientOf(learned),
    })),
    {
      kernelName: BACKWARD,
      gradFunc: () =>
        rejectSecondDerivative('attentionWeights', "build the layer with kernel: 'composed'"),
    },
  ],
});

function gradientOf(learned: readonly Learned[]): tf.GradFunc {
  return (dy, [query, key, ...saved], attributes) => {
    const { maskShape, ...scoring } = attributes as unknown as Attributes;
    const others = Object.fromEntries(learned.map((name, i) => [name, saved[i]!]));
    const inputs = { query, key, ...others } as WeightsInputs;
    const d = attentionWeightsGradients(inputs, scoring, saved.at(-1)!, dy as tf.Tensor);
    const gradients = Object.entries(d).map(([name, value]) => [name, () => value]);
    return {
      ...Object.fromEntries(gradients),
      ...(maskShape && { mask: () => tf.zeros(maskShape) }),
    };
  };
}

type Inputs = Record<string, tf.TensorInfo>;

function backward(
  call: KernelCall,
  inputs: Inputs,
  { score }: Pick<Scoring, 'score'>,
): tf.TensorInfo[] {
  const dQuery = call.output(inputs.query!.shape);
  const dKey = call.output(inputs.key!.shape);
  const out = {
    weights: call.input(inputs.weights),
    dWeights: call.input(inputs.dWeights),
    dQuery: dQuery.address,
    dKey: dKey.address,
  };
  const { scale, factors } = inputs;
  const sums = run(call, 'attentionWeightsBackward', inputs, { score, causal: false }, out);
  const learned: tf.TensorInfo[] = [];
  if (scale) learned.push(call.outputOf(total(call, sums, 0, 1), []));
  if (factors) {
    const ofAll = total(call, sums, 4, inputs.query!.shape[2]!);
    const isOne = tf.util.sizeFromShape(factors.shape) === 1;
    const values = isOne ? Float32Array.of(ofAll.reduce((sum, d) => sum + d, 0)) : ofAll;
    learned.push(call.outputOf(values, factors.shape));
  }
  return [dQuery.tensor, dKey.tensor, ...learned];
}

/** What all shards have summed up, in their order, so that the result is the same to the bit. */
function total(
  call: KernelCall,
  addresses: readonly number[],
  from: number,
  count: number,
): Float32Array {
  call.runtime.finish();
  const sums = new Float64Array(count);
  for (const address of addresses) {
    const own = call.runtime.memory.floats(address + 4 * from, count);
    for (let i = 0; i < count; i++) sums[i] = sums[i]! + own[i]!;
  }
  return Float32Array.from(sums);
}
