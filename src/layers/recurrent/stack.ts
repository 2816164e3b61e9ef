/** A stack of cells that have kernels: one after the other, each over the whole sequence. */
import { tf } from '../../foundation/tensorflow.js';
import type { RecurrentInputs } from '../../kernels/recurrent/inputs.js';
import { recurrentWithGradients } from '../../kernels/recurrent/recurrent.js';
import { knownCell, type RnnCell } from './cells.js';
import { nextSeed } from './random-state.js';
import { type FusedLayer, stepMask, sumOf } from './recurrent-layer.js';
import { cellObstacle, type KnownCell, runCell, weightsOfCell } from './run-cell.js';
import type { SequenceOutputs } from './step-by-step.js';
import type { CallArguments, StockCell, StockRecurrent } from '../stock.js';
import type { Given, TrainingCall, TrainsByCall } from '../training-call.js';

type Rnn = StockRecurrent & FusedLayer;
type States = readonly (tf.Tensor | null)[] | null;

/** What a cell of the stack runs with. */
interface Pass {
  stock: StockCell;
  known: KnownCell;
  inputs: Omit<RecurrentInputs, 'x'>;
  settings: Parameters<typeof runCell>[5];
}

/** How many states a cell has. */
const countStates = (cell: RnnCell) => [cell.stateSize].flat().length;

/** The passes of all cells; takes the seeds of what they drop. */
function passesOf(
  layer: Rnn,
  cells: readonly RnnCell[],
  states: States,
  given: tf.Tensor2D | undefined,
  training: boolean,
): Pass[] {
  const dropping = (rate: number) =>
    training && rate > 0 ? { rate, seed: nextSeed(layer) } : null;
  // States of the last cell come first.
  let end = cells.reduce((sum, cell) => sum + countStates(cell), 0);
  let mask = given;
  return cells.map((cell, i) => {
    const stock = cell as unknown as StockCell;
    const own = states?.slice(end - countStates(cell), end).map((state) => state ?? undefined);
    end -= countStates(cell);
    const [initialH, initialC] = (own ?? []) as tf.Tensor2D[];
    const goBackwards = i === 0 && layer.goBackwards;
    const pass: Pass = {
      stock,
      known: knownCell(cell)!,
      inputs: { ...weightsOfCell(stock), initialH, initialC, mask },
      settings: {
        goBackwards,
        returnSequences: i < cells.length - 1 || layer.returnSequences,
        dropout: dropping(stock.dropout),
        recurrentDropout: dropping(stock.recurrentDropout),
      },
    };
    // What a layer that goes backwards returns begins with the last step.
    if (goBackwards && mask) mask = tf.cast(tf.reverse(tf.cast(mask, 'int32'), 1), 'bool');
    return pass;
  });
}

/** Runs a layer with a stack. */
export function runStack(
  where: string,
  layer: Rnn,
  cells: readonly RnnCell[],
  input: tf.Tensor3D,
  given: States,
  kwargs: CallArguments,
): SequenceOutputs {
  const states: tf.Tensor[] = [];
  let x = input;
  const mask = stepMask(kwargs?.mask, x);
  for (const { stock, known, inputs, settings } of passesOf(
    layer,
    cells,
    given,
    mask,
    kwargs?.training ?? false,
  )) {
    const { sequence, h, c } = runCell(
      where,
      layer.kernel,
      stock,
      known,
      { x, ...inputs },
      settings,
    );
    if (sequence) x = sequence;
    states.unshift(...(c ? [h, c] : [h]));
  }
  return { output: states[0]!, sequence: layer.returnSequences ? x : null, states };
}

/** Trains a layer with a stack without a tape. */
export function stackTraining(layer: Rnn, cells: readonly RnnCell[]): TrainsByCall {
  return {
    hasTrainingCall({ values }: Given): boolean {
      if (layer.kernel === 'composed' || layer.stateful) return false;
      const states = values.length - 1;
      const all = cells.reduce((sum, cell) => sum + countStates(cell), 0);
      const can = cells.every((cell) => cellObstacle(knownCell(cell)!) === null);
      return can && (states === 0 || states === all);
    },

    trainingCall({ values: [input, ...initial], mask }: Given): TrainingCall {
      let x = input as tf.Tensor3D;
      const given = initial.length > 0 ? initial : null;
      const passes = passesOf(layer, cells, given, stepMask(mask, x), true);
      const calls = passes.map(({ known: { cell, setting }, inputs, settings }) => {
        const own = { ...settings, setting: setting as number };
        const call = recurrentWithGradients(cell, { x, ...inputs }, own);
        if (call.outputs.sequence) x = call.outputs.sequence;
        return call;
      });
      const states = calls.toReversed().flatMap(({ outputs: { h, c } }) => (c ? [h, c] : [h]));
      const { sequence, h } = calls.at(-1)!.outputs;
      // One tensor is not two outputs.
      const output: tf.Tensor = sequence ?? (layer.returnState ? tf.reshape(h, h.shape) : h);
      return {
        outputs: layer.returnState ? [output, ...states] : [output],
        gradient([dOutput = null, ...dStates]) {
          const weights: Record<string, tf.Tensor> = {};
          const dInitial: (tf.Tensor | null)[] = [];
          let flowing: tf.Tensor | null = dOutput;
          let first = 0;
          for (let i = cells.length - 1; i >= 0; i--) {
            const { outputs, gradients, release } = calls[i]!;
            const count = countStates(cells[i]!);
            const [dLastH, dC = null] = dStates.slice(first, first + count);
            first += count;
            const dh = outputs.sequence ? dLastH : sumOf(flowing, dLastH);
            const dSequence = outputs.sequence ? flowing : null;
            if (!dh && !dC && !dSequence) {
              release();
              dInitial.push(...new Array<null>(count).fill(null));
              continue;
            }
            const d = gradients({
              ...(dSequence && { sequence: dSequence }),
              ...(dh && { h: dh }),
              ...(dC && { c: dC }),
            });
            for (const [name, weight] of Object.entries(weightsOfCell(passes[i]!.stock))) {
              weights[weight.name] = d[name]!;
            }
            dInitial.push(d.initialH ?? null);
            if (count === 2) dInitial.push(d.initialC ?? null);
            flowing = d.x!;
          }
          return { inputs: [flowing, ...(given ? dInitial : [])], weights };
        },
        release() {
          for (const call of calls) call.release();
        },
      };
    },
  };
}
