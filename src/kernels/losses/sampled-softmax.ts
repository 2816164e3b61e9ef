/**
 * The cross-entropy of classes against a few that were drawn (Jean et al. 2015), and its gradient, as
 * `tf.nn.sampled_softmax_loss` computes them: logits less log of how often a class is expected among what
 * is drawn, and none for a drawn class that is the label itself. Where no gradient is recorded. Twin:
 * sampled-softmax-composed.ts.
 */
import { tf } from '../../foundation/tensorflow.js';
import { softmax } from '../activations/softmax.js';
import { floatsOf } from '../bridge/call.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { dense, denseGradients } from '../dense/dense.js';
import { type Candidates, logExpected } from './log-uniform.js';
import { logLosses } from './log-losses.js';

/** What is compared. */
export interface SampledInputs {
  /** [rows, columns] */
  x: tf.Tensor2D;
  /** [classes, columns] */
  kernel: tf.Tensor2D;
  /** [classes] */
  bias: tf.Tensor1D;
  /** Of each row the class that is right. */
  labels: Int32Array;
}

/** What comes back to each. */
export type SampledGradients = Record<'x' | 'kernel' | 'bias', tf.Tensor>;

const PICK = 'RecurrentSampledColumns';
const LOGITS = 'RecurrentSampledLogits';
const SLOPES = 'RecurrentSampledSlopes';
const SPREAD = 'RecurrentSampledGradients';

/** The loss of each row, [rows], and the gradients for a caller that asks for them itself. */
export function sampledSoftmax(
  { x, kernel, bias, labels }: SampledInputs,
  candidates: Candidates,
): { losses: tf.Tensor1D; gradients(dLosses: tf.Tensor): SampledGradients } {
  register();
  const settings: Settings = { labels, candidates };
  const rows = asFloats(x);
  const [columns, offsets] = runKernel<tf.Tensor[]>(PICK, { kernel, bias }, settings);
  const picked = { x: rows, kernel: columns as tf.Tensor2D, bias: offsets as tf.Tensor1D };
  const product = dense(picked, false);
  const logits = runKernel<tf.Tensor2D>(LOGITS, { product, x: rows, kernel, bias }, settings);
  const probabilities = softmax(logits) as tf.Tensor2D;
  return {
    losses: logLosses(logits, probabilities, new Int32Array(labels.length)),
    gradients(dLosses) {
      const given = { probabilities, dLosses: asFloats(dLosses) };
      const [dProduct, dTrue] = runKernel<tf.Tensor[]>(SLOPES, given, {});
      const d = denseGradients(picked, false, product, dProduct as tf.Tensor2D);
      const back = { dx: d.x, dColumns: d.kernel, dOffsets: d.bias, dTrue, x: rows, kernel };
      const [ofX, ofKernel, ofBias] = runKernel<tf.Tensor[]>(SPREAD, back, settings);
      return { x: ofX!, kernel: ofKernel!, bias: ofBias! };
    },
  };
}

interface Settings {
  labels: Int32Array;
  candidates: Candidates;
}

const register = registerKernels({
  kernels: { [PICK]: pick, [LOGITS]: join, [SLOPES]: slopes, [SPREAD]: spread },
  gradients: [],
});

type Inputs = Record<string, tf.TensorInfo>;

/** The columns and offsets of a dense layer that has the candidates alone. */
function pick(call: KernelCall, inputs: Inputs, { candidates }: Settings): tf.TensorInfo[] {
  const width = inputs.kernel!.shape[1]!;
  const { ids } = candidates;
  const columns = call.output([width, ids.length]);
  const offsets = call.output([ids.length]);
  const [kernel, bias] = floatsOf(call, inputs.kernel!, inputs.bias!);
  const { memory } = call.runtime;
  const ofColumns = memory.floats(columns.address, width * ids.length);
  const ofOffsets = memory.floats(offsets.address, ids.length);
  ids.forEach((id, i) => {
    for (let column = 0, at = i; column < width; column++, at += ids.length) {
      ofColumns[at] = kernel[id * width + column]!;
    }
    ofOffsets[i] = bias[id]! - logExpected(id, candidates);
  });
  return [columns.tensor, offsets.tensor];
}

/** The logits of the label, in the first column, and of the candidates: [rows, 1 + candidates]. */
function join(call: KernelCall, inputs: Inputs, { labels, candidates }: Settings): tf.TensorInfo {
  const [rows, count] = inputs.product!.shape as [number, number];
  const width = inputs.x!.shape[1]!;
  const logits = call.output([rows, 1 + count]);
  const [product, x, kernel, bias] = floatsOf(
    call,
    inputs.product!,
    inputs.x!,
    inputs.kernel!,
    inputs.bias!,
  );
  const out = call.runtime.memory.floats(logits.address, rows * (1 + count));
  const places = new Map(Array.from(candidates.ids, (id, i) => [id, i]));
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    let sum = 0;
    for (let column = 0, at = row * width, from = label * width; column < width; column++) {
      sum += x[at++]! * kernel[from++]!;
    }
    const start = row * (1 + count);
    out[start] = sum + bias[label]! - logExpected(label, candidates);
    out.set(product.subarray(row * count, (row + 1) * count), start + 1);
    const hit = places.get(label);
    if (hit !== undefined) out[start + 1 + hit] = NEVER;
  }
  return logits.tensor;
}

// So far below every other logit that its probability is zero.
const NEVER = -1e30;

/** What comes back to the products, [rows, candidates], and to the logits of the labels, [rows]. */
function slopes(call: KernelCall, inputs: Inputs): tf.TensorInfo[] {
  const [rows, all] = inputs.probabilities!.shape as [number, number];
  const count = all - 1;
  const dProduct = call.output([rows, count]);
  const dTrue = call.output([rows]);
  const [probabilities, dLosses] = floatsOf(call, inputs.probabilities!, inputs.dLosses!);
  const { memory } = call.runtime;
  const out = memory.floats(dProduct.address, rows * count);
  const ofLabels = memory.floats(dTrue.address, rows);
  for (let row = 0, at = 0, from = 0; row < rows; row++) {
    const slope = dLosses[row]!;
    ofLabels[row] = slope * (probabilities[from++]! - 1);
    for (const end = at + count; at < end; ) out[at++] = slope * probabilities[from++]!;
  }
  return [dProduct.tensor, dTrue.tensor];
}

/** The gradients of x, of the whole kernel and of the whole bias. */
function spread(
  call: KernelCall,
  inputs: Inputs,
  { labels, candidates }: Settings,
): tf.TensorInfo[] {
  const { ids, classes } = candidates;
  const [rows, width] = inputs.x!.shape as [number, number];
  const outputs = [[rows, width], [classes, width], [classes]].map((shape) => call.output(shape));
  const [dx, dColumns, dOffsets, dTrue, x, kernel] = floatsOf(
    call,
    ...[inputs.dx!, inputs.dColumns!, inputs.dOffsets!, inputs.dTrue!, inputs.x!, inputs.kernel!],
  ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
  const { memory } = call.runtime;
  const [ofX, ofKernel, ofBias] = outputs.map(({ address, tensor }) =>
    memory.floats(address, tf.util.sizeFromShape(tensor.shape)),
  ) as [Float32Array, Float32Array, Float32Array];
  ofX.set(dx);
  ofKernel.fill(0);
  ofBias.fill(0);
  ids.forEach((id, i) => {
    for (let column = 0, from = i; column < width; column++, from += ids.length) {
      ofKernel[id * width + column] = dColumns[from]!;
    }
    ofBias[id] = dOffsets[i]!;
  });
  for (let row = 0, at = 0; row < rows; row++) {
    const label = labels[row]!;
    const slope = dTrue[row]!;
    ofBias[label] = ofBias[label]! + slope;
    for (let column = 0, to = label * width; column < width; column++, at++, to++) {
      ofX[at] = ofX[at]! + slope * kernel[to]!;
      ofKernel[to] = ofKernel[to]! + slope * x[at]!;
    }
  }
  return outputs.map(({ tensor }) => tensor);
}
