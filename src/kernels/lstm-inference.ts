/**
 * The LSTM behind an embedding when no gradient is recorded: its kernel is folded
 * into the table, and the padding in front of the texts is computed once. Equal to
 * the plain path to the bit. Source: assembly/lstm-inference.ts.
 */
import type { tf } from '../foundation/tensorflow.js';
import { Derived, derivedFrom } from './derived.js';
import { type Gathered, gatheredFrom } from './gathered.js';
import type { LstmSettings } from './lstm-inputs.js';
import { runJobs } from './jobs.js';
import { layout, shardCount } from './lstm-jobs.js';
import type { KernelCall } from './tensors.js';

// The fields of LstmInferenceJob in assembly/lstm-inference.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = [
  'time', 'inputs', 'units', 'rows', 'goBackwards', 'hardSigmoid',
  'order', 'starts', 'indices', 'folded', 'panels', 'prefixH', 'prefixC',
  'h', 'c', 'z', 'from', 'sequence', 'lastH', 'lastC',
] as const;

const MOST_FOLDED_BYTES = 2 ** 28;

/** An embedding folded with the kernel of an LSTM, and the states of a growing padding. */
class Folded extends Derived {
  table = 0;
  panels = 0;
  prefixH = 0;
  prefixC = 0;
  prefixSteps = -1;
}

/**
 * Runs the LSTM by its words.
 *
 * @returns Null where that is not possible or would not pay.
 */
export function lstmInference(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  settings: LstmSettings,
): tf.TensorInfo[] | null {
  const words = gatheredFrom(inputs.x!);
  if (!words || inputs.mask || inputs.initialH || inputs.initialC) return null;
  // A reshape keeps the data but makes other vectors of it.
  if (words.table.shape[1] !== inputs.x!.shape[2]) return null;
  if (!call.table.has(words.table.dataId)) return null;
  const folded = foldedWeights(call, inputs, settings, words);
  return folded && run(call, inputs, settings, words, folded);
}

function foldedWeights(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { hardSigmoid }: LstmSettings,
  { table, count }: Gathered,
): Folded | null {
  const [vocabulary, width] = table.shape as [number, number];
  const units = inputs.recurrentKernel!.shape[0]!;
  const bytes = layout(width, units);
  if (vocabulary * bytes.folded > MOST_FOLDED_BYTES) return null;
  const weights = [table, inputs.kernel!, inputs.recurrentKernel!];
  if (inputs.bias) weights.push(inputs.bias);
  const dataIds = weights.map(({ dataId }) => dataId);
  const { memory, exports } = call.runtime;
  const folded = derivedFrom(
    dataIds,
    `${hardSigmoid}`,
    () => new Folded(dataIds, `${hardSigmoid}`, call.table, memory),
  );
  if (folded.table !== 0) return folded;
  // A few words of a large vocabulary pay for folding it only if they come again.
  if (folded.uses === 1 && vocabulary > count) return null;

  folded.panels = folded.allocate(bytes.panels);
  folded.table = folded.allocate(vocabulary * bytes.folded);
  const bias = call.scratch(bytes.packedBias);
  exports.lstmPack(
    width,
    units,
    Number(hardSigmoid),
    call.input(inputs.kernel),
    call.input(inputs.recurrentKernel),
    call.input(inputs.bias),
    folded.panels,
    bias,
  );
  const from = call.input(table);
  exports.lstmFold(vocabulary, width, units, from, folded.panels, bias, folded.table);
  return folded;
}

/** Makes sure that the states after up to `steps` steps of padding are there. */
function extendPrefix(
  call: KernelCall,
  folded: Folded,
  steps: number,
  inputs: number,
  units: number,
  hardSigmoid: boolean,
): void {
  if (steps <= folded.prefixSteps) return;
  const { memory, exports } = call.runtime;
  const { state, gates } = layout(inputs, units);
  const outgrown = [folded.prefixH, folded.prefixC];
  folded.prefixH = folded.allocate((steps + 1) * state);
  folded.prefixC = folded.allocate((steps + 1) * state);
  for (const address of outgrown) folded.release(address);
  memory.bytes(folded.prefixH, state).fill(0);
  memory.bytes(folded.prefixC, state).fill(0);
  exports.lstmPrefix(
    steps,
    inputs,
    units,
    Number(hardSigmoid),
    folded.table,
    folded.panels,
    folded.prefixH,
    folded.prefixC,
    call.scratch(gates),
  );
  folded.prefixSteps = steps;
}

function run(
  call: KernelCall,
  tensors: Record<string, tf.TensorInfo>,
  { goBackwards, hardSigmoid, returnSequences }: LstmSettings,
  words: Gathered,
  folded: Folded,
): tf.TensorInfo[] {
  const [batch, time, inputs] = tensors.x!.shape as [number, number, number];
  const units = tensors.recurrentKernel!.shape[0]!;
  const { memory, threads } = call.runtime;
  const bytes = layout(inputs, units);
  const indices = memory.integers(words.indices.address, words.count);

  const starts = Array.from({ length: batch }, (_, row) =>
    leadingPadding(indices, row * time, time, goBackwards),
  );
  const rising = starts.map((_, row) => row).sort((a, b) => starts[a]! - starts[b]!);
  extendPrefix(call, folded, starts[rising.at(-1)!]!, inputs, units, hardSigmoid);

  const h = call.output([batch, units]);
  const c = call.output([batch, units]);
  const sequence = returnSequences ? call.output([batch, time, units]) : null;
  const shards = shardCount(batch, threads);
  const jobs = Array.from({ length: shards }, (_, shard) => {
    // Dealt like cards, so that each shard has its share of long texts.
    const rows = rising.filter((_, i) => i % shards === shard);
    const order = call.scratch(4 * rows.length);
    memory.integers(order, rows.length).set(rows);
    const rowStarts = call.scratch(4 * rows.length);
    memory.integers(rowStarts, rows.length).set(rows.map((row) => starts[row]!));
    return {
      time,
      inputs,
      units,
      rows: rows.length,
      goBackwards: Number(goBackwards),
      hardSigmoid: Number(hardSigmoid),
      order,
      starts: rowStarts,
      indices: words.indices.address,
      folded: folded.table,
      panels: folded.panels,
      prefixH: folded.prefixH,
      prefixC: folded.prefixC,
      h: call.scratch(rows.length * bytes.state),
      c: call.scratch(rows.length * bytes.state),
      z: call.scratch(rows.length * bytes.gates),
      from: call.scratch(4 * rows.length),
      sequence: sequence?.address ?? 0,
      lastH: h.address,
      lastC: c.address,
    };
  });
  runJobs(call, 'lstmInference', FIELDS, jobs);
  return [h.tensor, c.tensor, ...(sequence ? [sequence.tensor] : [])];
}

/** How many steps of index 0 come first, in the order in which the LSTM reads. */
function leadingPadding(
  indices: Int32Array,
  start: number,
  time: number,
  goBackwards: boolean,
): number {
  let steps = 0;
  while (steps < time && indices[start + (goBackwards ? time - 1 - steps : steps)] === 0) steps++;
  return steps;
}
