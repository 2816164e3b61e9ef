/** The layers that every model has: Embedding, Masking, Dense and Activation. */
import { sizeOf } from '../../kernels/bridge/call.js';
import { forward as dense } from '../../kernels/dense/dense-forward.js';
import { gather } from '../../kernels/embedding/gather.js';
import { requireRows } from '../../kernels/embedding/reject-index.js';
import { computed, type Mask, type Run, reshaped, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { type Activation, activationOf } from './activations.js';
import { Layer, lastSize, type Settings, type Shape } from './layer.js';

/** Rows of a table by number. */
export class Embedding extends Layer {
  readonly #rows: number;
  readonly #width: number;
  readonly #masksZero: boolean;
  #table: Tensor | undefined;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#rows = Number(settings.inputDim);
    this.#width = Number(settings.outputDim);
    this.#masksZero = settings.maskZero === true;
  }

  override get readsIntegers(): boolean {
    return true;
  }

  outputShapes([input]: Shape[]): Shape[] {
    return [[...input!, this.#width]];
  }

  override build(_: Shape[], weights: Weights): void {
    this.#table = this.takeTable(weights, [this.#rows, this.#width]);
  }

  protected takeTable(weights: Weights, shape: [rows: number, width: number]): Tensor {
    return weights.take(this, 'embeddings', shape);
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    return [gather(run, this.#indices(run, x!), this.#table!).rows as Tensor];
  }

  #indices(run: Run, x: Tensor): Tensor {
    if (x.dtype === 'int32') return x;
    const values = run.values(x);
    requireRows(values, x.shape, this.#rows);
    return run.tensor(Int32Array.from(values), x.shape);
  }

  override masks(run: Run, [x]: Tensor[]): (Mask | null)[] {
    if (!this.#masksZero) return [null];
    return [
      { values: Uint8Array.from(run.values(x!), (value) => Number(value !== 0)), shape: x!.shape },
    ];
  }
}

/** Leaves steps out in which every value is the one that is masked. */
export class Masking extends Layer {
  readonly #value: number;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#value = Math.fround(Number(settings.maskValue ?? 0));
  }

  outputShapes([input]: Shape[]): Shape[] {
    return [input!];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const { values: counts } = this.#counting(run, x!);
    const width = x!.shape.at(-1)!;
    const output = computed(run, x!.shape, [x!], (out, values) => {
      for (let i = 0; i < out.length; i++) out[i] = values![i]! * counts[Math.floor(i / width)]!;
    });
    return [output];
  }

  override masks(run: Run, [x]: Tensor[]): (Mask | null)[] {
    return [this.#counting(run, x!)];
  }

  #counting(run: Run, x: Tensor): Mask {
    const shape = x.shape.slice(0, -1);
    const counts = new Uint8Array(sizeOf(shape));
    const width = x.shape.at(-1)!;
    run.values(x).forEach((value, i) => {
      if (value !== this.#value) counts[Math.floor(i / width)] = 1;
    });
    return { values: counts, shape };
  }
}

/** activation(x·W + b) */
export class Dense extends Layer {
  override readonly passesMask = true;
  readonly #units: number;
  readonly #hasBias: boolean;
  readonly #relu: boolean;
  readonly #activation: Activation;
  #kernel: Tensor | undefined;
  #bias: Tensor | undefined;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#units = Number(settings.units);
    this.#hasBias = settings.useBias !== false;
    // The kernel has its own.
    this.#relu = settings.activation === 'relu';
    this.#activation = activationOf(this, this.#relu ? 'linear' : settings.activation);
  }

  outputShapes([input]: Shape[]): Shape[] {
    if (input!.length < 2) this.refuse('needs an input of 2 dimensions or more', input);
    return [[...input!.slice(0, -1), this.#units]];
  }

  override build([input]: Shape[], weights: Weights): void {
    this.#kernel = weights.take(this, 'kernel', [lastSize(this, input!), this.#units]);
    if (this.#hasBias) this.#bias = weights.take(this, 'bias', [this.#units]);
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const width = x!.shape.at(-1)!;
    const rows = reshaped(x!, [sizeOf(x!.shape) / width, width]);
    const inputs = { x: rows, kernel: this.#kernel, bias: this.#bias };
    const product = dense(run, inputs, { relu: this.#relu }) as Tensor;
    const y = this.#activation(run, product);
    return [reshaped(y, [...x!.shape.slice(0, -1), this.#units])];
  }
}

/** An activation as a layer. */
export class ActivationLayer extends Layer {
  override readonly passesMask = true;
  readonly #activation: Activation;

  constructor(className: string, settings: Settings, activation?: Activation) {
    super(className, settings);
    this.#activation = activation ?? activationOf(this, settings.activation);
  }

  outputShapes([input]: Shape[]): Shape[] {
    return [input!];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    return [this.#activation(run, x!)];
  }
}
