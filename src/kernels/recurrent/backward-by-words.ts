/** The gradient of layers whose inputs are taken by words (words.ts), up to that of the table. */
import { tf } from '../../foundation/tensorflow.js';
import type { Workplace } from '../bridge/call.js';
import type { KernelCall } from '../bridge/tensors.js';
import { WordGradient, WordGradientSource } from '../embedding/word-gradient.js';
import {
  addInputs,
  type Direction,
  type Room,
  runBack,
  type Shared,
  shardsBack,
  weightsOf,
} from './backward-jobs.js';
import { layout } from './layout.js';
import { transposeWeights } from './weights.js';
import {
  inputWeights,
  NO_SUMS,
  wordBackwardJob,
  wordGradients,
  type WordSums,
  wordSums,
} from './words-backward.js';

/**
 * The gradient of the inputs; where only the table will want it, that of the table is computed
 * instead. What it would be written from is released as soon as nobody can ask for it any more.
 */
export function byWords(
  call: KernelCall,
  directions: readonly Direction[],
  { cell, activations }: Shared,
  { states, outputs, release }: Room & { release: () => void },
): tf.TensorInfo {
  const { words, shape } = directions[0]!.kept;
  const { source, inputs: width, units } = words!;
  const { memory } = call.runtime;
  const keep = (bytes: number) => activations.allocate(memory, bytes);
  const size = 4 * shape[0] * shape[1] * width;

  const prepared = directions.map((direction) => {
    const { kernel, recurrentKernel } = weightsOf(call, direction);
    const { transposedState } = layout(cell, 0, units);
    const statePanels = transposedState && keep(transposedState);
    const ofState = { kernel: 0, recurrentKernel };
    transposeWeights(call, cell, { inputs: 0, units }, ofState, { inputPanels: 0, statePanels });
    const batch = direction.kept.words!;
    const weights = inputWeights(call, batch, kernel, keep);
    return { direction, batch, statePanels, weights };
  });
  const shardsOf = (
    place: Workplace,
    i: number,
    dx: number,
    sums: readonly WordSums[] | null,
    { dInitialH, dInitialC }: Room['states'][number],
  ) => {
    const { direction, batch, statePanels, weights } = prepared[i]!;
    const jobs = direction.kept.jobs.map((job, shard) =>
      wordBackwardJob(place, batch, job, weights, sums?.[shard] ?? NO_SUMS),
    );
    const { transposedInputs } = weights;
    const gradients = { dx, transposedInputs, dInitialH, dInitialC };
    return shardsBack(place, cell, direction, statePanels, gradients, jobs);
  };

  const dx = source.unshared ? null : call.output([...shape, width]);
  const table = dx ? 0 : memory.allocate(4 * tf.util.sizeFromShape(source.table.shape));
  const parts = prepared.map(({ direction: { kept }, batch }, i) =>
    kept.jobs.map((_, shard) => wordSums(call, batch, table, shard, kept.jobs.length, i === 0)),
  );
  const all = directions.map((_, i) => {
    const to = dx && (i === 0 ? dx.address : call.scratch(size));
    return shardsOf(call, i, to ?? 0, parts[i]!, states[i]!);
  });
  runBack(call, all);
  const sums = prepared.map(({ batch, weights }, i) =>
    wordGradients(call, batch, weights, parts[i]!, {
      recurrentPanels: all[i]!.sums.map(({ dPanels }) => dPanels),
      ...outputs[i]!,
      dTable: table,
    }),
  );
  call.runtime.leave('recurrentWordsSums', sums);
  if (dx) {
    addInputs(call, directions, all);
    release();
    return dx.tensor;
  }
  activations.outliveTape();
  const write = (place: Workplace, address: number) => {
    const again = directions.map((_, i) => {
      const to = i === 0 ? address : place.scratch(size);
      return shardsOf(place, i, to, null, { dInitialH: 0, dInitialC: 0 });
    });
    runBack(place, again);
    addInputs(place, directions, again);
  };
  const gradient = new WordGradient(source, new WordGradientSource(memory, table, write, release));
  return call.deferredOutput([...shape, width], gradient);
}
