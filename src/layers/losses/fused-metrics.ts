/** Metrics of TensorFlow.js that have a kernel here, in the models that name them. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { binaryAccuracy } from '../../kernels/losses/binary-accuracy.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';

type Metric = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** What the types of a model hide. */
interface Measured {
  metrics: unknown;
  metricsTensors: [Metric, number][];
}

const fused = new WeakSet<Metric>();

/**
 * Exchanges the metrics of a compiled model for kernels that compute the same, until it is compiled
 * again. Their names stay.
 *
 * @param model Itself, not the Sequential around it.
 * @returns Undoes it.
 */
export function fuseMetrics(model: tfl.LayersModel): () => void {
  const measured = model as unknown as Measured;
  const { metricsTensors: tensors } = measured;
  if (!tensors || model.outputs.length !== 1) return () => {};
  // With one output, the list of names and that of functions are in the same order.
  const names = [measured.metrics].flat();
  const single = model.outputs[0]!.shape.at(-1) === 1;
  const exchanged = tensors.map(([metric, output], i): [Metric, number] =>
    single && NAMES.has(names[i]) && !fused.has(metric)
      ? [fusedAccuracy(metric), output]
      : [metric, output],
  );
  measured.metricsTensors = exchanged;
  return () => {
    if (measured.metricsTensors === exchanged) measured.metricsTensors = tensors;
  };
}

/** Whether a metric is one of those kernels, or TensorFlow.js for shapes that do not fit one. */
export function isFusedMetric(metric: Metric): boolean {
  return fused.has(metric);
}

// By each of them TensorFlow.js means binaryAccuracy where there is one output a sample.
const NAMES = new Set<unknown>(['accuracy', 'acc', 'binaryAccuracy']);

function fusedAccuracy(original: Metric): Metric {
  const metric: Metric = (yTrue, yPred) => {
    const fits = yPred.shape.at(-1) === 1 && tf.util.arraysEqual(yTrue.shape, yPred.shape);
    return fits && fusedAvailable() ? binaryAccuracy(yTrue, yPred) : original(yTrue, yPred);
  };
  fused.add(metric);
  return metric;
}
