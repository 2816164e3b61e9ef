/**
 * The LSTM behind an embedding when no gradient is recorded: its kernel is folded
 * into the table, and the padding in front of the texts is computed once. Equal to
 * the plain path to the bit. Sources: assembly/recurrent/lstm-fold.ts, lstm-order.ts and lstm-inference.ts.
 */
import type { tf } from '../../foundation/tensorflow.js';
import { apart } from '../bridge/apart.js';
import { Derived, derivedFrom } from '../bridge/derived.js';
import { type Gathered, gatheredFrom } from '../embedding/gathered.js';
import { foldTable } from './lstm-fold.js';
import type { LstmSettings } from './lstm-inputs.js';
import { JobFields, runJobs } from '../bridge/jobs.js';
import { layout, shardCount } from './lstm-jobs.js';
import type { KernelCall } from '../bridge/tensors.js';

// The fields of LstmInferenceJob in assembly/recurrent/lstm-inference.ts, in its order.
// biome-ignore format: one line a group
const FIELDS = new JobFields([
  'time', 'inputs', 'units', 'goBackwards', 'hardSigmoid', 'bounded',
  'rows', 'order', 'starts', 'first', 'apart', 'own', 'next',
  'indices', 'folded', 'panels', 'prefixH', 'prefixC',
  'h', 'c', 'z', 'from', 'lanes', 'sequence', 'lastH', 'lastC',
]);

const MOST_FOLDED_BYTES = 2 ** 28;

// A thread has so many rows under way at once: multiples of the rows of a tile in both binaries.
// Where the recurrent weights stay in the first-level cache, the sums of all rows should, too.
const LANES = 48;
const FEW_LANES = 24;
const SMALL_PANELS = 24_576; // bytes
const LANE_BYTES = 12; // as in assembly/recurrent/lstm-inference.ts

/** An embedding folded with the kernel of an LSTM, and the states of a growing padding. */
class Folded extends Derived {
  table = 0;
  panels = 0;
  /** Whether no gate can be so far off that it needs clamping: 1 or 0. */
  bounded = 0;
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
  if (!words || words.dropping) return null;
  if (inputs.mask || inputs.initialH || inputs.initialC) return null;
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
  foldTable(call, {
    words: vocabulary,
    inputs: width,
    units,
    table: call.input(table),
    panels: folded.panels,
    bias,
    folded: folded.table,
  });
  const largest = call.scratch(bytes.folded);
  folded.bounded = exports.lstmBounded(
    vocabulary,
    width,
    units,
    folded.table,
    folded.panels,
    largest,
  );
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
  const { memory, exports, threads } = call.runtime;
  const bytes = layout(inputs, units);

  const order = call.scratch(4 * batch);
  const starts = call.scratch(4 * batch);
  const padding = exports.lstmOrder(
    batch,
    time,
    Number(goBackwards),
    words.indices.address,
    order,
    starts,
    call.scratch(4 * (time + 1)),
  );
  extendPrefix(call, folded, padding, inputs, units, hardSigmoid);

  const h = call.output([batch, units]);
  const c = call.output([batch, units]);
  const sequence = returnSequences ? call.output([batch, time, units]) : null;
  const shards = shardCount(batch, threads);
  const lanes = bytes.folded * units <= SMALL_PANELS ? FEW_LANES : LANES;
  const next = call.scratch(4);
  memory.integers(next, 1)[0] = Math.min(batch, shards * lanes);
  const jobs = Array.from({ length: shards }, (_, shard) => {
    // Dealt like cards, longest first; who is through with one of these takes the next.
    const own = Math.min(lanes, Math.ceil((batch - shard) / shards));
    const job = {
      time,
      inputs,
      units,
      goBackwards: Number(goBackwards),
      hardSigmoid: Number(hardSigmoid),
      bounded: folded.bounded,
      rows: batch,
      order,
      starts,
      first: shard,
      apart: shards,
      own,
      next,
      indices: words.indices.address,
      folded: folded.table,
      panels: folded.panels,
      prefixH: folded.prefixH,
      prefixC: folded.prefixC,
      sequence: sequence?.address ?? 0,
      lastH: h.address,
      lastC: c.address,
    };
    const scratch = apart(call, {
      h: own * bytes.nearState,
      c: own * bytes.state,
      z: own * bytes.gates,
      from: 4 * own,
      lanes: LANE_BYTES * own,
    });
    return [job, scratch] as const;
  });
  runJobs(call, 'lstmInference', FIELDS, jobs);
  return [h.tensor, c.tensor, ...(sequence ? [sequence.tensor] : [])];
}
