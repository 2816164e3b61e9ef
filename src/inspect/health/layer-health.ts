/** What is measured of a recurrent layer: its gates, states and units over samples and steps. */
import type { tf, tfl } from '../../foundation/tensorflow.js';
import type { StockCell } from '../../layers/stock.js';
import type { Direction } from '../trace/traced-layer.js';
import {
  type GruTrace,
  type LstmTrace,
  type RecurrentTrace,
  traceGru,
  traceLstm,
  traceSimpleRnn,
} from '../trace/traces.js';

/** A gate, over all samples, steps and units. */
export interface GateHealth {
  mean: number;
  /** The share of values below 0.05. */
  closed: number;
  /** The share of values above 0.95. */
  open: number;
}

/** A layer, or a direction of a bidirectional one. Steps are in the order of the input. */
export interface LayerHealth {
  layer: string;
  /** Null for a layer that reads in one direction. */
  direction: Direction | null;
  cell: TracedCell;
  units: number;
  /** By the names that a trace gives them: `forgetGate`. None for a SimpleRNN. */
  gates: Record<string, GateHealth>;
  /** The share of states with |h| > 0.95, of a SimpleRNN with tanh; null for others. */
  saturatedStates: number | null;
  /** The units whose |h| stays below 1e-6 in every sample and step. */
  deadUnits: number[];
  /**
   * Of each unit, for how many steps it keeps what it has, 1 / (1 - mean of its gate): the forget gate of an
   * LSTM, the update gate of a GRU. Null for a SimpleRNN.
   */
  memory: Float32Array | null;
  /** The mean over the samples of the L2 norm of h at each step; NaN where all are masked. */
  stateNorms: Float32Array;
  /** And of c, of an LSTM. */
  cellNorms: Float32Array | null;
  /** The norm of the state (of c, where there is one) behind the last step by that behind the middle one. */
  stateGrowth: number;
  /** Whether every state and gradient is a finite number. */
  finite: boolean;
  /** What `gradientNorms` returns for the layer; null without labels. */
  gradientNorms: Float32Array | null;
  /** The gradient's norm at the first step that the layer reads, by that at the last one. */
  gradientRatio: number | null;
}

/** A cell that has a trace. */
export type TracedCell = 'LSTM' | 'GRU' | 'SimpleRNN';

type Given = tf.Tensor | tf.Tensor[];

/** The bounds of gates that are closed, and open. */
export const [CLOSED, OPEN] = [0.05, 0.95];
const DEAD = 1e-6;

const TRACES = { LSTM: traceLstm, GRU: traceGru, SimpleRNN: traceSimpleRnn };
const GATES: Record<TracedCell, readonly string[]> = {
  LSTM: ['inputGate', 'forgetGate', 'outputGate'],
  GRU: ['updateGate', 'resetGate'],
  SimpleRNN: [],
};
// The gate whose value is the share of the state that stays.
const KEEPS: Record<TracedCell, string | null> = {
  LSTM: 'forgetGate',
  GRU: 'updateGate',
  SimpleRNN: null,
};

/** Which trace a layer has, or null. */
export function tracedCell(layer: tfl.layers.Layer): TracedCell | null {
  const inner = (layer as { forwardLayer?: tfl.layers.Layer }).forwardLayer ?? layer;
  const name = inner.getClassName();
  if (name === 'MinGRU' || name === 'PeepholeLSTM') return null;
  const cell = (inner as tfl.RNN).cell?.getClassName().replace(/Cell$/, '') ?? '';
  return cell in TRACES ? (cell as TracedCell) : null;
}

/** Measures a layer of a model by its trace; inside `tf.tidy`. */
export function measureLayer(
  model: tfl.LayersModel,
  x: Given,
  layer: tfl.layers.Layer,
  direction: Direction | null,
): Omit<LayerHealth, 'gradientNorms' | 'gradientRatio'> {
  const cell = tracedCell(layer)!;
  const options = { layer: layer.name, ...(direction && { direction }) };
  const trace = TRACES[cell](model, x, options) as RecurrentTrace & Partial<LstmTrace & GruTrace>;
  const { hiddenState, cellState, mask } = trace;
  const units = hiddenState.shape[2];
  const counts = mask?.dataSync();
  const isKept = (i: number) => counts?.[Math.floor(i / units)] !== 0;
  const valuesOf = (name: string) =>
    (trace as unknown as Record<string, tf.Tensor>)[name]!.dataSync() as Float32Array;
  const h = hiddenState.dataSync() as Float32Array;
  const keeps = KEEPS[cell];
  const inner = (layer as { forwardLayer?: tfl.layers.Layer }).forwardLayer ?? layer;
  const { activation } = (inner as tfl.RNN).cell as unknown as StockCell;
  const stateNorms = normsOfSteps(hiddenState, isKept);
  const cellNorms = cellState ? normsOfSteps(cellState, isKept) : null;
  const isTanh = cell === 'SimpleRNN' && activation.getClassName() === 'tanh';
  const shareOf = (values: Float32Array, holds: (value: number) => boolean) => {
    const kept = values.filter((_, i) => isKept(i));
    return kept.filter(holds).length / kept.length;
  };
  return {
    ...{ layer: layer.name, direction, cell, units },
    gates: Object.fromEntries(
      GATES[cell].map((name) => {
        const values = valuesOf(name);
        const kept = values.filter((_, i) => isKept(i));
        const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
        const closed = shareOf(values, (value) => value < CLOSED);
        return [name, { mean, closed, open: shareOf(values, (value) => value > OPEN) }];
      }),
    ),
    saturatedStates: isTanh ? shareOf(h, (value) => Math.abs(value) > OPEN) : null,
    deadUnits: deadUnits(h, units, isKept),
    memory: keeps ? memoryOf(valuesOf(keeps), units, isKept) : null,
    ...{ stateNorms, cellNorms },
    stateGrowth: growthOf(inReadingOrder(cellNorms ?? stateNorms, layer, direction)),
    finite: h.every((value, i) => !isKept(i) || Number.isFinite(value)),
  };
}

/** The norms of the steps that count, as the layer reads them. */
export function inReadingOrder(
  norms: Float32Array,
  layer: tfl.layers.Layer,
  direction: Direction | null,
): number[] {
  const both = layer as Partial<Record<'forwardLayer' | 'backwardLayer', tfl.layers.Layer>>;
  const run = direction === null ? layer : both[`${direction}Layer`]!;
  const { goBackwards } = run as unknown as { goBackwards: boolean };
  const kept = Array.from(norms).filter((norm) => !Number.isNaN(norm));
  return goBackwards ? kept.reverse() : kept;
}

function growthOf(norms: readonly number[]): number {
  return (norms.at(-1) ?? 0) / (norms[Math.floor(norms.length / 2)] ?? 0) || 0;
}

function deadUnits(h: Float32Array, units: number, isKept: (i: number) => boolean): number[] {
  const isAlive = new Array<boolean>(units).fill(false);
  h.forEach((value, i) => {
    // What is no number is not dead, but worse.
    if (isKept(i) && !(Math.abs(value) < DEAD)) isAlive[i % units] = true;
  });
  return isAlive.flatMap((alive, unit) => (alive ? [] : [unit]));
}

function memoryOf(gate: Float32Array, units: number, isKept: (i: number) => boolean): Float32Array {
  const sums = new Float64Array(units);
  const counts = new Float64Array(units);
  gate.forEach((value, i) => {
    if (!isKept(i)) return;
    sums[i % units]! += value;
    counts[i % units]!++;
  });
  return Float32Array.from(sums, (sum, unit) => 1 / (1 - sum / counts[unit]!));
}

function normsOfSteps(states: tf.Tensor3D, isKept: (i: number) => boolean): Float32Array {
  const [batch, time, units] = states.shape;
  const values = states.dataSync();
  return Float32Array.from({ length: time }, (_, t) => {
    let [sum, rows] = [0, 0];
    for (let row = 0; row < batch; row++) {
      const at = (row * time + t) * units;
      if (!isKept(at)) continue;
      sum += Math.hypot(...values.slice(at, at + units));
      rows++;
    }
    return sum / rows;
  });
}
