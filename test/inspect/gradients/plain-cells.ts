/**
 * Recurrent cells in plain numbers of 64 bits, one sequence at a time, written from the papers' formulas and
 * Keras's order of blocks: a twin for gradients by finite differences.
 */
export type PlainCell = 'SimpleRNN' | 'LSTM' | 'GRU' | 'GRUResetAfter' | 'MinGRU' | 'PeepholeLSTM';

/** Weights in the order of `layer.getWeights()`, rows of numbers. */
export type Rows = number[][];

/** What is added to h behind a step. */
export interface Push {
  t: number;
  unit: number;
  by: number;
}

interface States {
  h: number[];
  c: number[];
}

export const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** a·W */
export const product = (a: readonly number[], W: Rows): number[] =>
  W[0]!.map((_, column) => a.reduce((sum, value, row) => sum + value * W[row]![column]!, 0));

const sum = (...lists: readonly number[][]): number[] =>
  lists[0]!.map((_, i) => lists.reduce((total, list) => total + list[i]!, 0));

const block = (z: readonly number[], units: number, n: number) =>
  z.slice(n * units, (n + 1) * units);

type Activation = (z: number) => number;

type Step = (x: number[], states: States, weights: Rows[], activation: Activation) => States;

const STEPS: Record<PlainCell, Step> = {
  SimpleRNN: (x, { h }, [W, U, b], activation) => {
    return { h: sum(product(x, W!), product(h, U!), b![0]!).map(activation), c: [] };
  },
  LSTM: (x, { h, c }, [W, U, b], activation) => {
    const z = sum(product(x, W!), product(h, U!), b![0]!);
    const [i, f, g, o] = [0, 1, 2, 3].map((n) => block(z, h.length, n)) as number[][];
    const next = c.map(
      (value, u) => sigmoid(f![u]!) * value + sigmoid(i![u]!) * activation(g![u]!),
    );
    return { h: next.map((value, u) => sigmoid(o![u]!) * activation(value)), c: next };
  },
  PeepholeLSTM: (x, { h, c }, [W, U, b, p], activation) => {
    const z = sum(product(x, W!), product(h, U!), b![0]!);
    const [i, f, g, o] = [0, 1, 2, 3].map((n) => block(z, h.length, n)) as number[][];
    const next = c.map((value, u) => {
      const [input, forget] = [i![u]! + p![0]![u]! * value, f![u]! + p![1]![u]! * value];
      return sigmoid(forget) * value + sigmoid(input) * activation(g![u]!);
    });
    const shown = next.map((value, u) => sigmoid(o![u]! + p![2]![u]! * value) * activation(value));
    return { h: shown, c: next };
  },
  GRU: (x, { h }, [W, U, b], activation) => {
    const [units, ofX] = [h.length, sum(product(x, W!), b![0]!)];
    const gates = U!.map((row) => row.slice(0, 2 * units));
    const z = sum(ofX.slice(0, 2 * units), product(h, gates)).map(sigmoid);
    const reset = h.map((value, u) => z[units + u]! * value);
    const late = product(
      reset,
      U!.map((row) => row.slice(2 * units)),
    );
    const n = sum(block(ofX, units, 2), late).map(activation);
    return { h: h.map((value, u) => z[u]! * value + (1 - z[u]!) * n[u]!), c: [] };
  },
  GRUResetAfter: (x, { h }, [W, U, b], activation) => {
    const units = h.length;
    const [ofX, ofH] = [sum(product(x, W!), b![0]!), sum(product(h, U!), b![1]!)];
    const z = sum(ofX, ofH).map(sigmoid);
    const n = h.map((_, u) =>
      activation(ofX[2 * units + u]! + z[units + u]! * ofH[2 * units + u]!),
    );
    return { h: h.map((value, u) => z[u]! * value + (1 - z[u]!) * n[u]!), c: [] };
  },
  MinGRU: (x, { h }, [W, b]) => {
    const ofX = sum(product(x, W!), b![0]!);
    const next = h.map((value, u) => {
      const z = sigmoid(ofX[u]!);
      return (1 - z) * value + z * ofX[h.length + u]!;
    });
    return { h: next, c: [] };
  },
};

/** How a layer reads. */
export interface Reading {
  goBackwards?: boolean;
  /** False for steps that are left out. */
  mask?: readonly boolean[] | undefined;
  push?: Push | undefined;
  /** What it begins with; zeros by default. */
  initial?: States;
  /** Tanh by default. */
  activation?: Activation;
}

/** h behind each step, by the places of the inputs, and the states behind the last one. */
export function runPlain(
  cell: PlainCell,
  weights: Rows[],
  units: number,
  xs: readonly number[][],
  { goBackwards = false, mask, push, initial, activation = Math.tanh }: Reading = {},
): { hs: number[][]; last: States } {
  const zeros = () => new Array<number>(units).fill(0);
  let states: States = initial ?? { h: zeros(), c: zeros() };
  const hs: number[][] = new Array(xs.length);
  for (let i = 0; i < xs.length; i++) {
    const t = goBackwards ? xs.length - 1 - i : i;
    if (mask?.[t] !== false) states = STEPS[cell](xs[t]!, states, weights, activation);
    if (push?.t === t) {
      const h = states.h.map((value, u) => (u === push.unit ? value + push.by : value));
      states = { ...states, h };
    }
    hs[t] = states.h;
  }
  return { hs, last: states };
}

/** |∂loss/∂h(t)| of each step by central differences. */
export function normsByDifferences(
  time: number,
  units: number,
  loss: (push: Push) => number,
  isKept: (t: number) => boolean = () => true,
): number[] {
  const by = 1e-4;
  return Array.from({ length: time }, (_, t) => {
    if (!isKept(t)) return Number.NaN;
    const slopes = Array.from({ length: units }, (_, unit) => {
      const [above, below] = [loss({ t, unit, by }), loss({ t, unit, by: -by })];
      return (above - below) / (2 * by);
    });
    return Math.hypot(...slopes);
  });
}
