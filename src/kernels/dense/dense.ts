/**
 * x·W + b, or relu of that, as two kernels of TensorFlow.js. Source: assembly/dense/dense.ts; twin:
 * `denseComposed` below.
 */
import { tf } from '../../foundation/tensorflow.js';
import { JobFields, runJobs, writeJob } from '../bridge/jobs.js';
import { registerKernels, rejectSecondDerivative } from '../bridge/register.js';
import { asFloats, type KernelCall, type Workplace } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentDense';
const BACKWARD = 'RecurrentDenseGradient';

/** What a dense layer multiplies. */
export interface DenseInputs {
  /** [rows, inputs] */
  x: tf.Tensor2D;
  /** [inputs, units] */
  kernel: tf.Tensor2D;
  /** [units] */
  bias?: tf.Tensor1D;
}

/** The settings of a call; they reach the gradient, too. */
interface Attributes {
  hasBias: boolean;
  relu: boolean;
}

/**
 * Multiplies with a kernel and adds a bias.
 *
 * @param relu Whether to set what is negative to zero.
 * @returns [rows, units]
 */
export function dense({ x, kernel, bias }: DenseInputs, relu: boolean): tf.Tensor2D {
  register();
  const inputs = { x: asFloats(x), kernel, ...(bias && { bias }) };
  const attributes: Attributes = { hasBias: bias !== undefined, relu };
  return runKernel<tf.Tensor2D>(FORWARD, inputs, attributes);
}

/** What comes back from `dy`, [rows, units], the gradient of what {@link dense} returned as `y`. */
export function denseGradients(
  { x, kernel, bias }: DenseInputs,
  relu: boolean,
  y: tf.Tensor2D,
  dy: tf.Tensor2D,
): Record<keyof DenseInputs, tf.Tensor> {
  register();
  return runBackward({ x: asFloats(x), kernel, y, dy }, { hasBias: bias !== undefined, relu });
}

/** The same values in operations that every backend has. */
export function denseComposed({ x, kernel, bias }: DenseInputs, relu: boolean): tf.Tensor2D {
  const product: tf.Tensor2D = tf.matMul(x, kernel);
  const sum = bias === undefined ? product : (tf.add(product, bias) as tf.Tensor as tf.Tensor2D);
  return relu ? tf.relu(sum) : sum;
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['x', 'kernel'],
      outputsToSave: [true],
      gradFunc: (dy, saved, attributes) =>
        gradient(dy as tf.Tensor, saved, attributes as unknown as Attributes),
    },
    {
      kernelName: BACKWARD,
      gradFunc: () => rejectSecondDerivative('dense', "build the layer with kernel: 'composed'"),
    },
  ],
});

// The fields of DenseJob in assembly/dense/dense.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'rows', 'inputs', 'units', 'relu', 'x', 'kernel', 'bias', 'y', 'panels', 'wide', 'narrow',
  'dy', 'dx', 'dKernel', 'dBias', 'transposed', 'copy', 'passed', 'start',
]);

type DenseJob = Record<(typeof FIELDS)['names'][number], number>;

const roundUp = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple;

type Sizes = Pick<DenseJob, 'inputs' | 'units'>;

const panelBytes = ({ inputs, units }: Sizes) => 4 * roundUp(inputs, 8) * roundUp(units, 8);
const wideBytes = (rows: number, { inputs, units }: Sizes) =>
  4 * (rows + 1) * Math.max(roundUp(inputs, 8), roundUp(units, 8));

function prepare(
  call: KernelCall,
  { x, kernel, bias, y }: Record<string, tf.TensorInfo>,
  { relu }: Attributes,
): DenseJob {
  const rows = x!.shape[0]!;
  const [inputs, units] = kernel!.shape as [number, number];
  const sizes = { inputs, units };
  return {
    rows,
    inputs,
    units,
    relu: Number(relu),
    x: call.input(x),
    kernel: call.input(kernel),
    bias: call.input(bias),
    y: call.input(y),
    panels: call.scratch(panelBytes(sizes)),
    wide: call.scratch(wideBytes(rows, sizes)),
    ...OF_GRADIENTS,
  };
}

/** The job of a call for the kernel denseForward, between addresses: x [rows, inputs], y [rows, units]. */
export function denseJob(
  place: Workplace,
  given: Pick<DenseJob, 'rows' | 'inputs' | 'units' | 'relu' | 'x' | 'kernel' | 'bias' | 'y'>,
): number {
  const panels = place.scratch(panelBytes(given));
  const wide = place.scratch(wideBytes(given.rows, given));
  return writeJob(place, FIELDS, [{ ...OF_GRADIENTS, ...given, panels, wide }]);
}

const OF_GRADIENTS = {
  ...{ narrow: 0, dy: 0, dx: 0, dKernel: 0, dBias: 0 },
  ...{ transposed: 0, copy: 0, passed: 0, start: 0 },
};

function forward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  attributes: Attributes,
): tf.TensorInfo {
  const job = prepare(call, inputs, attributes);
  const { rows, units } = job;
  const y = call.output([rows, units]);
  const shards = shardsOf(job, call.runtime.threads);
  const jobs = shards.map(({ first, count }) => [
    job,
    {
      rows: count,
      x: job.x + 4 * first * job.inputs,
      y: y.address + 4 * first * units,
      // The first one has what was prepared.
      panels: first === 0 ? job.panels : call.scratch(panelBytes(job)),
      wide: first === 0 ? job.wide : call.scratch(wideBytes(count, job)),
    },
  ]);
  runJobs(call, 'denseForward', FIELDS, jobs as [DenseJob][]);
  return y.tensor;
}

// Fewer, and waking a thread costs more than it saves.
const FEWEST_PRODUCTS = 262_144;
// So many shards a thread; see `ranges` in jobs.ts.
const SHARDS = 4;
// Four rows of floats are whole vectors, so that no shard writes into the next one.
const ROWS_AT_ONCE = 4;

/** Even shares of the rows, as many as are worth it. */
function shardsOf({ rows, inputs, units }: DenseJob, threads: number) {
  const products = rows * inputs * units;
  if (threads === 1 || products < FEWEST_PRODUCTS) return [{ first: 0, count: rows }];
  const most = Math.min(SHARDS * threads, Math.floor((2 * products) / FEWEST_PRODUCTS));
  const size = ROWS_AT_ONCE * Math.ceil(rows / most / ROWS_AT_ONCE);
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    count: Math.min(size, rows - i * size),
  }));
}

function backward(
  call: KernelCall,
  tensors: Record<string, tf.TensorInfo>,
  attributes: Attributes,
): tf.TensorInfo[] {
  const job = prepare(call, tensors, attributes);
  const { rows, inputs, units, relu } = job;
  const dx = call.output([rows, inputs]);
  const dKernel = call.output([inputs, units]);
  const dBias = attributes.hasBias ? call.output([units]) : null;
  const own = {
    narrow: call.scratch(4 * rows * roundUp(inputs, 4)),
    dy: call.input(tensors.dy),
    dx: dx.address,
    dKernel: dKernel.address,
    dBias: dBias?.address ?? 0,
    transposed: call.scratch(4 * roundUp(inputs, 8) * units),
    copy: call.scratch(64 * rows),
    passed: relu ? call.scratch(4 * rows * units) : 0,
  };
  if (call.runtime.threads > 1 && rows * inputs * units >= FEWEST_PRODUCTS) {
    const scratch = {
      wide: call.scratch(4 * rows * roundUp(inputs, 8)),
      passed: relu ? call.scratch(4 * rows * units) : 0,
    };
    const ofInputs = { dKernel: 0, dBias: 0, ...scratch };
    const ofWeights = { dx: 0 };
    runJobs(call, 'denseBackward', FIELDS, [
      [job, own, ofWeights],
      [job, own, ofInputs],
    ]);
  } else runJobs(call, 'denseBackward', FIELDS, [[job, own]]);
  return [dx.tensor, dKernel.tensor, ...(dBias ? [dBias.tensor] : [])];
}

function gradient(
  dy: tf.Tensor,
  [x, kernel, y]: tf.Tensor[],
  attributes: Attributes,
): Record<string, () => tf.Tensor> {
  const gradients = runBackward({ x: x!, kernel: kernel!, y: y!, dy }, attributes);
  return Object.fromEntries(Object.entries(gradients).map(([name, value]) => [name, () => value]));
}

/** The gradients of the inputs by their names. */
function runBackward(
  { y, ...others }: { x: tf.Tensor; kernel: tf.Tensor; y: tf.Tensor; dy: tf.Tensor },
  attributes: Attributes,
): Record<keyof DenseInputs, tf.Tensor> {
  const { hasBias, relu } = attributes;
  const inputs = { ...others, ...(relu && { y }) };
  const [x, kernel, bias] = runKernel<tf.Tensor[]>(BACKWARD, inputs, attributes);
  return { x: x!, kernel: kernel!, ...(hasBias && { bias: bias! }) } as never;
}
