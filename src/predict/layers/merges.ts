/** Layers that make one tensor of several, value by value, or one behind the other. */
import { sizeOf } from '../../kernels/bridge/call.js';
import { computed, type Mask, type Run, type Tensor } from '../run.js';
import { Layer, type Settings, type Shape } from './layer.js';

const { fround, max, min } = Math;

/** What two values become; the result is rounded to 32 bits. */
const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Average: (a, b) => a + b,
  Maximum: max,
  Minimum: min,
  Multiply: (a, b) => a * b,
  Subtract: (a, b) => a - b,
};

// Of which Keras 3 leaves masked values out.
const LEAVES_MASKED_OUT = new Set(['Maximum', 'Minimum', 'Multiply']);

abstract class Joining extends Layer {
  /** By which Keras masks are joined; null for the rule of tf.layers. */
  maskRule: unknown;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.maskRule = settings.maskRule ?? null;
  }

  /** Where one of them counts, or by the rule of Keras 2 all of those that there are. */
  protected joined(masks: readonly (Mask | null)[]): Mask | null {
    const given = masks.filter((mask) => mask !== null);
    const [first] = given;
    const countsInAll = this.maskRule === 'keras2';
    if (!first || (given.length < masks.length && !countsInAll)) return null;
    const values = first.values.map((_, i) => {
      const count = given.filter((mask) => mask.values[i] === 1).length;
      return Number(countsInAll ? count === given.length : count > 0);
    });
    return { values, shape: first.shape };
  }
}

/** Sums, means, products, differences and extremes. */
export class Merge extends Joining {
  outputShapes(inputs: Shape[]): Shape[] {
    if (inputs.length < 2) this.refuse('must have two inputs or more', inputs.length);
    return [inputs.reduce((a, b) => this.#broadcast(a, b))];
  }

  /** Sizes of 1 stand for any; they come behind the batch where one has fewer dimensions. */
  #broadcast(a: Shape, b: Shape): Shape {
    const rank = Math.max(a.length, b.length);
    const [left, right] = [a, b].map((shape) => withRank(shape, rank)) as [Shape, Shape];
    return left.map((size, axis) => {
      const other = right[axis]!;
      if (size === other || other === 1) return size;
      if (size === 1) return other;
      if (size === null || other === null) return null;
      return this.refuse('has inputs whose shapes do not fit', [`${a}`, `${b}`]);
    });
  }

  call(run: Run, inputs: Tensor[], masks: (Mask | null)[]): Tensor[] {
    const isMasked = masks.some((mask) => mask !== null);
    if (isMasked && this.maskRule === 'keras3' && LEAVES_MASKED_OUT.has(this.className)) {
      this.refuse('is given masks, of which Keras 3 leaves values out');
    }
    const operation = OPERATIONS[this.className]!;
    const merged = inputs.reduce((a, b) => {
      const shape = this.#broadcast(a.shape, b.shape) as number[];
      return computed(run, shape, [a, b], (out, left, right) => {
        const [ofA, ofB] = [placesIn(a.shape, shape), placesIn(b.shape, shape)];
        for (let i = 0; i < out.length; i++) out[i] = operation(left![ofA(i)]!, right![ofB(i)]!);
      });
    });
    if (this.className !== 'Average') return [merged];
    const share = fround(1 / inputs.length);
    return [
      computed(run, merged.shape, [merged], (out, values) => {
        for (let i = 0; i < out.length; i++) out[i] = values![i]! * share;
      }),
    ];
  }

  override masks(_: Run, __: Tensor[], masks: (Mask | null)[]): (Mask | null)[] {
    return [this.joined(masks)];
  }
}

function withRank([batch = null, ...sizes]: Shape, rank: number): Shape {
  return [batch, ...new Array<number>(rank - 1 - sizes.length).fill(1), ...sizes];
}

/** Where in a tensor the value is that goes with one of a larger shape. */
export function placesIn(own: readonly number[], whole: readonly number[]): (i: number) => number {
  const shape = withRank([...own], whole.length) as number[];
  if (shape.every((size, axis) => size === whole[axis])) return (i) => i;
  return (i) => {
    let place = 0;
    let stride = 1;
    for (let rest = i, axis = whole.length - 1; axis >= 0; axis--) {
      if (shape[axis] !== 1) place += (rest % whole[axis]!) * stride;
      stride *= shape[axis]!;
      rest = Math.floor(rest / whole[axis]!);
    }
    return place;
  };
}

/** Tensors one behind the other along an axis. */
export class Concatenate extends Joining {
  readonly axis: number;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.axis = Number(settings.axis ?? -1);
  }

  #axisOf({ length }: readonly unknown[]): number {
    return this.axis < 0 ? length + this.axis : this.axis;
  }

  outputShapes(inputs: Shape[]): Shape[] {
    const shape = [...inputs[0]!];
    const axis = this.#axisOf(shape);
    const others = (of: Shape) => `${of.filter((_, i) => i !== axis)}`;
    const fit = inputs.every((input) => others(input) === others(shape));
    if (!fit || inputs.length < 2 || axis < 1) {
      this.refuse('has inputs whose shapes do not fit', inputs.map(String));
    }
    const sizes = inputs.map((input) => input[axis] ?? null);
    shape[axis] = sizes.includes(null) ? null : sizeSum(sizes as number[]);
    return [shape];
  }

  call(run: Run, inputs: Tensor[]): Tensor[] {
    const shape = this.outputShapes(inputs.map((input) => input.shape))[0] as number[];
    const runs = sizeOf(shape.slice(0, this.#axisOf(shape)));
    const output = computed(run, shape, inputs, (out, ...parts) => {
      for (let row = 0, at = 0; row < runs; row++) {
        for (const values of parts) {
          const length = values.length / runs;
          out.set(values.subarray(row * length, (row + 1) * length), at);
          at += length;
        }
      }
    });
    return [output];
  }

  /** Along the axis of a mask, one behind the other; along any other, joined. */
  override masks(_: Run, inputs: Tensor[], masks: (Mask | null)[]): (Mask | null)[] {
    const given = masks.find((mask) => mask !== null);
    if (!given) return [null];
    const axis = this.#axisOf(inputs[0]!.shape);
    if (axis >= given.shape.length) return [this.joined(masks)];
    const { length } = given.shape;
    const whole = masks.map((mask, i) => {
      const own = inputs[i]!.shape.slice(0, length);
      return mask ?? { values: new Uint8Array(sizeOf(own)).fill(1), shape: own };
    });
    const shape = [...given.shape];
    shape[axis] = whole.reduce((sum, mask) => sum + mask.shape[axis]!, 0);
    const runs = sizeOf(shape.slice(0, axis));
    const parts = Array.from({ length: runs }, (_, row) =>
      whole.flatMap(({ values }) => {
        const size = values.length / runs;
        return [...values.subarray(row * size, (row + 1) * size)];
      }),
    );
    return [{ values: Uint8Array.from(parts.flat()), shape }];
  }
}

function sizeSum(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
