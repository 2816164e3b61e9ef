/** Layers that arrange values anew, and those that do nothing where it is predicted. */
import { sizeOf } from '../../kernels/bridge/call.js';
import { computed, type Run, reshaped, type Tensor } from '../run.js';
import { Layer, requireRank, type Settings, type Shape } from './layer.js';

/** Dropout, noise and their like. */
export class Identity extends Layer {
  override readonly passesMask = true;

  outputShapes([input]: Shape[]): Shape[] {
    return [input!];
  }

  call(_: Run, [x]: Tensor[]): Tensor[] {
    return [reshaped(x!, x!.shape)];
  }
}

/** All values of a sample one behind the other. */
export class Flatten extends Layer {
  constructor(className: string, settings: Settings) {
    super(className, settings);
    if (settings.dataFormat === 'channelsFirst') this.refuse('has dataFormat channelsFirst');
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, ...sizes] = input!;
    if (sizes.includes(null)) this.refuse('needs an input of known sizes', input);
    return [[batch, sizeOf(sizes as number[])]];
  }

  call(_: Run, [x]: Tensor[]): Tensor[] {
    const [batch = 0, ...sizes] = x!.shape;
    return [reshaped(x!, [batch, sizeOf(sizes)])];
  }
}

export class Reshape extends Layer {
  readonly #target: Shape;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    const sizes = settings.targetShape as Shape;
    this.#target = sizes.map((size) => (size === null || size < 0 ? null : size));
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, ...sizes] = input!;
    if (sizes.includes(null)) return [[batch, ...this.#target]];
    const values = sizeOf(sizes as number[]);
    const known = sizeOf(this.#target.filter((size) => size !== null));
    const isOpen = this.#target.includes(null);
    if (isOpen ? values % known !== 0 : values !== known) {
      this.refuse(`must have an input of ${known} values`, input);
    }
    return [[batch, ...this.#target.map((size) => size ?? values / known)]];
  }

  call(_: Run, [x]: Tensor[]): Tensor[] {
    return [reshaped(x!, this.outputShapes([x!.shape])[0] as number[])];
  }
}

/** [batch, columns] → [batch, n, columns] */
export class RepeatVector extends Layer {
  readonly #times: number;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#times = Number(settings.n);
  }

  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, columns = null] = requireRank(this, input, 2);
    return [[batch, this.#times, columns]];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const [batch, columns] = x!.shape as [number, number];
    const output = computed(run, [batch, this.#times, columns], [x!], (out, values) => {
      for (let row = 0; row < batch * this.#times; row++) {
        const from = columns * Math.floor(row / this.#times);
        out.set(values!.subarray(from, from + columns), row * columns);
      }
    });
    return [output];
  }
}

/** The axes behind the batch in another order. */
export class Permute extends Layer {
  readonly #order: readonly number[];

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#order = [0, ...(settings.dims as number[])];
  }

  outputShapes([input]: Shape[]): Shape[] {
    const shape = requireRank(this, input, this.#order.length);
    return [this.#order.map((axis) => shape[axis]!)];
  }

  call(run: Run, [x]: Tensor[]): Tensor[] {
    const shape = this.#order.map((axis) => x!.shape[axis]!);
    const strides = this.#order.map((axis) => sizeOf(x!.shape.slice(axis + 1)));
    const output = computed(run, shape, [x!], (out, values) => {
      for (let i = 0; i < out.length; i++) {
        let from = 0;
        for (let rest = i, axis = shape.length - 1; axis >= 0; axis--) {
          from += (rest % shape[axis]!) * strides[axis]!;
          rest = Math.floor(rest / shape[axis]!);
        }
        out[i] = values![from]!;
      }
    });
    return [output];
  }
}
