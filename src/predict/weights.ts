/** The weights of one layer, by the names that Keras gives them. */
import type { Machine } from '../engine/machine.js';
import type { Layer } from './layers/layer.js';
import { keep, type Tensor } from './run.js';

/** A weight as it is in a file. */
export interface NamedWeight {
  /** The last part of its name: `kernel`. */
  name: string;
  shape: readonly number[];
  values(): Float32Array | Int32Array;
}

/** Hands the weights of a layer out, each once. */
export class Weights {
  readonly machine: Machine;
  readonly #left: NamedWeight[];

  constructor(machine: Machine, weights: readonly NamedWeight[]) {
    this.machine = machine;
    this.#left = [...weights];
  }

  /**
   * The next weight of a name, in the kernels' memory.
   *
   * @throws RecurrentError where there is none, or one of another shape.
   */
  take(layer: Layer, name: string, shape: readonly number[]): Tensor {
    return keep(this.machine, this.takeValues(layer, name, shape), [...shape]);
  }

  /** The same, as it is in the file. */
  takeValues(layer: Layer, name: string, shape: readonly number[]): Float32Array {
    const place = this.#left.findIndex((weight) => weight.name === name);
    if (place < 0) layer.refuse(`has no weight ${name} in the file`);
    const [weight] = this.#left.splice(place, 1) as [NamedWeight];
    if (`${weight.shape}` !== `${shape}`) {
      layer.refuse(`must have a ${name} of shape [${shape.join(', ')}]`, weight.shape);
    }
    const values = weight.values();
    if (values instanceof Float32Array) return values;
    return layer.refuse(`must have floats for its ${name}`);
  }
}
