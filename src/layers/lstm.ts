/** layers.lstm: tf.layers.lstm with a fused kernel for the whole sequence. */
import { tf, type tfl } from '../foundation/tensorflow.js';
import { dropoutMask } from '../kernels/dropout/dropout-mask.js';
import type { LstmInputs, LstmOutputs } from '../kernels/recurrent/lstm-inputs.js';
import { lstm as fusedLstm, lstmWithGradients } from '../kernels/recurrent/lstm.js';
import { lstmComposed } from '../kernels/recurrent/lstm-composed.js';
import { fusedObstacle } from '../kernels/bridge/register.js';
import { type KernelOption, kernelOption, useFused } from './kernel-option.js';
import { withFastOrthogonal } from './orthogonal.js';
import { initialRandomState, nextSeed } from './random-state.js';
import {
  type CallArguments,
  type LstmArgs,
  onlyTensor,
  stockLstm,
  type LayerClass,
  type StockLstm,
} from './stock.js';
import type { TrainingCall, TrainsByCall } from './training-call.js';

/** The arguments of `tf.layers.lstm`, and which kernel computes it. */
export type LstmLayerArgs = LstmArgs & { kernel?: KernelOption };

type LstmClass = LayerClass<
  LstmLayerArgs,
  StockLstm & TrainsByCall & { readonly kernel: KernelOption; randomState: number }
>;

let lstmClass: LstmClass | undefined;

/** The class of {@link lstm}. */
export function LstmLayer(): LstmClass {
  lstmClass ??= defineLstm();
  return lstmClass;
}

function defineLstm(): LstmClass {
  return class LSTM extends stockLstm() {
    readonly kernel: KernelOption;
    /** Where the seeds of the dropout masks stand; part of a checkpoint. */
    randomState = initialRandomState(null);

    constructor({ kernel, ...args }: LstmLayerArgs) {
      super({ ...args, recurrentInitializer: withFastOrthogonal(args.recurrentInitializer) });
      this.kernel = kernelOption('layers.lstm', kernel);
    }

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      // The stock initializer of unitForgetBias leaves its parts behind.
      tf.tidy(() => super.build(inputShape));
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[] {
      return tf.tidy(() => {
        const training = kwargs?.training ?? false;
        const x = onlyTensor('layers.lstm', inputs) as tf.Tensor3D;
        const states = kwargs?.initialState ?? (this.stateful ? this.states : null);
        const { sequence, h, c } = this.compute(
          {
            x: this.dropInputs(x, training),
            ...this.cellWeights(),
            initialH: (states?.[0] ?? undefined) as tf.Tensor2D | undefined,
            initialC: (states?.[1] ?? undefined) as tf.Tensor2D | undefined,
            mask: stepMask(kwargs?.mask, x),
          },
          training,
        );
        if (this.stateful) this.resetStates([h, c], training);
        if (!this.returnState) return sequence ?? h;
        // One tensor for two outputs would be disposed by a model when the first is used up.
        return [sequence ?? tf.reshape(h, h.shape), h, c];
      });
    }

    private compute(inputs: LstmInputs, training: boolean): LstmOutputs {
      const { cell, goBackwards, returnSequences } = this;
      const obstacle = inputs.x.size === 0 ? 'the input is empty' : this.obstacle(training);
      if (useFused('layers.lstm', this.kernel, obstacle)) {
        const hardSigmoid = cell.recurrentActivation.getClassName() === 'hardSigmoid';
        return fusedLstm(inputs, { goBackwards, returnSequences, hardSigmoid });
      }
      return lstmComposed(inputs, {
        goBackwards,
        returnSequences,
        activation: (z) => cell.activation.apply(z),
        recurrentActivation: (z) => cell.recurrentActivation.apply(z),
        recurrentDropoutMask: this.dropsStates(training)
          ? this.mask([inputs.x.shape[0], cell.units], cell.recurrentDropout)
          : undefined,
      });
    }

    hasTrainingCall(): boolean {
      const { cell, kernel, stateful, returnState } = this;
      const plain = !stateful && !returnState && cell.dropout <= 0;
      return kernel !== 'composed' && plain && this.obstacle(true) === null;
    }

    trainingCall(x: tf.Tensor): TrainingCall {
      const { goBackwards, returnSequences } = this;
      const { kernel, recurrentKernel, bias } = this.cellWeights();
      const hardSigmoid = this.cell.recurrentActivation.getClassName() === 'hardSigmoid';
      const call = lstmWithGradients(
        { x: x as tf.Tensor3D, kernel, recurrentKernel, bias },
        { goBackwards, returnSequences, hardSigmoid },
      );
      const { sequence, h } = call.outputs;
      return {
        output: sequence ?? h,
        gradient: (dy) => {
          const d = call.gradients(sequence ? { sequence: dy } : { h: dy });
          const weights = {
            [kernel.name]: d.kernel!,
            [recurrentKernel.name]: d.recurrentKernel!,
            ...(bias && { [bias.name]: d.bias! }),
          };
          return { input: d.x!, weights };
        },
        release: call.release,
      };
    }

    private cellWeights() {
      const { kernel, recurrentKernel, bias } = this.cell;
      return {
        kernel: kernel.read() as tf.Variable<tf.Rank.R2>,
        recurrentKernel: recurrentKernel.read() as tf.Variable<tf.Rank.R2>,
        bias: (bias?.read() ?? undefined) as tf.Variable<tf.Rank.R1> | undefined,
      };
    }

    /** Whether it predicts by the fused kernel, which keeps nothing of single steps in memory. */
    predictsFused(): boolean {
      return this.kernel !== 'composed' && this.obstacle(false) === null;
    }

    /** Why the fused kernel cannot compute a call, or null. */
    private obstacle(training: boolean): string | null {
      const { cell } = this;
      const [activation, recurrentActivation] = [
        cell.activation.getClassName(),
        cell.recurrentActivation.getClassName(),
      ];
      const missing = fusedObstacle();
      if (missing !== null) return missing;
      if (activation !== 'tanh') return `activation is '${activation}'`;
      if (recurrentActivation !== 'sigmoid' && recurrentActivation !== 'hardSigmoid') {
        return `recurrentActivation is '${recurrentActivation}'`;
      }
      if (this.dropsStates(training)) return 'recurrentDropout is set';
      return null;
    }

    private dropsStates(training: boolean): boolean {
      return training && this.cell.recurrentDropout > 0;
    }

    /** One mask for all steps, as Keras and TensorFlow.js drop the inputs of a cell. */
    private dropInputs(x: tf.Tensor3D, training: boolean): tf.Tensor3D {
      if (!training || this.cell.dropout <= 0) return x;
      const [batch, , features] = x.shape;
      return tf.mul(x, this.mask([batch, 1, features], this.cell.dropout));
    }

    private mask(shape: number[], rate: number): tf.Tensor {
      const count = tf.util.sizeFromShape(shape);
      if (rate >= 1) return tf.zeros(shape);
      return tf.tensor(dropoutMask(count, rate, nextSeed(this)), shape);
    }
  };
}

/** The mask of the inputs as bool [batch, time]; the masks of initial states play no part. */
function stepMask(mask: CallArguments['mask'], x: tf.Tensor3D): tf.Tensor2D | undefined {
  const first = Array.isArray(mask) ? mask[0] : mask;
  if (!first) return undefined;
  return tf.cast(tf.reshape(first, [x.shape[0], x.shape[1]]), 'bool') as tf.Tensor2D;
}

/**
 * Long short-term memory: `tf.layers.lstm`, fast.
 *
 * Takes the same arguments, saves under the same name and computes the same values.
 * On the `cpu` and `wasm` backends one WebAssembly kernel runs the whole sequence,
 * forward and backward; elsewhere, and for activations other than tanh with sigmoid
 * or hardSigmoid and for `recurrentDropout`, TensorFlow.js operations do.
 *
 * Note that `recurrentActivation` is hardSigmoid by default, as in TensorFlow.js; Keras
 * since 2.3 has sigmoid.
 *
 * @param args Those of `tf.layers.lstm` (`units`, `returnSequences`, `returnState`,
 *   `goBackwards`, `recurrentActivation`, …), and `kernel`: `'auto'` by default.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to
 *   [batch, time, units] with `returnSequences`.
 * @throws RecurrentError for an unknown `kernel`; when called, for `kernel: 'fused'`
 *   where the fused kernel cannot run.
 * @see Hochreiter & Schmidhuber 1997, and Gers et al. 2000 for the forget gate.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const lstm = layers.lstm({ units: 4, returnSequences: true });
 * const output = lstm.apply(tf.zeros([2, 5, 3])) as tf.Tensor;
 * console.log(output.shape);
 * // [ 2, 5, 4 ]
 * ```
 */
export function lstm(args: LstmLayerArgs): tfl.RNN {
  return new (LstmLayer())(args) as unknown as tfl.RNN;
}
