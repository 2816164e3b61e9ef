// y = x ∗ W + b over time, and its gradients: the windows of a sample, rows that overlap, times the
// kernel as a matrix. Where windows do not lie in one piece, because of dilation, they are copied.
import { multiply } from '../arithmetic/multiply';
import { accumulateColumns, accumulateOuter } from '../arithmetic/outer';
import { copyRows, pack, packTransposed, padRows, roundUp8 } from '../arithmetic/panels';
import { addFloats, copyFloats, roundUp4 } from '../arithmetic/simd';

/** Filled in by src/kernels/convolution/conv1d.ts, field by field in this order. */
@unmanaged
class Conv1dJob {
  first: i32; // of the samples of the shard
  count: i32; // of the shard
  time: i32;
  before: i32; // steps of padding in front of a sample
  padded: i32; // steps of a sample with its padding
  steps: i32; // of the output
  inputs: i32;
  units: i32;
  size: i32; // of the kernel, in steps
  strides: i32;
  dilation: i32;
  x: usize; // [samples, time, inputs]
  kernel: usize; // [size, inputs, units]
  bias: usize; // [units], or 0
  y: usize; // [samples, steps, units]: out
  panels: usize; // scratch [paddedUnits/8][size·inputs rounded up to 4][8]
  sample: usize; // scratch [padded, inputs], and four floats
  windows: usize; // scratch [steps][size·inputs rounded up to 8] with dilation, else 0
  wide: usize; // scratch [steps + 1][max(paddedUnits, size·inputs rounded up to 8)]
  start: usize; // set here
  // Backward only:
  dy: usize; // [samples, steps, units]
  dx: usize; // out: [samples, time, inputs], or 0
  dPanels: usize; // out: as panels, the sum over the shard
  dBias: usize; // out: [paddedUnits], the sum over the shard
  transposed: usize; // scratch [(size·inputs rounded up to 8)/8][units][8]
  dWindows: usize; // scratch [steps][size·inputs rounded up to 8]
  copy: usize; // scratch [steps][16]
  narrow: usize; // scratch [steps][size·inputs rounded up to 4]
}

/** A sample with its padding: itself where it has none. */
function padSample(job: Conv1dJob, x: usize): usize {
  if (job.padded == job.time) return x;
  const row = <usize>job.inputs << 2, to = job.sample;
  memory.fill(to, 0, <usize>job.padded * row);
  copyFloats(to + <usize>job.before * row, x, job.time * job.inputs);
  return to;
}

/** The windows of a sample, one behind the other. */
function copyWindows(job: Conv1dJob, sample: usize): void {
  const row = <usize>job.inputs << 2, inputs = job.inputs;
  let to = job.windows;
  for (let step = 0; step < job.steps; step++) {
    let from = sample + <usize>(step * job.strides) * row;
    for (let k = 0; k < job.size; k++) {
      copyFloats(to, from, inputs);
      to += row;
      from += <usize>job.dilation * row;
    }
  }
}

export function conv1dForward(pointer: usize): void {
  const job = changetype<Conv1dJob>(pointer);
  const depth = job.size * job.inputs, units = job.units, steps = job.steps, columns = roundUp8(units);
  const yRow = <usize>units << 2, row = <usize>columns << 2;
  pack(depth, units, job.kernel, job.panels);
  const bias = job.wide + <usize>steps * row;
  memory.fill(bias, 0, row);
  if (job.bias) copyFloats(bias, job.bias, units);
  job.start = bias;
  const starts = pointer + offsetof<Conv1dJob>('start');
  const samples = job.first + job.count, bytes = <usize>(job.time * job.inputs) << 2;
  for (let i = job.first; i < samples; i++) {
    let windows = padSample(job, job.x + <usize>i * bytes), window = <usize>(job.strides * job.inputs) << 2;
    if (job.windows) {
      copyWindows(job, windows);
      windows = job.windows;
      window = <usize>depth << 2;
    }
    const y = job.y + <usize>(i * steps) * yRow;
    const to = columns == units ? y : job.wide;
    multiply(steps, columns, depth, windows, window, job.panels, <usize>depth << 5, starts, 0, to, row);
    if (to != y) copyRows(steps, y, yRow, to, row, units);
  }
}

/** dx, and of the shard the sums of what comes back to the weights. */
export function conv1dBackward(pointer: usize): void {
  const job = changetype<Conv1dJob>(pointer);
  const depth = job.size * job.inputs, units = job.units, steps = job.steps, columns = roundUp8(units);
  const across = roundUp4(depth), yRow = <usize>units << 2;
  memory.fill(job.dPanels, 0, <usize>(columns * across) << 2);
  memory.fill(job.dBias, 0, <usize>columns << 2);
  if (job.dx) packTransposed(depth, units, job.kernel, job.transposed);
  const samples = job.first + job.count, bytes = <usize>(job.time * job.inputs) << 2;
  for (let i = job.first; i < samples; i++) {
    let windows = padSample(job, job.x + <usize>i * bytes), window = <usize>(job.strides * job.inputs) << 2;
    if (job.windows) {
      copyWindows(job, windows);
      windows = job.windows;
      window = <usize>depth << 2;
    }
    if (across != depth) {
      // Rows of whole vectors: what lies behind a window is another one.
      copyRows(steps, job.narrow, <usize>across << 2, windows, window, depth);
      windows = job.narrow;
      window = <usize>across << 2;
    }
    const dy = job.dy + <usize>(i * steps) * yRow;
    const padded = padRows(steps, job.wide, columns, dy, units);
    accumulateOuter(
      steps, columns, across, windows, window, padded, <usize>columns << 2,
      job.dPanels, <usize>across << 5, job.copy,
    );
    accumulateColumns(steps, columns, padded, <usize>columns << 2, job.dBias);
    if (job.dx) writeInputGradient(job, dy, job.dx + <usize>i * bytes);
  }
}

function writeInputGradient(job: Conv1dJob, dy: usize, dx: usize): void {
  const depth = job.size * job.inputs, columns = roundUp8(depth), inputs = job.inputs;
  const row = <usize>inputs << 2, window = <usize>columns << 2;
  multiply(
    job.steps, columns, job.units, dy, <usize>job.units << 2,
    job.transposed, <usize>job.units << 5, 0, 0, job.dWindows, window,
  );
  // What windows share is summed, with the padding at first.
  const sums = job.padded == job.time ? dx : job.sample;
  memory.fill(sums, 0, <usize>job.padded * row);
  for (let step = 0; step < job.steps; step++) {
    let to = sums + <usize>(step * job.strides) * row, from = job.dWindows + <usize>step * window;
    if (job.dilation == 1) addFloats(to, from, depth);
    else {
      for (let k = 0; k < job.size; k++) {
        addFloats(to, from, inputs);
        to += <usize>job.dilation * row;
        from += row;
      }
    }
  }
  if (sums != dx) copyFloats(dx, sums + <usize>job.before * row, job.time * inputs);
}

/** Filled in by src/kernels/convolution/conv1d.ts, field by field in this order. */
@unmanaged
class Conv1dSumsJob {
  shards: i32;
  depth: i32;
  units: i32;
  dPanels: usize; // of the shards, one behind the other
  dBias: usize; // likewise
  dKernel: usize; // out: [size·inputs, units]
  bias: usize; // out: [units], or 0
}

/** The gradients of the weights from the sums of the shards, which it adds up in their order. */
export function conv1dSums(pointer: usize): void {
  const job = changetype<Conv1dSumsJob>(pointer);
  const depth = job.depth, units = job.units, columns = roundUp8(units), across = roundUp4(depth);
  const panels = columns * across;
  for (let shard = 1; shard < job.shards; shard++) {
    addFloats(job.dPanels, job.dPanels + (<usize>(shard * panels) << 2), panels);
    addFloats(job.dBias, job.dBias + (<usize>(shard * columns) << 2), columns);
  }
  for (let unit = 0; unit < units; unit += 8) {
    const panel = job.dPanels + (<usize>(unit >> 3) * <usize>across << 5);
    copyRows(depth, job.dKernel + (<usize>unit << 2), <usize>units << 2, panel, 32, min(8, units - unit));
  }
  if (job.bias) copyFloats(job.bias, job.dBias, units);
}
