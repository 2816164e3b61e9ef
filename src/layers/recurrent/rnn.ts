/** layers.rnn: tf.layers.rnn, whose cells run over whole sequences by kernels where there are some. */
import { reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { LSTM } from '../../kernels/recurrent/cells/lstm.js';
import { copyOfCell, knownCell, type RnnCell, stackOf } from './cells.js';
import { type KernelOption, useFused } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { ZeroOutputArgs } from '../masks/masked-outputs.js';
import { type FusedLayer, recurrentLayer } from './recurrent-layer.js';
import { runStack, stackTraining } from './stack.js';
import { stepByStep } from './step-by-step.js';
import {
  type CallArguments,
  classOf,
  type LayerClass,
  onlyTensor,
  type StockRecurrent,
} from '../stock.js';

/** The arguments of `tf.layers.rnn`, what masked steps give, and which kernel computes it. */
export type RnnLayerArgs = Parameters<typeof tfl.layers.rnn>[0] &
  ZeroOutputArgs & { kernel?: KernelOption };

type StockRnn = StockRecurrent & { build(inputShape: tfl.Shape | tfl.Shape[]): void };
type RnnClass = LayerClass<RnnLayerArgs, StockRnn & FusedLayer>;

const WHERE = 'layers.rnn';
let rnnClass: RnnClass | undefined;

/** The class of {@link rnn}. */
export function RnnLayer(): RnnClass {
  rnnClass ??= defineRnn();
  return rnnClass;
}

const cellOf = ({ cell }: StockRecurrent) => cell as unknown as RnnCell;
/** The cells of a stack that all have kernels; null for any other cell. */
function knownStack(cell: RnnCell): RnnCell[] | null {
  const cells = stackOf(cell);
  return cells?.every((one) => knownCell(one)) ? cells : null;
}

const NO_KERNEL = 'its cell has no kernel of its own';

function defineRnn(): RnnClass {
  const make = () => tfl.layers.rnn({ cell: tfl.layers.simpleRNNCell({ units: 1 }) });
  const Stock = classOf<RnnLayerArgs, StockRnn>(make, {});
  const Recurrent = recurrentLayer(Stock, {
    where: WHERE,
    // Its facts are not read where there is no setting.
    cellOf: (layer) => knownCell(cellOf(layer))?.cell ?? LSTM,
    settingOf: (layer) => knownCell(cellOf(layer))?.setting ?? NO_KERNEL,
    callOther(layer, inputs, kwargs) {
      const cell = cellOf(layer);
      if (knownCell(cell)) return null;
      const x = onlyTensor(WHERE, inputs);
      const training = kwargs?.training ?? false;
      const states = kwargs?.initialState ?? (layer.stateful ? layer.states : null);
      const stack = knownStack(cell);
      const outputs = stack
        ? runStack(WHERE, layer, stack, x as tf.Tensor3D, states, kwargs)
        : runSteps(layer, x, states, kwargs);
      if (layer.stateful) layer.resetStates(outputs.states, training);
      const output = layer.returnSequences ? outputs.sequence! : outputs.output;
      return layer.returnState
        ? [output, ...outputs.states.map((state) => tf.clone(state))]
        : output;
    },
    trainOther(layer) {
      const stack = knownStack(cellOf(layer));
      return stack && stackTraining(layer, stack);
    },
  });
  return class RNN extends Recurrent {
    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      // The stock initializer of unitForgetBias leaves its parts behind.
      tf.tidy(() => super.build(inputShape));
    }

    override copyWith(others: { name: string; goBackwards: boolean }) {
      const { cell: _, ...config } = this.getConfig() as tf.serialization.ConfigDict;
      const { kernel } = this;
      return new RNN({ ...config, ...others, kernel, cell: copyOfCell(cellOf(this)) } as never);
    }
  } as unknown as RnnClass;
}

type Rnn = StockRnn & FusedLayer;
type States = readonly (tf.Tensor | null)[] | null;

/** A cell of the user's, or a stack with one: a step at a time. */
function runSteps(layer: Rnn, x: tf.Tensor, states: States, kwargs: CallArguments) {
  useFused(WHERE, layer.kernel, NO_KERNEL);
  const mask = [kwargs?.mask].flat()[0] ?? null;
  const { goBackwards, returnSequences } = layer;
  const training = kwargs?.training ?? false;
  return stepByStep(cellOf(layer), x, states, mask, { goBackwards, returnSequences, training });
}

/**
 * Runs a cell over a sequence: `tf.layers.rnn`, with kernels for the cells that have some.
 *
 * A cell of tf.layers or of this library, and a stack of them, runs as the layers of the same name.
 * Any other cell, such as a class of yours that extends `tf.layers.RNNCell`, runs step by step; its
 * `call` gets [input, ...states] and returns [output, ...states].
 *
 * @param args Those of `tf.layers.rnn` (`cell`: one or a list of them, `returnSequences`,
 *   `returnState`, `goBackwards`, `stateful`, …), `zeroOutputForMask`: whether masked steps give zeros
 *   instead of the output before them (false by default; see {@link ZeroOutputForMask}), and `kernel`:
 *   `'auto'` by default.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to [batch, time, units] with
 *   `returnSequences`.
 * @throws RecurrentError where there is no cell, and for an unknown `kernel` or `zeroOutputForMask`;
 *   when called, for `kernel: 'fused'` with a cell that has no kernel.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const cell = [layers.gruCell({ units: 4 }), layers.lstmCell({ units: 3 })];
 * const rnn = layers.rnn({ cell, returnSequences: true });
 * console.log((rnn.apply(tf.zeros([2, 5, 6])) as tf.Tensor).shape);
 * // [ 2, 5, 3 ]
 * ```
 */
export function rnn(args: RnnLayerArgs): tfl.RNN {
  requireLayerArguments('rnn', args);
  const cells = [args.cell].flat() as unknown[];
  if (cells.length === 0 || !cells.every((cell) => cell instanceof tfl.layers.RNNCell)) {
    reject({
      where: WHERE,
      expected: 'cell must be a cell, or a list of cells',
      received: args.cell,
      remedy: 'Make one by layers.lstmCell, or extend tf.layers.RNNCell.',
    });
  }
  return new (RnnLayer())(args) as unknown as tfl.RNN;
}
