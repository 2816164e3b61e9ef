/** Metrics of TensorFlow.js that have a kernel here, in the models that name them. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { binaryAccuracy } from '../../kernels/losses/binary-accuracy.js';
import { categoricalAccuracy } from '../../kernels/losses/categorical-accuracy.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { lossOf } from './fused-losses.js';

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
  const exchanged = tensors.map(([metric, output], i): [Metric, number] => {
    const kernel = fused.has(metric) ? null : kernelOf(model, names[i]);
    return [kernel ? fusedMetric(metric, kernel) : metric, output];
  });
  measured.metricsTensors = exchanged;
  return () => {
    if (measured.metricsTensors === exchanged) measured.metricsTensors = tensors;
  };
}

/** Whether a metric is one of those kernels, or TensorFlow.js for shapes that do not fit one. */
export function isFusedMetric(metric: Metric): boolean {
  return fused.has(metric);
}

/** A metric as a kernel. */
interface MetricKernel {
  /** Whether the kernel computes it for labels and an output of these shapes. */
  fits(yTrue: number[], yPred: number[]): boolean;
  compute: Metric;
}

const BINARY: MetricKernel = {
  fits: (yTrue, yPred) => yPred.at(-1) === 1 && tf.util.arraysEqual(yTrue, yPred),
  compute: binaryAccuracy,
};

const CATEGORICAL: MetricKernel = {
  fits: (yTrue, yPred) => yPred.length > 1 && tf.util.arraysEqual(yTrue, yPred),
  compute: (yTrue, yPred) => categoricalAccuracy(yTrue, yPred, false),
};

const SPARSE: MetricKernel = {
  fits(yTrue, yPred) {
    const rows = yPred.slice(0, -1);
    return (
      yPred.length > 1 &&
      (tf.util.arraysEqual(yTrue, rows) || tf.util.arraysEqual(yTrue, [...rows, 1]))
    );
  },
  compute: (yTrue, yPred) => categoricalAccuracy(yTrue, yPred, true),
};

/** The kernel of what TensorFlow.js takes a name for, which for the accuracy depends on output and loss. */
function kernelOf(model: tfl.LayersModel, name: unknown): MetricKernel | null {
  const single = model.outputs[0]!.shape.at(-1) === 1;
  const isAccuracy = name === 'accuracy' || name === 'acc';
  if (name === 'binaryAccuracy' || (isAccuracy && single)) return single ? BINARY : null;
  if (name === 'categoricalAccuracy') return CATEGORICAL;
  if (name === 'sparseCategoricalAccuracy') return SPARSE;
  if (!isAccuracy) return null;
  const loss = lossOf(model, 0);
  if (loss === 'binaryCrossentropy') return null;
  return loss === 'sparseCategoricalCrossentropy' ? SPARSE : CATEGORICAL;
}

function fusedMetric(original: Metric, { fits, compute }: MetricKernel): Metric {
  const metric: Metric = (yTrue, yPred) =>
    fits(yTrue.shape, yPred.shape) && fusedAvailable()
      ? compute(yTrue, yPred)
      : original(yTrue, yPred);
  fused.add(metric);
  return metric;
}
