/**
 * Rows of a table by index, and the table's gradient, as two kernels of
 * TensorFlow.js. Source: assembly/embedding/embedding.ts; twin: embedding-composed.ts.
 */
import { tf } from '../../foundation/tensorflow.js';
import { gather } from './gather.js';
import type { Gathered } from './gathered.js';
import { JobFields, ranges, runJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import type { KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { WordGradient } from './word-gradient.js';

const FORWARD = 'RecurrentEmbedding';
const BACKWARD = 'RecurrentEmbeddingGradient';

/**
 * Looks indices up in a table.
 *
 * @param indices int32 of any shape.
 * @param table [rows, width]
 * @returns [...indices.shape, width]
 * @throws RecurrentError for an index that is not a row of the table.
 */
export function embedding(indices: tf.Tensor, table: tf.Tensor2D): tf.Tensor {
  return embeddingWithGradient(indices, table).output;
}

/** The same, for a caller that asks for the gradient of the table itself. */
export function embeddingWithGradient(indices: tf.Tensor, table: tf.Tensor2D) {
  register();
  const attributes: Attributes = { rows: table.shape[0], link: { words: null } };
  const output = runKernel<tf.Tensor>(FORWARD, { indices, table }, attributes);
  const gradient = (dy: tf.Tensor): tf.Tensor => runKernel(BACKWARD, { indices, dy }, attributes);
  return { output, gradient };
}

/**
 * The size of the table and, for the gradient, what the lookup returned. The object reaches both,
 * as the activations of an LSTM do.
 */
type Attributes = { rows: number; link: { words: Gathered | null } };

const register = registerKernels({
  kernels: { [FORWARD]: lookUp, [BACKWARD]: scatterAdd },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['indices'],
      gradFunc: (dy, [indices], attributes) => ({
        table: () => runKernel<tf.Tensor>(BACKWARD, { indices, dy }, attributes),
        indices: () => tf.zerosLike(indices!),
      }),
    },
    {
      // The sum over occurrences is linear: its own gradient is the lookup.
      kernelName: BACKWARD,
      inputsToSave: ['indices'],
      gradFunc: (ddTable, [indices]) => ({
        dy: () => embedding(indices!, ddTable as tf.Tensor2D),
        indices: () => tf.zerosLike(indices!),
      }),
    },
  ],
});

// The fields of ScatterAddJob in assembly/embedding/embedding.ts, in its order.
// biome-ignore format: one line a group
const SCATTER_FIELDS = new JobFields([
  'firstColumn', 'columns', 'count', 'rows', 'width', 'indices', 'gradient', 'dTable',
]);

function lookUp(
  call: KernelCall,
  { indices, table }: Record<string, tf.TensorInfo>,
  { link }: Attributes,
): tf.TensorInfo {
  const { rows, gathered } = gather(call, indices!, table!);
  link.words = gathered;
  return rows;
}

function scatterAdd(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { rows, link }: Attributes,
): tf.TensorInfo {
  const { indices, dy } = inputs as { indices: tf.TensorInfo; dy: tf.TensorInfo };
  const width = dy.shape.at(-1)!;
  const deferred = call.deferredOf(dy);
  if (deferred instanceof WordGradient && deferred.words === link.words) {
    const summed = deferred.takeTable();
    if (summed !== null) return call.output([rows, width], summed).tensor;
  }
  const count = tf.util.sizeFromShape(indices.shape);
  const out = call.output([rows, width]);
  const common = {
    count,
    rows,
    width,
    indices: call.input(indices),
    gradient: call.input(dy),
    dTable: out.address,
  };
  // Shares of the columns, a cache line at least, since any index may be anywhere.
  const shards = ranges(width, call.runtime.threads, count * width, 16);
  const jobs = shards.map(
    (range) => [{ firstColumn: range.first, columns: range.count }, common] as const,
  );
  runJobs(call, 'embeddingScatterAdd', SCATTER_FIELDS, jobs);
  return out.tensor;
}
