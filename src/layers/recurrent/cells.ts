/** Cells for layers.rnn: those of tf.layers, whose whole sequences have kernels, and Keras' resetAfter. */
import { reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { GRU, GRU_RESET_AFTER } from '../../kernels/recurrent/cells/gru.js';
import { LSTM } from '../../kernels/recurrent/cells/lstm.js';
import { SIMPLE_RNN } from '../../kernels/recurrent/cells/simple-rnn.js';
import { addTwoBiases, requireResetAfter } from './gru.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { withFastOrthogonal } from '../orthogonal.js';
import { gatesSetting } from './recurrent-layer.js';
import type { KnownCell } from './run-cell.js';
import { activationSetting } from './simple-rnn.js';
import { type CallArguments, classOf, type LayerClass, type StockGruCell } from '../stock.js';

/** The arguments of `tf.layers.lstmCell`. */
export type LstmCellArgs = Parameters<typeof tfl.layers.lstmCell>[0];
/** The arguments of `tf.layers.simpleRNNCell`. */
export type SimpleRnnCellArgs = Parameters<typeof tfl.layers.simpleRNNCell>[0];
/** The arguments of `tf.layers.gruCell`, and `resetAfter` as that of `layers.gru`. */
export type GruCellArgs = Parameters<typeof tfl.layers.gruCell>[0] & { resetAfter?: boolean };
/** The arguments of `tf.layers.stackedRNNCells`. */
export type StackedRnnCellsArgs = Parameters<typeof tfl.layers.stackedRNNCells>[0];

/** A cell of tf.layers, ours, or of the user's. */
export type RnnCell = tfl.layers.RNNCell;

type GruCell = StockGruCell & {
  readonly resetAfter?: boolean;
  dropoutMask: tf.Tensor[] | null;
  recurrentDropoutMask: tf.Tensor[] | null;
  build(inputShape: tfl.Shape): void;
  call(inputs: tf.Tensor[], kwargs: CallArguments): tf.Tensor[];
};

let gruCellClass: LayerClass<GruCellArgs, GruCell> | undefined;

/** The class of {@link gruCell}. */
export function GruCellClass(): LayerClass<GruCellArgs, GruCell> {
  gruCellClass ??= defineGruCell();
  return gruCellClass;
}

function defineGruCell(): LayerClass<GruCellArgs, GruCell> {
  const Stock = classOf<GruCellArgs, GruCell>(tfl.layers.gruCell, { units: 1 });
  return class GRUCell extends Stock {
    override readonly resetAfter: boolean;

    constructor({ resetAfter = false, ...args }: GruCellArgs) {
      requireResetAfter('layers.gruCell', resetAfter);
      super(args);
      this.resetAfter = resetAfter;
    }

    override build(inputShape: tfl.Shape): void {
      addTwoBiases(this, this.resetAfter, () => super.build(inputShape));
    }

    override call(inputs: tf.Tensor[], kwargs: CallArguments): tf.Tensor[] {
      if (!this.resetAfter) return super.call(inputs, kwargs) as tf.Tensor[];
      return tf.tidy(() => {
        const [x, h] = inputs as [tf.Tensor2D, tf.Tensor2D];
        if (kwargs?.training) {
          this.dropoutMask ??= maskOf(x, this.dropout);
          this.recurrentDropoutMask ??= maskOf(h, this.recurrentDropout);
        }
        const [masks, stateMasks] = [this.dropoutMask, this.recurrentDropoutMask];
        const weighed = tf.matMul(
          masks ? tf.mul(x, masks[0]!) : x,
          this.kernel.read() as tf.Tensor2D,
        );
        const bias = this.bias?.read();
        const step = GRU_RESET_AFTER.composed(
          { recurrentKernel: this.recurrentKernel.read() as tf.Tensor2D, bias, units: this.units },
          {
            activation: (z) => this.activation.apply(z),
            recurrentActivation: (z) => this.recurrentActivation!.apply(z),
          },
        );
        const sums = bias ? tf.add(weighed, GRU_RESET_AFTER.inputBias(bias)) : weighed;
        const [next] = step(sums as tf.Tensor2D, [stateMasks ? tf.mul(h, stateMasks[0]!) : h]);
        return [next!, next!];
      });
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), resetAfter: this.resetAfter };
    }
  };
}

/** Of one sequence; kept until the cell is told to forget it. */
function maskOf(like: tf.Tensor, rate: number): tf.Tensor[] | null {
  return rate > 0 && rate < 1 ? [tf.keep(tf.dropout(tf.onesLike(like), rate))] : null;
}

type Method = (...args: never[]) => unknown;
const ofStock = (cell: RnnCell) => (cell as unknown as { call: Method }).call;

/** A cell as the kernels know it; null for one of the user's, and for a stack. */
export function knownCell(cell: RnnCell): KnownCell | null {
  const stock = cell as unknown as StockGruCell;
  const isStock = (make: (args: { units: number }) => RnnCell) => {
    const Stock = make({ units: 1 }).constructor as { prototype: RnnCell };
    return ofStock(cell) === ofStock(Stock.prototype);
  };
  switch (cell.getClassName()) {
    case 'LSTMCell':
      if (!isStock(tfl.layers.lstmCell)) return null;
      return { cell: LSTM, setting: gatesSetting({ cell: stock }) };
    case 'GRUCell': {
      const isOurs = ofStock(cell) === (GruCellClass().prototype as { call: Method }).call;
      if (!isOurs && !isStock(tfl.layers.gruCell)) return null;
      const { resetAfter } = cell as unknown as GruCell;
      return { cell: resetAfter ? GRU_RESET_AFTER : GRU, setting: gatesSetting({ cell: stock }) };
    }
    case 'SimpleRNNCell':
      if (!isStock(tfl.layers.simpleRNNCell)) return null;
      return { cell: SIMPLE_RNN, setting: activationSetting({ cell: stock }) };
    default:
      return null;
  }
}

/** The cells of a stack, first to last; null for any other cell. */
export function stackOf(cell: RnnCell): RnnCell[] | null {
  const { cells } = cell as { cells?: unknown };
  return cell.getClassName() === 'StackedRNNCells' ? (cells as RnnCell[]) : null;
}

/** The same cell without weights. */
export function copyOfCell(cell: RnnCell): RnnCell {
  const stack = stackOf(cell);
  if (stack) return tfl.layers.stackedRNNCells({ cells: stack.map(copyOfCell), name: cell.name });
  const Class = cell.constructor as unknown as {
    fromConfig(Class: unknown, config: tf.serialization.ConfigDict): RnnCell;
  };
  return Class.fromConfig(Class, cell.getConfig());
}

/**
 * The cell of an LSTM, for {@link rnn}.
 *
 * @param args Those of `tf.layers.lstmCell`: `units`, `recurrentActivation` (hardSigmoid by default), …
 * @returns A cell with the states h and c.
 *
 * @example
 * ```ts
 * import { layers } from 'tfjs-recurrent';
 *
 * console.log(layers.lstmCell({ units: 4 }).stateSize);
 * // [ 4, 4 ]
 * ```
 */
export function lstmCell(args: LstmCellArgs): RnnCell {
  requireLayerArguments('lstmCell', args);
  return tfl.layers.lstmCell(withOrthogonal(args));
}

/**
 * The cell of a GRU, for {@link rnn}.
 *
 * @param args Those of `tf.layers.gruCell`: `units`, `recurrentActivation` (hardSigmoid by default), …,
 *   and `resetAfter` (false by default) as that of `layers.gru`.
 * @returns A cell with the state h.
 * @throws RecurrentError for a `resetAfter` that is no boolean.
 *
 * @example
 * ```ts
 * import { layers } from 'tfjs-recurrent';
 *
 * console.log(layers.gruCell({ units: 4, resetAfter: true }).stateSize);
 * // 4
 * ```
 */
export function gruCell(args: GruCellArgs): RnnCell {
  requireLayerArguments('gruCell', args);
  return new (GruCellClass())(withOrthogonal(args)) as unknown as RnnCell;
}

/**
 * The fully recurrent cell, for {@link rnn}.
 *
 * @param args Those of `tf.layers.simpleRNNCell`: `units`, `activation` (tanh by default), …
 * @returns A cell with the state h.
 *
 * @example
 * ```ts
 * import { layers } from 'tfjs-recurrent';
 *
 * console.log(layers.simpleRNNCell({ units: 4 }).stateSize);
 * // 4
 * ```
 */
export function simpleRNNCell(args: SimpleRnnCellArgs): RnnCell {
  requireLayerArguments('simpleRNNCell', args);
  return tfl.layers.simpleRNNCell(withOrthogonal(args));
}

/**
 * Several cells as one, each of which takes the output of the one before; for {@link rnn}.
 *
 * @param args `cells`, first to last.
 * @returns A cell with the states of all of them, those of the last one first.
 * @throws RecurrentError where there is no cell.
 *
 * @example
 * ```ts
 * import { layers } from 'tfjs-recurrent';
 *
 * const cells = [layers.lstmCell({ units: 4 }), layers.gruCell({ units: 3 })];
 * console.log(layers.stackedRNNCells({ cells }).stateSize);
 * // [ 3, 4, 4 ]
 * ```
 */
export function stackedRNNCells(args: StackedRnnCellsArgs): RnnCell {
  requireLayerArguments('stackedRNNCells', args);
  if (!Array.isArray(args.cells) || args.cells.length === 0) {
    reject({
      where: 'layers.stackedRNNCells',
      expected: 'cells must be a list of cells',
      received: args.cells,
    });
  }
  return tfl.layers.stackedRNNCells(args);
}

function withOrthogonal<Args extends { recurrentInitializer?: unknown }>(args: Args): Args {
  return { ...args, recurrentInitializer: withFastOrthogonal(args.recurrentInitializer) };
}
