// y = x·W + b, or relu of that, and its gradients, for any sizes. Inputs are padded to 4, units to 8.
import { multiply } from '../arithmetic/multiply';
import { accumulateColumns, accumulateOuter } from '../arithmetic/outer';
import { copyRows, pack, packTransposed, padRows, roundUp8 } from '../arithmetic/panels';
import { copyFloats, roundUp4 } from '../arithmetic/simd';

// So many rows at a time, which stay in the nearest cache while every tile of the weights goes
// through them. Not more: widths are often powers of two, and rows that far apart share few of its lines.
const OUTER_ROWS: i32 = 64;

/** Filled in by src/kernels/dense/dense.ts, field by field in this order. */
@unmanaged
class DenseJob {
  rows: i32;
  inputs: i32;
  units: i32;
  relu: i32;
  x: usize; // [rows, inputs]
  kernel: usize; // [inputs, units]
  bias: usize; // [units], or 0
  y: usize; // [rows, units]: out; of the backward pass in, with relu
  panels: usize; // scratch [paddedUnits/8][paddedInputs][8]
  wide: usize; // scratch [rows][max(paddedInputs, paddedUnits) + 8]
  narrow: usize; // scratch [rows][paddedInputs]
  // Backward only:
  dy: usize; // [rows, units]
  dx: usize; // out: [rows, inputs]
  dKernel: usize; // out: [inputs, units]
  dBias: usize; // out: [units], or 0
  transposed: usize; // scratch [(inputs rounded up to 8)/8][units][8]
  copy: usize; // scratch [64][16]
  passed: usize; // scratch [rows, units], with relu
  start: usize; // set here
}

/** y = x·W + b, or relu of that */
export function denseForward(pointer: usize): void {
  const job = changetype<DenseJob>(pointer);
  const rows = job.rows, inputs = job.inputs, units = job.units, columns = roundUp8(units);
  const row = <usize>columns << 2, yRow = <usize>units << 2;
  pack(inputs, units, job.kernel, job.panels);
  // One more row for the bias, padded.
  const bias = job.wide + <usize>rows * row;
  memory.fill(bias, 0, row);
  if (job.bias) copyFloats(bias, job.bias, units);
  job.start = bias;
  const starts = pointer + offsetof<DenseJob>('start');
  const to = columns == units ? job.y : job.wide;
  multiply(rows, columns, inputs, job.x, <usize>inputs << 2, job.panels, <usize>inputs << 5, starts, 0, to, row);
  if (to != job.y) copyRows(rows, job.y, yRow, to, row, units);
  if (job.relu) {
    const end = job.y + <usize>rows * yRow;
    // The last vector may run past the end: buffers are padded to 16 bytes. NaN stays NaN.
    for (let at = job.y; at < end; at += 16) v128.store(at, f32x4.pmax(v128.load(at), f32x4.splat(0)));
  }
}

/** The gradient in front of relu: dy where y is positive. */
function passPositive(job: DenseJob): usize {
  const size = <usize>(job.rows * job.units) << 2;
  for (let at: usize = 0; at < size; at += 16) {
    // Not `and(dy, gt)`, which would lose NaN.
    const stopped = f32x4.le(v128.load(job.y + at), f32x4.splat(0));
    v128.store(job.passed + at, v128.andnot(v128.load(job.dy + at), stopped));
  }
  return job.passed;
}

/** dx = dy·Wᵀ; dW = xᵀ·dy, db = the sums of dy. A job for one of them has 0 for the other. */
export function denseBackward(pointer: usize): void {
  const job = changetype<DenseJob>(pointer);
  const dy = job.relu ? passPositive(job) : job.dy;
  if (job.dx) writeInputGradient(job, dy);
  if (job.dKernel) writeWeightGradients(job, dy);
}

function writeInputGradient(job: DenseJob, dy: usize): void {
  const rows = job.rows, inputs = job.inputs, units = job.units, outputs = roundUp8(inputs);
  const dxRow = <usize>outputs << 2, to = outputs == inputs ? job.dx : job.wide;
  packTransposed(inputs, units, job.kernel, job.transposed);
  multiply(rows, outputs, units, dy, <usize>units << 2, job.transposed, <usize>units << 5, 0, 0, to, dxRow);
  if (to != job.dx) copyRows(rows, job.dx, <usize>inputs << 2, to, dxRow, inputs);
}

function writeWeightGradients(job: DenseJob, dy: usize): void {
  const rows = job.rows, inputs = job.inputs, units = job.units;
  const columns = roundUp8(units), depth = roundUp4(inputs);
  const dyRow = <usize>columns << 2, xRow = <usize>depth << 2;
  const b = padRows(rows, job.wide, columns, dy, units), a = padRows(rows, job.narrow, depth, job.x, inputs);
  memory.fill(job.panels, 0, <usize>(columns * depth) << 2);
  for (let first = 0; first < rows; first += OUTER_ROWS) {
    const from = <usize>first;
    accumulateOuter(
      min(OUTER_ROWS, rows - first), columns, depth, a + from * xRow, xRow, b + from * dyRow, dyRow,
      job.panels, <usize>depth << 5, job.copy,
    );
  }
  for (let unit = 0; unit < units; unit += 8) {
    const panel = job.panels + <usize>(unit >> 3) * (xRow << 3);
    copyRows(inputs, job.dKernel + (<usize>unit << 2), <usize>units << 2, panel, 32, min(8, units - unit));
  }
  if (job.dBias) {
    memory.fill(job.panels, 0, dyRow);
    accumulateColumns(rows, columns, b, dyRow, job.panels);
    copyFloats(job.dBias, job.panels, units);
  }
}
