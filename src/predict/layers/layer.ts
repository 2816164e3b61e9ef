/** What a layer is to a predictor, and how its settings are read. */
import { reject } from '../../foundation/errors.js';
import type { Mask, Run, Tensor } from '../run.js';
import type { Weights } from '../weights.js';

/** Sizes, null where any will do; the batch first. */
export type Shape = (number | null)[];

/** Settings of a layer by the names of tf.layers. */
export type Settings = Readonly<Record<string, unknown>>;

/** A layer that only predicts. */
export abstract class Layer {
  readonly className: string;
  readonly name: string;

  constructor(className: string, settings: Settings) {
    this.className = className;
    this.name = String(settings.name);
  }

  /** Whether the mask of the only input goes on with the output. */
  readonly passesMask: boolean = false;

  /** The shapes of the outputs; refuses inputs that it cannot take. */
  abstract outputShapes(inputs: Shape[]): Shape[];

  /** Takes the weights that inputs of such shapes ask for. */
  build(_inputs: Shape[], _weights: Weights): void {}

  /** @param masks Of the inputs, null where all of it counts. */
  abstract call(run: Run, inputs: Tensor[], masks: (Mask | null)[], own: Settings): Tensor[];

  /** The same as {@link outputShapes}, for readers of files of Keras: one shape stands alone. */
  computeOutputShape(asked: Shape | Shape[]): Shape | Shape[] {
    const shapes = this.outputShapes((Array.isArray(asked[0]) ? asked : [asked]) as Shape[]);
    return shapes.length === 1 ? shapes[0]! : shapes;
  }

  getClassName(): string {
    return this.className;
  }

  /** The masks of the outputs. */
  masks(_run: Run, _inputs: Tensor[], masks: (Mask | null)[]): (Mask | null)[] {
    return this.passesMask ? [masks[0] ?? null] : [null];
  }

  /** Whether it reads whole numbers as they are; others get floats. */
  get readsIntegers(): boolean {
    return false;
  }

  /** Throws that it cannot be predicted with. */
  refuse(why: string, received?: unknown): never {
    return refuseLayer(this, why, received);
  }
}

/** Throws that a layer cannot be predicted with. */
export function refuseLayer(
  { name, className }: Pick<Layer, 'name' | 'className'>,
  why: string,
  received?: unknown,
): never {
  reject({
    where: 'loadPredictor',
    expected: `the layer ${name} (${className}) ${why}`,
    ...(received !== undefined && { received }),
    remedy: "Predict with the main entry, 'tfjs-recurrent', and TensorFlow.js.",
    see: 'not-for-a-predictor',
  });
}

/** The last size, which must be known. */
export function lastSize(layer: Layer, shape: Shape): number {
  const last = shape.at(-1);
  return typeof last === 'number' ? last : layer.refuse('needs an input of a known width', shape);
}

/** Throws unless an input has so many dimensions, with the batch. */
export function requireRank(layer: Layer, shape: Shape | undefined, rank: number): Shape {
  if (shape?.length !== rank) layer.refuse(`needs an input of ${rank} dimensions`, shape);
  return shape;
}
