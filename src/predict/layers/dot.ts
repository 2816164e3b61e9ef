/** Dot: products of the vectors along an axis of one input with those along an axis of another. */
import { computed, type Mask, type Run, type Tensor } from '../run.js';
import { BLOCK } from './matrix-product.js';
import { Layer, type Settings, type Shape } from './layer.js';

const { fround, max, sqrt } = Math;

/** The least square of a length, by which TensorFlow.js keeps from dividing by 0. */
const EPSILON = fround(1e-7);

type Axes = [number, number];

export class Dot extends Layer {
  readonly #axes: unknown;
  readonly #isNormalized: boolean;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.#axes = settings.axes;
    this.#isNormalized = settings.normalize === true;
  }

  #axesOf(inputs: readonly (readonly unknown[])[]): Axes {
    const given = [this.#axes].flat() as number[];
    return inputs.map(({ length }, i) => {
      const axis = given[i] ?? given[0]!;
      return axis < 0 ? axis + length : axis;
    }) as Axes;
  }

  outputShapes(inputs: Shape[]): Shape[] {
    const ranks = inputs.map(({ length }) => length);
    if (ranks.length !== 2 || ranks.some((rank) => rank < 2 || rank > 3)) {
      this.refuse('must have two inputs of 2 or 3 dimensions', inputs.map(String));
    }
    const axes = this.#axesOf(inputs);
    const sizes = axes.map((axis, i) => inputs[i]![axis]);
    const fit = axes.every((axis, i) => axis > 0 && axis < ranks[i]!) && sizes[0] === sizes[1];
    if (!fit) this.refuse('has inputs whose shapes do not fit', inputs.map(String));
    const left = inputs.flatMap((shape, i) =>
      shape.filter((_, axis) => axis > 0 && axis !== axes[i]),
    );
    return [[inputs[0]![0]!, ...(left.length === 0 ? [1] : left)]];
  }

  call(run: Run, inputs: Tensor[]): Tensor[] {
    const [axisA, axisB] = this.#axesOf(inputs.map(({ shape }) => shape));
    const [a, b] = [vectorsOf(inputs[0]!, axisA), vectorsOf(inputs[1]!, axisB)];
    const [shape] = this.outputShapes(inputs.map((input) => input.shape)) as [number[]];
    // Vectors are multiplied value by value, which rounds; matrices as a product of matrices.
    const ofVectors = inputs.every((input) => input.shape.length === 2);
    const output = computed(run, shape, inputs, (out, ...given) => {
      const [x, y] = this.#isNormalized
        ? [normalized(given[0]!, a), normalized(given[1]!, b)]
        : (given as [Float32Array, Float32Array]);
      let at = 0;
      for (let batch = 0; batch < shape[0]!; batch++) {
        for (let i = 0; i < a.count; i++) {
          for (let j = 0; j < b.count; j++) {
            out[at++] = ofVectors
              ? sumOfProducts(x, y, a.place(batch, i), b.place(batch, j), a.size)
              : productOf(x, y, a, b, a.place(batch, i), b.place(batch, j));
          }
        }
      }
    });
    return [output];
  }

  override masks(): (Mask | null)[] {
    return [null];
  }
}

/** The vectors along an axis: how many there are in a sample, and where each begins. */
interface Vectors {
  size: number;
  count: number;
  /** From one value of a vector to the next. */
  stride: number;
  place(batch: number, vector: number): number;
}

function vectorsOf({ shape }: Tensor, axis: number): Vectors {
  const [, ...sizes] = shape as [number, ...number[]];
  const whole = sizes.reduce((product, size) => product * size, 1);
  const size = shape[axis]!;
  const isLast = axis === shape.length - 1;
  return {
    size,
    count: whole / size,
    stride: isLast ? 1 : shape.at(-1)!,
    place: (batch, vector) => batch * whole + vector * (isLast ? size : 1),
  };
}

function sumOfProducts(
  x: Float32Array,
  y: Float32Array,
  ofX: number,
  ofY: number,
  size: number,
): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += fround(x[ofX + k]! * y[ofY + k]!);
  return sum;
}

function productOf(
  x: Float32Array,
  y: Float32Array,
  a: Vectors,
  b: Vectors,
  ofX: number,
  ofY: number,
): number {
  let product = 0;
  for (let first = 0; first < a.size; first += BLOCK) {
    const end = Math.min(first + BLOCK, a.size);
    let sum = 0;
    for (let k = first; k < end; k++) sum += x[ofX + k * a.stride]! * y[ofY + k * b.stride]!;
    product = fround(product + sum);
  }
  return product;
}

/** Vectors of length 1. */
function normalized(values: Float32Array, { size, count, stride, place }: Vectors): Float32Array {
  const unit = new Float32Array(values.length);
  const samples = values.length / (size * count);
  for (let batch = 0; batch < samples; batch++) {
    for (let vector = 0; vector < count; vector++) {
      const from = place(batch, vector);
      let squares = 0;
      for (let k = 0; k < size; k++) squares += fround(values[from + k * stride]! ** 2);
      const length = fround(sqrt(max(fround(squares), EPSILON)));
      for (let k = 0; k < size; k++) {
        unit[from + k * stride] = values[from + k * stride]! / length;
      }
    }
  }
  return unit;
}
