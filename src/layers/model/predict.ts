/** model.predict, by our own way through the graph. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { takeRows } from '../../kernels/bridge/rows.js';
import { samplesAtOnce } from './samples-at-once.js';
import { graphOf } from './graph.js';
import { runGraph } from './run-graph.js';

/**
 * The outputs for all samples, of which `batchSize` or, where that changes nothing, more are computed
 * at once.
 *
 * @param model Itself, not the Sequential around it.
 */
export function predictLoop(
  model: tfl.LayersModel,
  inputs: tf.Tensor | tf.Tensor[],
  batchSize = 32,
): tf.Tensor | tf.Tensor[] {
  return tf.tidy(() => {
    const tensors = [inputs].flat();
    const samples = tensors[0]!.shape[0]!;
    const atOnce = samplesAtOnce(model, batchSize);
    const batches: tf.Tensor[][] = [];
    for (let first = 0; first < samples; first += atOnce) {
      const size = Math.min(atOnce, samples - first);
      batches.push(
        tf.tidy(() => {
          const rows = tensors.map((tensor) => rowsOf(tensor, first, size));
          return runGraph(graphOf(model), { values: rows, masks: [] }, {}).values;
        }),
      );
    }
    const outputs = model.outputs.map((_, i) => tf.concat(batches.map((batch) => batch[i]!)));
    return outputs.length === 1 ? outputs[0]! : outputs;
  });
}

function rowsOf(tensor: tf.Tensor, first: number, size: number): tf.Tensor {
  if (size === tensor.shape[0]) return tensor;
  // On cpu, a part of a tensor is a view; on wasm, all of it would be copied for each part. Where
  // somebody asks for the gradient of a prediction, it flows back through slices alone.
  const isRecorded = tf.engine().state.gradientDepth > 0;
  if (isRecorded || tf.getBackend() !== 'wasm') return tf.slice(tensor, first, size);
  return takeRows(
    tensor,
    Int32Array.from({ length: size }, (_, i) => first + i),
  );
}
