/** Cases for the fused LSTM and its twin, and how to run both on one. */
import { tf } from '../../../src/foundation/tensorflow.js';
import type { LstmInputs, LstmOutputs } from '../../../src/kernels/recurrent/lstm-inputs.js';
import { lstm } from '../../../src/kernels/recurrent/lstm.js';
import { lstmComposed } from '../../../src/kernels/recurrent/lstm-composed.js';
import { generator, inTidy, uniform } from '../kernels.js';

type Output = 'sequence' | 'h' | 'c';

export interface LstmCase {
  batch: number;
  time: number;
  inputs: number;
  units: number;
  bias: boolean;
  hardSigmoid: boolean;
  initialStates: boolean;
  goBackwards: boolean;
  /** Steps that count, [batch][time]. */
  mask: 'none' | 'random' | 'leading' | 'trailing' | 'no step of one row';
  /** The outputs through which the gradient comes back. */
  loss: readonly Output[];
}

const MASKS = ['none', 'random', 'leading', 'trailing', 'no step of one row'] as const;
const LOSSES = [['h'], ['c'], ['sequence'], ['sequence', 'h', 'c']] as const;

/** A case of the given sizes; the seed decides everything else. */
export function drawCase(sizes: [number, number, number, number], seed: number): LstmCase {
  const random = generator(seed);
  const coin = () => random() < 0.5;
  const [batch, time, inputs, units] = sizes;
  return {
    ...{ batch, time, inputs, units },
    ...{ bias: coin(), hardSigmoid: coin(), initialStates: coin(), goBackwards: coin() },
    mask: MASKS[seed % MASKS.length]!,
    loss: LOSSES[Math.floor(random() * LOSSES.length)]!,
  };
}

export function title({ batch, time, inputs, units, mask, loss, ...flags }: LstmCase): string {
  const set = Object.entries(flags).flatMap(([name, on]) => (on ? [name] : []));
  const settings = [...set, ...(mask === 'none' ? [] : [`mask: ${mask}`])];
  return `${batch}×${time}×${inputs} → ${units}, gradient of ${loss.join(' + ')}; ${settings.join(', ') || 'plain'}`;
}

/** The tensors of a case, weights within ±`size`; to be called in a tidy. */
export function drawInputs(golden: LstmCase, size = 1): LstmInputs {
  const { batch, time, inputs, units } = golden;
  const random = generator(batch + 131 * time + 17 * inputs + 257 * units);
  return {
    x: uniform<tf.Rank.R3>([batch, time, inputs], random),
    kernel: uniform<tf.Rank.R2>([inputs, 4 * units], random, size),
    recurrentKernel: uniform<tf.Rank.R2>([units, 4 * units], random, size / Math.sqrt(units)),
    bias: golden.bias ? uniform<tf.Rank.R1>([4 * units], random, size) : undefined,
    initialH: golden.initialStates ? uniform<tf.Rank.R2>([batch, units], random) : undefined,
    initialC: golden.initialStates ? uniform<tf.Rank.R2>([batch, units], random, 2) : undefined,
    mask: drawMask(golden, random),
  };
}

function drawMask({ batch, time, mask }: LstmCase, random: () => number): tf.Tensor2D | undefined {
  if (mask === 'none') return undefined;
  const rows = Array.from({ length: batch }, (_, row) => {
    const padding = Math.floor(random() * time);
    return Array.from({ length: time }, (_, step) => {
      if (mask === 'leading') return step >= padding;
      if (mask === 'trailing') return step < time - padding;
      if (mask === 'no step of one row' && row === batch - 1) return false;
      return random() < 0.6;
    });
  });
  return tf.tensor2d(rows, [batch, time], 'bool');
}

/** Runs the fused kernel or its twin: outputs, and gradients of everything but the mask. */
export function run(
  kind: 'fused' | 'composed',
  settings: Pick<LstmCase, 'goBackwards' | 'hardSigmoid' | 'loss'>,
  inputs: LstmInputs,
): Record<string, Float32Array> {
  return inTidy(() => {
    const outputs = forward(kind, settings, inputs);
    const results: Record<string, tf.Tensor> = {
      ...{ sequence: outputs.sequence!, h: outputs.h, c: outputs.c },
    };
    const { mask, ...differentiable } = inputs;
    const given = Object.entries(differentiable).filter(([, tensor]) => tensor !== undefined);
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      const named = Object.fromEntries(tensors.map((tensor, i) => [given[i]![0], tensor]));
      return lossOf(settings.loss, forward(kind, settings, { ...named, mask } as LstmInputs));
    })(given.map(([, tensor]) => tensor as tf.Tensor));
    gradients.forEach((gradient, i) => {
      results[`gradient of ${given[i]![0]}`] = gradient;
    });
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.dataSync<'float32'>().slice()]),
    );
  });
}

function forward(
  kind: 'fused' | 'composed',
  { goBackwards, hardSigmoid }: Pick<LstmCase, 'goBackwards' | 'hardSigmoid'>,
  inputs: LstmInputs,
): LstmOutputs {
  if (kind === 'fused') return lstm(inputs, { goBackwards, hardSigmoid, returnSequences: true });
  return lstmComposed(inputs, {
    ...{ goBackwards, returnSequences: true, activation: tf.tanh },
    recurrentActivation: hardSigmoid
      ? (x) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1)
      : tf.sigmoid,
  });
}

/** A sum in which every value of every chosen output has a weight of its own. */
function lossOf(loss: LstmCase['loss'], outputs: LstmOutputs): tf.Scalar {
  const terms = loss.map((name, i) => {
    const output = outputs[name]!;
    return tf.sum(tf.mul(output, uniform(output.shape as number[], generator(50 + i))));
  });
  return tf.addN(terms) as tf.Scalar;
}
