/** Cases for the fused recurrent layers and their twins, and how to run both on one. */
import { tf } from '../../../src/foundation/tensorflow.js';
import type { Cell, CellActivations } from '../../../src/kernels/recurrent/cell.js';
import { GRU, GRU_RESET_AFTER } from '../../../src/kernels/recurrent/cells/gru.js';
import { LSTM } from '../../../src/kernels/recurrent/cells/lstm.js';
import { MIN_GRU } from '../../../src/kernels/recurrent/cells/min-gru.js';
import { PEEPHOLE_LSTM } from '../../../src/kernels/recurrent/cells/peephole-lstm.js';
import { SIMPLE_RNN } from '../../../src/kernels/recurrent/cells/simple-rnn.js';
import { hasRecurrentKernel } from '../../../src/kernels/recurrent/cell-kernels.js';
import { composed } from '../../../src/kernels/recurrent/composed.js';
import type { RecurrentInputs, RecurrentOutputs } from '../../../src/kernels/recurrent/inputs.js';
import { recurrent } from '../../../src/kernels/recurrent/recurrent.js';
import { generator, inTidy, uniform } from '../kernels.js';

type Output = 'sequence' | 'h' | 'c';

export interface RecurrentCase {
  cell: Cell;
  batch: number;
  time: number;
  inputs: number;
  units: number;
  bias: boolean;
  /** Of the cell: which activations. */
  setting: number;
  initialStates: boolean;
  goBackwards: boolean;
  /** Steps that count, [batch][time]. */
  mask: 'none' | 'random' | 'leading' | 'trailing' | 'no step of one row';
  /** The outputs through which the gradient comes back. */
  loss: readonly Output[];
  /** The fraction of the inputs that the layer drops, and of h. */
  dropout: number;
  recurrentDropout: number;
}

export const CELLS: readonly Cell[] = [
  LSTM,
  GRU,
  GRU_RESET_AFTER,
  SIMPLE_RNN,
  MIN_GRU,
  PEEPHOLE_LSTM,
];
export const EACH_CELL = CELLS.map((cell) => [cell.name, cell] as const);

const hardSigmoid = (x: tf.Tensor) => tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1);
const GATED: CellActivations[] = [tf.sigmoid, hardSigmoid].map((recurrentActivation) => ({
  activation: tf.tanh,
  recurrentActivation,
}));
const SIMPLE: CellActivations[] = [tf.tanh, tf.relu, (x: tf.Tensor) => x].map((activation) => ({
  activation,
  recurrentActivation: tf.sigmoid, // has no part in it
}));

/** The activations that the settings of a cell stand for. */
export function activationsOf(cell: Cell): CellActivations[] {
  if (cell === MIN_GRU) return GATED.slice(0, 1); // neither has a part in it
  return cell === SIMPLE_RNN ? SIMPLE : GATED;
}

/** Its settings that keep states within what its sums and gates are. */
export const boundedSettings = (cell: Cell) =>
  cell === SIMPLE_RNN || cell === MIN_GRU ? [0] : [0, 1];

const MASKS = ['none', 'random', 'leading', 'trailing', 'no step of one row'] as const;
const RATES = [0, 0, 0.3, 1];
const LOSSES = {
  1: [['h'], ['sequence'], ['sequence', 'h']],
  2: [['h'], ['c'], ['sequence'], ['sequence', 'h', 'c']],
} as const;

/** Every output of a cell. */
export const outputsOf = (cell: Cell): readonly Output[] => LOSSES[cell.states].at(-1)!;

/** A case of the given sizes; the seed decides everything else. */
export function drawCase(
  sizes: [number, number, number, number],
  seed: number,
  cell: Cell = LSTM,
): RecurrentCase {
  const random = generator(seed);
  const coin = () => random() < 0.5;
  const [batch, time, inputs, units] = sizes;
  const losses = LOSSES[cell.states];
  return {
    ...{ cell, batch, time, inputs, units, bias: coin() },
    setting: Math.floor(random() * activationsOf(cell).length),
    ...{ initialStates: coin(), goBackwards: coin() },
    mask: MASKS[seed % MASKS.length]!,
    loss: losses[Math.floor(random() * losses.length)]!,
    dropout: RATES[Math.floor(random() * RATES.length)]!,
    recurrentDropout: RATES[Math.floor(random() * RATES.length)]!,
  };
}

export function title({ cell, ...golden }: RecurrentCase): string {
  const { batch, time, inputs, units, mask, loss, setting, ...others } = golden;
  const { dropout, recurrentDropout, ...flags } = others;
  const set = Object.entries(flags).flatMap(([name, on]) => (on ? [name] : []));
  const settings = [...set, ...(mask === 'none' ? [] : [`mask: ${mask}`])];
  return `${cell.name} ${setting}: ${batch}×${time}×${inputs} → ${units}, gradient of ${loss.join(' + ')}; ${settings.join(', ') || 'plain'}; drops ${dropout} and ${recurrentDropout}`;
}

/** The tensors of a case, weights within ±`size`; to be called in a tidy. */
export function drawInputs(golden: RecurrentCase, size = 1): RecurrentInputs {
  const { cell, batch, time, inputs, units } = golden;
  const random = generator(batch + 131 * time + 17 * inputs + 257 * units);
  const width = cell.blocks * units;
  return {
    x: uniform<tf.Rank.R3>([batch, time, inputs], random),
    kernel: uniform<tf.Rank.R2>([inputs, width], random, size),
    recurrentKernel: hasRecurrentKernel(cell)
      ? uniform<tf.Rank.R2>([units, width], random, size / Math.sqrt(units))
      : undefined,
    bias: golden.bias ? uniform(biasShape(cell, units), random, size) : undefined,
    // They meet c, and where they are large, any rounding grows from step to step.
    vectors:
      cell.vectors > 0
        ? uniform<tf.Rank.R2>([cell.vectors, units], random, Math.min(size, 1) / 2)
        : undefined,
    initialH: golden.initialStates ? uniform<tf.Rank.R2>([batch, units], random) : undefined,
    initialC:
      golden.initialStates && cell.states === 2
        ? uniform<tf.Rank.R2>([batch, units], random, 2)
        : undefined,
    mask: drawMask(golden, random),
  };
}

export const biasShape = (cell: Cell, units: number) =>
  cell === GRU_RESET_AFTER ? [2, cell.blocks * units] : [cell.blocks * units];

function drawMask(
  { batch, time, mask }: RecurrentCase,
  random: () => number,
): tf.Tensor2D | undefined {
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
  settings: Parameters<typeof forward>[1] & Pick<RecurrentCase, 'loss'>,
  inputs: RecurrentInputs,
): Record<string, Float32Array> {
  return inTidy(() => {
    const outputs = forward(kind, settings, inputs);
    const results: Record<string, tf.Tensor> = Object.fromEntries(
      outputsOf(settings.cell).map((name) => [name, outputs[name]!]),
    );
    const { mask, ...differentiable } = inputs;
    const given = Object.entries(differentiable).filter(([, tensor]) => tensor !== undefined);
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      const named = Object.fromEntries(tensors.map((tensor, i) => [given[i]![0], tensor]));
      return lossOf(settings.loss, forward(kind, settings, { ...named, mask } as RecurrentInputs));
    })(given.map(([, tensor]) => tensor as tf.Tensor));
    gradients.forEach((gradient, i) => {
      results[`gradient of ${given[i]![0]}`] = gradient;
    });
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, tensor.dataSync<'float32'>().slice()]),
    );
  });
}

export function forward(
  kind: 'fused' | 'composed',
  golden: Pick<RecurrentCase, 'cell' | 'goBackwards' | 'setting' | 'dropout' | 'recurrentDropout'>,
  inputs: RecurrentInputs,
): RecurrentOutputs {
  const { cell, goBackwards, setting } = golden;
  const dropping = (rate: number, seed: number) => (rate > 0 ? { rate, seed } : null);
  const settings = {
    ...{ goBackwards, returnSequences: true },
    dropout: dropping(golden.dropout, 11),
    recurrentDropout: dropping(golden.recurrentDropout, 12),
  };
  return kind === 'fused'
    ? recurrent(cell, inputs, { ...settings, setting })
    : composed(cell, inputs, { ...settings, ...activationsOf(cell)[setting]! });
}

/** A sum in which every value of every chosen output has a weight of its own. */
function lossOf(loss: RecurrentCase['loss'], outputs: RecurrentOutputs): tf.Scalar {
  const terms = loss.map((name, i) => {
    const output = outputs[name]!;
    return tf.sum(tf.mul(output, uniform(output.shape as number[], generator(50 + i))));
  });
  return tf.addN(terms) as tf.Scalar;
}
