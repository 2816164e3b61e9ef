/** Random functional models with masks: words beside numbers, states, shared layers, merges, models inside. */
import '@tensorflow/tfjs-backend-cpu';
import { type Random, seededRandom } from '../../../src/foundation/random.js';
import { openDoor, tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers as ours } from '../../../src/index.js';
import { type FollowerName, maskFollower } from '../../../src/layers/masks/mask-rule.js';

openDoor();
const theirs = tfl.layers;

type Layer = tfl.layers.Layer;
type Symbolic = tfl.SymbolicTensor;
type Recurrent = Parameters<typeof theirs.bidirectional>[0]['layer'];
type Kind = 'lstm' | 'gru' | 'simpleRNN';

const WORDS = 9;
const STATES: Record<Kind, number> = { lstm: 2, gru: 1, simpleRNN: 1 };
const KINDS = Object.keys(STATES) as Kind[];

/** A model, and what it is given. */
export interface MaskedCase {
  model: tfl.LayersModel;
  inputs: tf.Tensor[];
}

class Builder {
  readonly random: Random;
  /** Whether all layers are those of tf.layers, so that TensorFlow.js runs the model. */
  readonly isStock: boolean;
  readonly time: number;
  readonly inputs: Symbolic[] = [];
  readonly data: tf.Tensor[] = [];
  readonly sequences: Symbolic[] = [];
  readonly vectors: Symbolic[] = [];
  readonly states: Record<Kind, Symbolic[][]> = { lstm: [], gru: [], simpleRNN: [] };
  readonly used = new Set<Symbolic>();
  readonly shared: { layer: Layer; width: number }[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed, 7);
    this.isStock = seed % 7 === 3;
    this.time = 4 + Math.floor(this.random() * 3);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  choose<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.random() * values.length)]!;
  }

  /** Mostly one of the last, so that the model grows deep. */
  pick(tensors: readonly Symbolic[]): Symbolic {
    const tensor = this.choose(this.chance(0.8) ? tensors.slice(-4) : tensors);
    this.used.add(tensor);
    return tensor;
  }

  units(): number {
    return this.choose([2, 3]);
  }

  add(tensor: Symbolic): void {
    (tensor.rank === 3 ? this.sequences : this.vectors).push(tensor);
  }

  words(): void {
    const { time } = this;
    const tokens = tfl.input({ shape: [time], name: `words_${this.inputs.length}` });
    const before = 1 + Math.floor(this.random() * (time - 1));
    const rows = [
      Array.from({ length: time }, (_, i) => (i < before ? 0 : 1 + (i % 8))), // padding in front
      Array.from({ length: time }, (_, i) => (i < before ? 1 + (i % 8) : 0)), // behind
      Array.from({ length: time }, (_, i) => (i === 1 || this.chance(0.5) ? 3 : 0)), // between
      Array.from({ length: time }, () => (this.chance(0.2) ? 5 : 0)), // little or nothing else
    ];
    this.inputs.push(tokens);
    this.data.push(tf.tensor2d(rows));
    const make = this.isStock ? theirs.embedding : ours.embedding;
    const settings = { inputDim: WORDS, outputDim: this.units(), maskZero: this.chance(0.8) };
    this.add(make(settings).apply(tokens) as Symbolic);
  }

  numbers(): void {
    const width = this.units();
    const steps = tfl.input({ shape: [this.time, width], name: `numbers_${this.inputs.length}` });
    const value = this.choose([0, -1]);
    const rows = Array.from({ length: 4 }, (_, row) =>
      Array.from({ length: this.time }, (_s, step) => {
        const isMasked = row === 0 ? step === 0 : this.chance(0.4);
        return Array.from({ length: width }, () => (isMasked ? value : this.random() * 2 - 1));
      }),
    );
    this.inputs.push(steps);
    this.data.push(tf.tensor3d(rows));
    const isMasked = this.chance(0.5);
    this.add(isMasked ? (theirs.masking({ maskValue: value }).apply(steps) as Symbolic) : steps);
  }

  /** A recurrent layer, with or without its initial states. */
  recurrent(asked?: { kind: Kind; states?: Symbolic[]; returnState?: boolean }): void {
    const kind = asked?.kind ?? this.choose(KINDS);
    const fitting = this.states[kind];
    const states =
      asked?.states ?? (fitting.length > 0 && this.chance(0.4) ? this.choose(fitting) : []);
    const x = this.pick(this.sequences);
    const units = states[0]?.shape.at(-1) ?? this.units();
    const layer = this.make(kind, {
      units,
      returnSequences: this.chance(0.6),
      returnState: asked?.returnState ?? this.chance(0.3),
      goBackwards: this.chance(0.25),
      unroll: this.chance(0.2),
    });
    for (const state of states) this.used.add(state);
    if (states.length === 0) this.shared.push({ layer, width: x.shape.at(-1)! });
    const options =
      this.chance(0.1) || (states.length > 0 && this.chance(0.3)) ? { mask: null } : {};
    const outputs = [layer.apply(states.length > 0 ? [x, ...states] : x, options as never)].flat();
    this.take(kind, outputs as Symbolic[]);
  }

  make(kind: Kind, settings: object): Layer {
    const zero = this.choose([false, false, true, 'untilFirst'] as const);
    if (this.isStock || this.chance(0.15)) return theirs[kind](settings as never) as Layer;
    return ours[kind]({ ...settings, ...(zero && { zeroOutputForMask: zero }) } as never);
  }

  take(kind: Kind, [output, ...states]: Symbolic[]): void {
    this.add(output!);
    if (states.length === 0) return;
    this.states[kind].push(states);
    for (const state of states) this.used.add(state);
  }

  decoder(): void {
    const kind = this.choose(KINDS);
    this.recurrent({ kind, states: [], returnState: true });
    this.recurrent({ kind, states: this.states[kind].at(-1)! });
  }

  bidirectional(): void {
    const kind = this.choose(KINDS);
    const x = this.pick(this.sequences);
    const states = this.chance(0.2) ? (this.states[kind][0] ?? []) : [];
    const units = states[0]?.shape.at(-1) ?? this.units();
    const zeroes = this.chance(0.6) && !this.isStock ? { zeroOutputForMask: true } : {};
    const returnSequences = this.chance(0.7);
    const settings = { units, returnSequences, unroll: this.chance(0.2) };
    const inner = this.isStock
      ? theirs[kind](settings as never)
      : ours[kind]({ ...settings, ...(returnSequences && zeroes) } as never);
    const mergeMode = this.choose(['concat', 'sum', 'ave', 'mul', null] as const);
    const wrap = this.isStock ? theirs.bidirectional : ours.bidirectional;
    const layer = wrap({ layer: inner as Recurrent, mergeMode: mergeMode as 'concat' });
    for (const state of states) this.used.add(state);
    const given = states.length > 0 ? [x, ...states, ...states] : x;
    for (const output of [layer.apply(given)].flat()) this.add(output as Symbolic);
  }

  /** A layer once more. */
  again(): void {
    const x = this.pick(this.sequences);
    const fitting = this.shared.filter(({ width }) => width === x.shape.at(-1));
    if (fitting.length === 0) return;
    this.add([this.choose(fitting).layer.apply(x)].flat()[0] as Symbolic);
  }

  stepwise(): void {
    const x = this.pick(this.sequences);
    const layer = this.choose<() => Layer>([
      () => (this.isStock ? theirs : ours).dense({ units: this.units(), activation: 'tanh' }),
      () => theirs.timeDistributed({ layer: theirs.dense({ units: this.units() }) }),
      () => theirs.timeDistributed({ layer: theirs.batchNormalization({}) }),
      () => theirs.dropout({ rate: 0.5 }) as Layer,
      () => theirs.spatialDropout1d({ rate: 0.5 }),
      () => theirs.activation({ activation: 'tanh' }),
      () => theirs.layerNormalization({}) as Layer,
      () => theirs.batchNormalization({}),
      () => theirs.leakyReLU({ alpha: 0.2 }) as Layer,
      () => theirs.elu() as Layer,
      () => theirs.softmax({ axis: -1 }) as Layer,
    ])();
    this.add(layer.apply(x) as Symbolic);
  }

  merge(): void {
    const x = this.pick(this.sequences);
    const kind = this.choose(['features', 'time', 'same', 'same']);
    const others = this.sequences.filter(
      (y) =>
        y !== x &&
        (kind === 'time' || y.shape[1] === x.shape[1]) &&
        (kind === 'features' || y.shape[2] === x.shape[2]),
    );
    if (others.length === 0) return;
    const joined = [x, this.choose(others)];
    if (this.chance(0.3)) joined.push(this.choose(others));
    const names: FollowerName[] = ['Add', 'Average', 'Multiply', 'Maximum', 'Minimum'];
    const isSame = kind === 'same';
    const name = isSame ? this.choose(names) : 'Concatenate';
    const axis = isSame ? {} : { axis: kind === 'time' ? 1 : -1 };
    for (const tensor of joined) this.used.add(tensor);
    this.add(this.merger(name, axis).apply(joined) as Symbolic);
  }

  merger(name: FollowerName, axis: object): Layer {
    const rule = this.choose(['keras3', 'keras3', 'keras2', null]);
    if (!this.isStock && rule) return maskFollower(name, { ...axis, maskRule: rule });
    const made = theirs[`${name[0]!.toLowerCase()}${name.slice(1)}` as 'add'];
    return made(axis) as Layer;
  }

  pool(): void {
    const x = this.pick(this.sequences);
    const rule = this.chance(0.6) && !this.isStock ? { maskRule: 'keras3' } : {};
    const layer = this.choose<() => Layer>([
      () => maskFollower('GlobalAveragePooling1D', rule),
      () => theirs.globalMaxPooling1d({}) as Layer,
      () => theirs.flatten(),
      () => theirs.conv1d({ filters: this.units(), kernelSize: 2, padding: 'same' }),
    ])();
    this.add(layer.apply(x) as Symbolic);
  }

  repeat(): void {
    if (this.vectors.length === 0) return;
    const x = this.pick(this.vectors);
    const dense = theirs.dense({ units: this.units() }).apply(x) as Symbolic;
    this.add(theirs.repeatVector({ n: this.time }).apply(dense) as Symbolic);
  }

  /** A model as a layer, sometimes twice. */
  inner(): void {
    const x = this.pick(this.sequences);
    const [, time, width] = x.shape as [null, number, number];
    const inside = tfl.input({ shape: [time, width] });
    const masked = this.chance(0.3) ? theirs.masking({ maskValue: 0.5 }).apply(inside) : inside;
    const make = (settings: object) => this.make(this.choose(KINDS), settings);
    const model = this.chance(0.5)
      ? tfl.sequential({
          layers: [
            theirs.dense({ units: width, inputShape: [time, width] }),
            make({ units: width, returnSequences: this.chance(0.5) }),
          ],
        })
      : tfl.model({
          inputs: inside,
          outputs: make({ units: width, returnSequences: true }).apply(masked) as Symbolic,
        });
    const output = model.apply(x) as Symbolic;
    this.add(output);
    if (output.rank === 3 && this.chance(0.3)) this.add(model.apply(output) as Symbolic);
  }

  build(): MaskedCase {
    this.words();
    for (let count = this.choose([1, 2]); count > 0; count--) {
      if (this.chance(0.5)) this.words();
      else this.numbers();
    }
    const steps = [
      ...new Array(4).fill(() => this.recurrent()),
      ...new Array(2).fill(() => this.decoder()),
      ...new Array(3).fill(() => this.bidirectional()),
      ...new Array(2).fill(() => this.again()),
      ...new Array(3).fill(() => this.stepwise()),
      ...new Array(3).fill(() => this.merge()),
      ...new Array(2).fill(() => this.pool()),
      ...new Array(2).fill(() => this.repeat()),
      ...new Array(2).fill(() => this.inner()),
    ] as (() => void)[];
    for (let count = this.choose([3, 4, 6]); count > 0; count--) this.choose(steps)();
    const made = [...this.sequences, ...this.vectors];
    const inputs = new Set(this.inputs);
    const ends = made.filter((tensor) => !this.used.has(tensor) && !inputs.has(tensor));
    const outputs = ends.length > 0 ? ends : [made.at(-1)!];
    const model = tfl.model({ inputs: this.inputs, outputs });
    giveWeights(model, this.random);
    return { model, inputs: this.data };
  }
}

/** Weights that are no zeros, variances above zero. */
export function giveWeights(model: tfl.LayersModel, random: Random): void {
  const after = model.weights.map(({ originalName, shape }) => {
    const size = shape.reduce<number>((product, length) => product * length!, 1);
    const positive = originalName.includes('variance');
    const values = Float32Array.from({ length: size }, () =>
      positive ? 0.5 + random() : random() * 1.6 - 0.8,
    );
    return tf.tensor(values, shape as number[]);
  });
  model.setWeights(after);
  tf.dispose(after);
}

/** The model of a seed. */
export function maskedCase(seed: number): MaskedCase {
  return new Builder(seed).build();
}
