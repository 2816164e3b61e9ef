/** model.fit and evaluate with batches whose rows are copied. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { takeRows } from '../../kernels/bridge/rows.js';

type Tensors = (tf.Tensor | null)[]; // null for samples without weights
type OnBatch = (batch: tf.Tensor[]) => tf.Scalar[];

/** The loops over batches of TensorFlow.js, two of which its types hide. */
export interface Loops {
  fitLoop: tfl.LayersModel['fitLoop'];
  testLoop(onBatch: OnBatch, inputs: Tensors, ...settings: unknown[]): tf.Scalar[];
}

/**
 * The loop of `fit`, with the rows of each batch copied, where TensorFlow.js gathers them value by
 * value, which takes a tenth of a step of an LSTM. Everything else is its own: the callbacks, how
 * samples are shuffled.
 *
 * @param loop That of TensorFlow.js, bound to the model.
 */
export function fitByRows(
  loop: Loops['fitLoop'],
  ...[train, inputs, names, batchSize = 32, ...others]: Parameters<Loops['fitLoop']>
): ReturnType<Loops['fitLoop']> {
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
  const rows = nothingOf(samples);
  const unshuffled = shuffle === true ? false : shuffle;
  return loop(
    ...([trainRows, rows, names, batchSize, epochs, verbose, callbacks] as const),
    ...([validate, validation, unshuffled, ...last] as const),
  );
}

/** The loop of `evaluate`, likewise. */
export function evaluateByRows(
  loop: Loops['testLoop'],
  ...[test, inputs, ...settings]: Parameters<Loops['testLoop']>
): tf.Scalar[] {
  return tf.tidy(() => {
    const testRows: OnBatch = ([batch]) =>
      tf.tidy(() => test(rowsOf(inputs, batch!.dataSync<'int32'>())));
    return loop(testRows, [numbersOf(inputs)], ...settings);
  });
}

/**
 * From now on, a model has these loops.
 *
 * @param model Itself, not the Sequential around it.
 * @returns Undoes it.
 */
export function batchByRows(model: tfl.LayersModel): () => void {
  if (Object.hasOwn(model, 'fitLoop')) return () => {};
  const { fitLoop, testLoop } = model as unknown as Loops;
  const loops: Loops = {
    fitLoop: (...given) => fitByRows(fitLoop.bind(model), ...given),
    testLoop: (...given) => evaluateByRows(testLoop.bind(model), ...given),
  };
  Object.assign(model, loops);
  return () => {
    for (const loop of Object.keys(loops)) Reflect.deleteProperty(model, loop);
  };
}

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
