/** model.fit, evaluate and predict with batches whose rows are copied. */
import { tf, tfl } from '../foundation/tensorflow.js';
import { takeRows } from '../kernels/bridge/rows.js';
import { samplesAtOnce } from './samples-at-once.js';

type Tensors = (tf.Tensor | null)[]; // null for samples without weights
type OnBatch = (batch: tf.Tensor[]) => tf.Scalar[];

/** The loops over batches of a model of TensorFlow.js, two of which its types hide. */
interface Loops {
  fitLoop: tfl.LayersModel['fitLoop'];
  testLoop(onBatch: OnBatch, inputs: Tensors, ...settings: unknown[]): tf.Scalar[];
  predictLoop(inputs: tf.Tensor | tf.Tensor[], batchSize?: number): tf.Tensor | tf.Tensor[];
}

const stock = tfl.LayersModel.prototype as unknown as Loops;

/**
 * From now on, `fit` and `evaluate` of the model copy the rows of each batch, where TensorFlow.js
 * gathers them value by value, which takes a tenth of a step of an LSTM. Everything else is its
 * own: the loops, the callbacks, how samples are shuffled. `predict` does so where its wasm backend
 * would copy all samples for each batch, and takes more samples at once than it is asked to where
 * that changes nothing.
 *
 * @param model Itself, not the Sequential around it.
 * @returns Undoes it.
 */
export function batchByRows(model: tfl.LayersModel): () => void {
  if (Object.hasOwn(model, 'fitLoop')) return () => {};
  Object.assign(model, byRows);
  return () => {
    for (const loop of Object.keys(byRows)) Reflect.deleteProperty(model, loop);
  };
}

const byRows: Loops & ThisType<tfl.LayersModel> = {
  fitLoop(train, inputs, names, batchSize = 32, ...others) {
    const [epochs, verbose, callbacks, validate, validation, asked, ...last] = others;
    const shuffle = asked ?? true;
    const samples = inputs[0]!.shape[0]!;
    const order = Int32Array.from({ length: samples }, (_, i) => i);
    let first = 0;
    const trainRows: OnBatch = () => {
      // Where an epoch begins, as TensorFlow.js does.
      if (first === 0 && shuffle) tf.util.shuffle(order);
      const rows = order.subarray(first, first + batchSize);
      first = first + batchSize < samples ? first + batchSize : 0;
      return train(rowsOf(inputs, rows));
    };
    const loop = stock.fitLoop.bind(this, trainRows, nothingOf(samples), names, batchSize);
    const unshuffled = shuffle === true ? false : shuffle;
    return loop(epochs, verbose, callbacks, validate, validation, unshuffled, ...last);
  },

  testLoop(test, inputs, ...settings) {
    return tf.tidy(() => {
      const testRows: OnBatch = ([batch]) =>
        tf.tidy(() => test(rowsOf(inputs, batch!.dataSync<'int32'>())));
      return stock.testLoop.call(this as never, testRows, [numbersOf(inputs)], ...settings);
    });
  },

  predictLoop(inputs, asked = 32) {
    const batchSize = samplesAtOnce(this, asked);
    const loop = (some: typeof inputs) => stock.predictLoop.call(this as never, some, batchSize);
    const tensors = [inputs].flat();
    const samples = tensors[0]!.shape[0]!;
    // On cpu, a part of a tensor is a view.
    if (tf.getBackend() !== 'wasm' || samples <= batchSize) return loop(inputs);
    return tf.tidy(() => {
      const batches: tf.Tensor[][] = [];
      for (let first = 0; first < samples; first += batchSize) {
        const size = Math.min(batchSize, samples - first);
        const rows = Int32Array.from({ length: size }, (_, i) => first + i);
        batches.push(tf.tidy(() => [loop(tensors.map((tensor) => takeRows(tensor, rows)))].flat()));
      }
      const outputs = batches[0]!.map((_, i) => tf.concat(batches.map((batch) => batch[i]!)));
      return outputs.length === 1 ? outputs[0]! : outputs;
    });
  },
};

// A loop gathers from the numbers of the rows, which is next to nothing, and what it hands on is
// exchanged for the rows.
function numbersOf(tensors: Tensors): tf.Tensor1D {
  return tf.range(0, tensors[0]!.shape[0]!, 1, 'int32');
}

/** So many samples of no tensors, from which there is nothing to gather. */
function nothingOf(samples: number): tf.Tensor[] {
  return [Object.assign([], { shape: [samples] }) as never];
}

function rowsOf(tensors: Tensors, rows: Int32Array): tf.Tensor[] {
  return tensors.map((tensor) => tensor && takeRows(tensor, rows)) as tf.Tensor[];
}
