/** What a stream carries from chunk to chunk: numbers where the kernels run, tensors elsewhere. */
import { reject, show } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';

/** The states of some streams. */
export class StreamState {
  /** How many streams there are; null before anything has set it. */
  batch: number | null = null;
  readonly #shapes: readonly number[][];
  #floats: Float32Array[] | null = null;
  #tensors: tf.Tensor[] | null = null;

  /** @param shapes Of a single stream. */
  constructor(shapes: readonly number[][]) {
    this.#shapes = shapes;
  }

  /** Forgets everything. */
  reset(): void {
    tf.dispose(this.#tensors ?? []);
    this.batch = this.#floats = this.#tensors = null;
  }

  /** For one who writes into them, [batch, …] each; zeros in the beginning. */
  floats(batch: number): Float32Array[] {
    if (!this.#floats) {
      const size = (shape: number[]) => batch * tf.util.sizeFromShape(shape);
      this.#floats = this.#tensors
        ? this.#tensors.map((tensor) => Float32Array.from(tensor.dataSync()))
        : this.#shapes.map((shape) => new Float32Array(size(shape)));
      tf.dispose(this.#tensors ?? []);
      this.#tensors = null;
      this.batch = batch;
    }
    return this.#floats;
  }

  /** New tensors, for the caller to dispose of. */
  tensors(batch: number): tf.Tensor[] {
    const [floats, tensors] = [this.#floats, this.#tensors];
    if (tensors) return tensors.map((tensor) => tf.clone(tensor));
    return this.#shapes.map((shape, i) =>
      floats
        ? tf.tensor(floats[i]!.slice(), [batch, ...shape], 'float32')
        : tf.zeros([batch, ...shape]),
    );
  }

  /** Takes tensors over. */
  set(batch: number, tensors: tf.Tensor[]): void {
    this.reset();
    this.#tensors = tensors.map((tensor) => tf.keep(tensor));
    this.batch = batch;
  }

  /** Copies tensors of somebody else's. */
  copy(given: readonly tf.Tensor[]): void {
    const batch = this.#requireShapes(given);
    this.set(
      batch,
      tf.tidy(() => given.map((tensor) => tf.keep(tf.clone(tensor)))),
    );
  }

  #requireShapes(given: readonly tf.Tensor[]): number {
    const shapes = this.#shapes;
    const expected = shapes.map((shape) => `[batch, ${shape.join(', ')}]`).join(' and ');
    const isList = Array.isArray(given) && given.every((tensor) => tensor instanceof tf.Tensor);
    const batch = isList ? given[0]?.shape[0] : undefined;
    const fits =
      batch !== undefined &&
      batch > 0 &&
      given.length === shapes.length &&
      shapes.every((shape, i) => tf.util.arraysEqual(given[i]!.shape, [batch, ...shape]));
    if (!fits) {
      reject({
        where: 'stream.state',
        expected: `state must be a list of ${shapes.length} tensors of the shapes ${expected}`,
        ...(isList ? { received: given.map((tensor) => tensor.shape) } : { received: show(given) }),
        remedy: 'Set what stream.state of the same model has been.',
        see: 'wrong-shape',
      });
    }
    const other = given.find(({ dtype }) => dtype !== 'float32');
    if (other) {
      reject({ where: 'stream.state', expected: 'state must be float32', received: other.dtype });
    }
    return batch!;
  }
}
