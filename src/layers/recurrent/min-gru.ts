/** layers.minGRU: a recurrent layer whose gates see the inputs alone, on a fused kernel. */
import { type tf, tfl } from '../../foundation/tensorflow.js';
import { MIN_GRU } from '../../kernels/recurrent/cells/min-gru.js';
import type { KernelOption } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import type { ZeroOutputArgs } from '../masks/masked-outputs.js';
import { type FusedLayer, recurrentLayer } from './recurrent-layer.js';
import {
  classOf,
  type LayerClass,
  type SimpleRnnArgs,
  type StockGruCell,
  type StockRecurrent,
} from '../stock.js';

/** The arguments of `tf.layers.simpleRNN` but for those of a recurrent kernel, which there is none of. */
export type MinGruLayerArgs = Omit<
  SimpleRnnArgs,
  'cell' | 'activation' | 'recurrentInitializer' | 'recurrentRegularizer' | 'recurrentConstraint'
> &
  ZeroOutputArgs & { kernel?: KernelOption };

type MinGruCell = StockGruCell &
  Record<'kernelInitializer' | 'kernelRegularizer', unknown> & {
    kernelConstraint: unknown;
    built: boolean;
  };
type CellLayer = StockRecurrent & { fromConfig?: unknown };
type MinGruClass = LayerClass<MinGruLayerArgs, StockRecurrent & FusedLayer>;

const WHERE = 'layers.minGRU';
// What the stock cell writes, and this one has not.
const NOT_HERE = [
  'activation',
  'recurrentInitializer',
  'recurrentRegularizer',
  'recurrentConstraint',
];

let minGruClass: MinGruClass | undefined;

/** The class of {@link minGRU}. */
export function MinGruLayer(): MinGruClass {
  minGruClass ??= defineMinGru();
  return minGruClass;
}

function defineCell(): LayerClass<MinGruLayerArgs, MinGruCell> {
  const make = tfl.layers.simpleRNNCell;
  const Stock = classOf<MinGruLayerArgs, MinGruCell>(make, { units: 1 });
  return class MinGRUCell extends Stock {
    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      const inputs = (inputShape as tfl.Shape).at(-1)!;
      const { units, kernelInitializer, kernelRegularizer, kernelConstraint } = this;
      const add = (
        name: string,
        shape: number[],
        ...[initializer, regularizer, constraint]: unknown[]
      ) => this.addWeight(name, shape, null, initializer, regularizer, true, constraint);
      const ofKernel = [kernelInitializer, kernelRegularizer, kernelConstraint];
      this.kernel = add('kernel', [inputs, 2 * units], ...ofKernel);
      const { biasInitializer, biasRegularizer, biasConstraint } = this;
      const ofBias = [biasInitializer, biasRegularizer, biasConstraint];
      this.bias = this.useBias ? add('bias', [2 * units], ...ofBias) : null;
      this.built = true;
    }

    override getConfig(): tf.serialization.ConfigDict {
      const all = Object.entries(super.getConfig());
      return Object.fromEntries(all.filter(([name]) => !NOT_HERE.includes(name)));
    }
  };
}

function defineMinGru(): MinGruClass {
  const make = () => tfl.layers.rnn({ cell: tfl.layers.simpleRNNCell({ units: 1 }) });
  const Cell = defineCell();
  const Stock = classOf<MinGruLayerArgs & { cell?: unknown }, StockRecurrent>(make, {});
  const Recurrent = recurrentLayer(Stock, {
    where: WHERE,
    cellOf: () => MIN_GRU,
    settingOf: () => 0,
  });
  return class MinGRU extends Recurrent {
    static override className = 'MinGRU';

    constructor(args: MinGruLayerArgs) {
      super({ ...args, cell: new Cell(args) });
    }

    /** The stock one would look for a cell in what is saved. */
    static fromConfig(Class: new (config: object) => CellLayer, config: object): CellLayer {
      return new Class(config);
    }
  };
}

/**
 * The minimal gated recurrent unit, whose gates see the inputs alone, so that a step multiplies no
 * state with a kernel: h' = (1 − z)·h + z·(x·Wn + bn) with z = sigmoid(x·Wz + bz).
 *
 * On the `cpu` and `wasm` backends one WebAssembly kernel runs the whole sequence, forward and
 * backward, `dropout` and `recurrentDropout` included; elsewhere TensorFlow.js operations do. This
 * is the plain form of the paper. Its form in logarithms is for scans over time in parallel, which
 * lose the range of floats otherwise, and admits positive states alone; one step behind the other,
 * it has nothing to save. A saved model with it loads after `registerLayers()`.
 *
 * @param args Those of `tf.layers.simpleRNN` (`units`, `returnSequences`, `returnState`,
 *   `goBackwards`, `stateful`, `kernelInitializer`, …) but for an activation and a recurrent kernel,
 *   `zeroOutputForMask`: whether masked steps give zeros instead of the output before them (false by
 *   default; see {@link ZeroOutputForMask}), and `kernel`: `'auto'` by default.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to [batch, time, units] with
 *   `returnSequences`. Its weights are a kernel [inputs, 2·units] and a bias [2·units], those of z
 *   first.
 * @throws RecurrentError for an unknown argument, `kernel` or `zeroOutputForMask`; when called, for
 *   `kernel: 'fused'` where the fused kernel cannot run.
 * @see Feng et al. 2024, "Were RNNs All We Needed?", arXiv:2410.01201.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const reader = layers.minGRU({ units: 4, returnSequences: true });
 * console.log((reader.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 5, 4 ]
 * ```
 */
export function minGRU(args: MinGruLayerArgs): tfl.RNN {
  requireLayerArguments('minGRU', args);
  return new (MinGruLayer())(args) as unknown as tfl.RNN;
}
