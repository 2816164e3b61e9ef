/**
 * A recurrent layer behind an embedding when no gradient is recorded: its kernel is folded
 * into the table, and the padding in front of the texts is computed once. Equal to
 * the plain path to the bit. Sources: assembly/recurrent/fold.ts, order.ts and inference.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { apart } from '../bridge/apart.js';
import { Derived, derivedFrom } from '../bridge/derived.js';
import { type Gathered, gatheredFrom } from '../embedding/gathered.js';
import { JobFields, runJobs, writeJob } from '../bridge/jobs.js';
import type { Call } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import { foldTable } from './fold.js';
import type { RecurrentSettings } from './inputs.js';
import type { OutputPlace } from './jobs.js';
import { layout, shardCount, workOfAStep } from './layout.js';
import { packWeights } from './weights.js';

// The fields of InferenceJob in assembly/recurrent/inference.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'cell', 'time', 'inputs', 'units', 'goBackwards', 'masked', 'setting', 'bounded',
  'rows', 'order', 'starts', 'first', 'apart', 'own', 'next',
  'indices', 'folded', 'panels', 'prefixH', 'prefixC',
  'h', 'c', 'z', 'late', 'from', 'lateStarts', 'lanes',
  'sequence', 'sequenceStride', 'reversed', 'lastH', 'lastStride', 'lastC',
]);

// The fields of PrefixJob there, in its order.
// biome-ignore format: one line a group
const PREFIX_FIELDS = new JobFields([
  'cell', 'steps', 'inputs', 'units', 'setting', 'folded', 'panels', 'prefixH', 'prefixC', 'z', 'late', 'starts',
]);

const MOST_FOLDED_BYTES = 2 ** 28;

// A thread has so many rows under way at once: multiples of the rows of a tile in both binaries.
// Where the recurrent weights stay in the first-level cache, the sums of all rows should, too.
const LANES = 48;
const FEW_LANES = 24;
const SMALL_PANELS = 24_576; // bytes
const LANE_BYTES = 12; // as in assembly/recurrent/inference.ts

/** An embedding folded with the kernel of a layer, and the states of a growing padding. */
class Folded extends Derived {
  table = 0;
  panels = 0;
  /** Whether no gate can be so far off that it needs clamping: 1 or 0. */
  bounded = 0;
  prefixH = 0;
  prefixC = 0;
  prefixSteps = -1;
}

/** What it computes with besides the inputs. */
export type InferenceSettings = Pick<
  RecurrentSettings,
  'goBackwards' | 'setting' | 'dropout' | 'recurrentDropout'
>;

/**
 * The layer by its words.
 *
 * @returns What runs it, given the places of its outputs, as addresses of jobs of the kernel
 *   recurrentInference; null where that is not possible or would not pay.
 */
export function inference(
  call: Call,
  cell: CellFacts,
  inputs: Record<string, tf.TensorInfo | undefined>,
  settings: InferenceSettings,
  returnSequences: boolean,
): ((out: OutputPlace) => number[]) | null {
  const words = gatheredFrom(call, inputs.x!);
  if (!words || words.dropping) return null;
  if (inputs.initialH || inputs.initialC) return null;
  // A masked step is left out, and so has no place in a sequence.
  if (inputs.mask && returnSequences) return null;
  if (settings.dropout || settings.recurrentDropout) return null;
  // A reshape keeps the data but makes other vectors of it.
  if (words.table.shape[1] !== inputs.x!.shape[2]) return null;
  if (!call.table.has(words.table.dataId)) return null;
  const folded = foldedWeights(call, cell, inputs, settings, words);
  return folded && ((out) => jobsOf(call, cell, inputs, settings, words, folded, out));
}

function foldedWeights(
  call: Call,
  cell: CellFacts,
  inputs: Record<string, tf.TensorInfo | undefined>,
  { setting }: InferenceSettings,
  { table, count }: Gathered,
): Folded | null {
  const [vocabulary, width] = table.shape as [number, number];
  const units = inputs.kernel!.shape[1]! / cell.blocks;
  const bytes = layout(cell, width, units);
  if (vocabulary * bytes.folded > MOST_FOLDED_BYTES) return null;
  const weights = [table, inputs.kernel, inputs.recurrentKernel, inputs.bias, inputs.vectors];
  const dataIds = weights.flatMap((weight) => weight?.dataId ?? []);
  const settings = `${cell.name} ${setting}`;
  const { memory } = call.runtime;
  const make = () => new Folded(dataIds, settings, call.table, memory);
  const folded = derivedFrom(dataIds, settings, make);
  if (folded.table !== 0) return folded;
  // A few words of a large vocabulary pay for folding it only if they come again.
  if (folded.uses === 1 && vocabulary > count) return null;

  const given = {
    kernel: call.input(inputs.kernel),
    recurrentKernel: call.input(inputs.recurrentKernel),
    bias: call.input(inputs.bias),
    vectors: call.input(inputs.vectors),
    setting,
  };
  const keep = (size: number) => folded.allocate(size);
  const packed = packWeights(call, cell, { inputs: width, units }, given, keep);
  folded.panels = packed.panels;
  folded.table = folded.allocate(vocabulary * bytes.folded);
  foldTable(call, cell, {
    words: vocabulary,
    inputs: width,
    units,
    table: call.input(table),
    packed,
    folded: folded.table,
  });
  if (cell.bounded) {
    folded.bounded = call.runtime.exports.recurrentBounded(
      vocabulary,
      bytes.columns,
      bytes.paddedInputs,
      bytes.depth,
      folded.table,
      folded.panels,
      call.scratch(bytes.folded),
    );
  }
  return folded;
}

/** Makes sure that the states after up to `steps` steps of padding are there. */
function extendPrefix(
  call: Call,
  cell: CellFacts,
  folded: Folded,
  steps: number,
  sizes: { inputs: number; units: number; setting: number },
): void {
  if (steps <= folded.prefixSteps) return;
  const { memory } = call.runtime;
  const { state, gates } = layout(cell, sizes.inputs, sizes.units);
  const outgrown = [folded.prefixH, folded.prefixC];
  const room = () => {
    const address = folded.allocate((steps + 1) * state);
    memory.bytes(address, state).fill(0);
    return address;
  };
  folded.prefixH = room();
  folded.prefixC = cell.states === 2 ? room() : 0;
  for (const address of outgrown) folded.release(address);
  const own = {
    cell: cell.number,
    steps,
    folded: folded.table,
    panels: folded.panels,
    prefixH: folded.prefixH,
    prefixC: folded.prefixC,
    z: call.scratch(gates),
    late: call.scratch(state),
    starts: call.scratch(8),
  };
  runJobs(call, 'recurrentPrefix', PREFIX_FIELDS, [[sizes, own]]);
  folded.prefixSteps = steps;
}

function jobsOf(
  call: Call,
  cell: CellFacts,
  tensors: Record<string, tf.TensorInfo | undefined>,
  { goBackwards, setting }: InferenceSettings,
  words: Gathered,
  folded: Folded,
  out: OutputPlace,
): number[] {
  const [batch, time, inputs] = tensors.x!.shape as [number, number, number];
  const units = tensors.kernel!.shape[1]! / cell.blocks;
  const { memory, exports, threads } = call.runtime;
  const bytes = layout(cell, inputs, units);

  const order = call.scratch(4 * batch);
  const starts = call.scratch(4 * batch);
  const mask = call.input(tensors.mask);
  const kept = mask && call.scratch(4 * batch * time);
  const padding = exports.recurrentOrder(
    batch,
    time,
    Number(goBackwards),
    words.indices.address,
    mask,
    kept,
    order,
    starts,
    call.scratch(4 * (time + 1)),
  );
  extendPrefix(call, cell, folded, mask ? 0 : padding, { inputs, units, setting });

  const work = batch * time * workOfAStep(units, bytes.columns);
  const shards = shardCount(batch, threads, work);
  const lanes = bytes.folded * units <= SMALL_PANELS ? FEW_LANES : LANES;
  const next = call.scratch(4);
  memory.integers(next, 1)[0] = Math.min(batch, shards * lanes);
  return Array.from({ length: shards }, (_, shard) => {
    // Dealt like cards, longest first; who is through with one of these takes the next.
    const own = Math.min(lanes, Math.ceil((batch - shard) / shards));
    const job = {
      cell: cell.number,
      time,
      inputs,
      units,
      // What a mask has kept is in the order of reading.
      goBackwards: Number(goBackwards && !mask),
      masked: Number(mask !== 0),
      setting,
      bounded: folded.bounded,
      rows: batch,
      order,
      starts,
      first: shard,
      apart: shards,
      own,
      next,
      indices: kept || words.indices.address,
      folded: folded.table,
      panels: folded.panels,
      prefixH: folded.prefixH,
      prefixC: folded.prefixC,
      sequence: out.sequence,
      sequenceStride: out.sequenceStride,
      reversed: out.reversed,
      lastH: out.lastH,
      lastStride: out.lastStride,
      lastC: out.lastC,
    };
    const scratch = apart(call, {
      h: own * bytes.nearState,
      c: cell.states === 2 ? own * bytes.state : 0,
      z: own * bytes.gates,
      late: cell.late ? own * bytes.state : 0,
      from: 4 * own,
      lateStarts: 4 * own,
      lanes: LANE_BYTES * own,
    });
    return writeJob(call, FIELDS, [job, scratch]);
  });
}
