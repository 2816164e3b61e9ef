/** layers.gru: tf.layers.gru with Keras' resetAfter, and with time steps of length one. */
import { reject } from '../foundation/errors.js';
import { tf, type tfl } from '../foundation/tensorflow.js';
import { dropoutMask } from '../kernels/dropout/dropout-mask.js';
import { type KernelOption, kernelOption, useFused } from './kernel-option.js';
import { withFastOrthogonal } from './orthogonal.js';
import { initialRandomState, nextSeed } from './random-state.js';
import {
  type CallArguments,
  type LayerClass,
  onlyTensor,
  type StockGru,
  stockGru,
} from './stock.js';

/** The arguments of `tf.layers.gru`, `resetAfter`, and which kernel computes it. */
export type GruLayerArgs = Parameters<typeof tfl.layers.gru>[0] & {
  /**
   * Where the reset gate acts: on the state before it meets the recurrent kernel (false, the
   * default of TensorFlow.js and of Keras before 2.3), or on the product, with a bias of its
   * own (true, the default of Keras since and the form of cuDNN).
   */
  resetAfter?: boolean;
  kernel?: KernelOption;
};

type GruClass = LayerClass<
  GruLayerArgs,
  StockGru & { readonly kernel: KernelOption; readonly resetAfter: boolean; randomState: number }
>;

let gruClass: GruClass | undefined;

/** The class of {@link gru}. */
export function GruLayer(): GruClass {
  gruClass ??= defineGru();
  return gruClass;
}

function defineGru(): GruClass {
  return class GRU extends stockGru() {
    readonly kernel: KernelOption;
    readonly resetAfter: boolean;
    /** Where the seeds of the dropout masks stand; part of a checkpoint. */
    randomState = initialRandomState(null);

    constructor({ kernel, resetAfter = false, ...args }: GruLayerArgs) {
      if (typeof resetAfter !== 'boolean') {
        reject({
          where: 'layers.gru',
          expected: 'resetAfter must be true or false',
          received: resetAfter,
          remedy: 'Leave it out for false, as in TensorFlow.js.',
        });
      }
      super({ ...args, recurrentInitializer: withFastOrthogonal(args.recurrentInitializer) });
      this.kernel = kernelOption('layers.gru', kernel);
      this.resetAfter = resetAfter;
    }

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      const { cell } = this;
      if (!this.resetAfter || !cell.useBias) {
        super.build(inputShape);
        return;
      }
      // The stock cell knows one bias; Keras has two, for the inputs and for the state.
      cell.useBias = false;
      super.build(inputShape);
      cell.useBias = true;
      cell.bias = cell.addWeight(
        'bias',
        [2, 3 * cell.units],
        null,
        cell.biasInitializer,
        cell.biasRegularizer,
        true,
        cell.biasConstraint,
      );
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[] {
      return tf.tidy(() => {
        useFused('layers.gru', this.kernel, 'there is no fused kernel for the GRU yet');
        const training = kwargs?.training ?? false;
        const x = onlyTensor('layers.gru', inputs) as tf.Tensor3D;
        const states = kwargs?.initialState ?? (this.stateful ? this.states : null);
        const [first] = Array.isArray(kwargs?.mask) ? kwargs.mask : [kwargs?.mask];
        const { sequence, h } = this.run(
          this.dropInputs(x, training),
          states?.[0] as tf.Tensor2D | null | undefined,
          first,
          training,
        );
        if (this.stateful) this.resetStates([h], training);
        if (this.returnSequences) {
          const output = concatSteps(sequence);
          return this.returnState ? [output, h] : output;
        }
        // One tensor for two outputs would be disposed by a model when the first is used up.
        return this.returnState ? [tf.reshape(h, h.shape), h] : h;
      });
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), resetAfter: this.resetAfter };
    }

    private run(
      x: tf.Tensor3D,
      initial: tf.Tensor2D | null | undefined,
      mask: tf.Tensor | null | undefined,
      training: boolean,
    ): { sequence: tf.Tensor2D[]; h: tf.Tensor2D } {
      const [batch, time] = x.shape;
      const step = this.step(batch, training);
      const projected = splitSteps(this.project(x), time); // time × [batch, 3·units]
      const keeps = mask && splitSteps(tf.cast(tf.reshape(mask, [batch, time, 1]), 'bool'), time);
      let h: tf.Tensor2D = initial ?? tf.zeros([batch, this.cell.units]);
      const sequence: tf.Tensor2D[] = [];
      for (let i = 0; i < time; i++) {
        const at = this.goBackwards ? time - 1 - i : i;
        const next = step(projected[at]!, h);
        h = keeps ? tf.where(keeps[at]!, next, h) : next;
        sequence.push(h);
      }
      return { sequence, h };
    }

    /** x·W + b for all steps in one product. */
    private project(x: tf.Tensor3D): tf.Tensor3D {
      const [batch, time, features] = x.shape;
      const kernel = this.cell.kernel.read() as tf.Tensor2D;
      const flat = tf.matMul(tf.reshape(x, [batch * time, features]), kernel);
      const { input: bias } = this.biases();
      return tf.reshape(bias ? tf.add(flat, bias) : flat, [batch, time, kernel.shape[1]]);
    }

    /** The bias of the inputs and, with `resetAfter`, that of the state: each [3·units]. */
    private biases(): { input?: tf.Tensor; state?: tf.Tensor } {
      const bias = this.cell.bias?.read();
      if (!bias) return {};
      if (!this.resetAfter) return { input: bias };
      const width = 3 * this.cell.units;
      const row = (i: number) => tf.reshape(tf.slice(bias, [i, 0], [1, width]), [width]);
      return { input: row(0), state: row(1) };
    }

    /**
     * One step, from x·W + b [batch, 3·units] and h [batch, units] to the next h. The gates
     * lie side by side as update, reset, candidate.
     */
    private step(batch: number, training: boolean): (x: tf.Tensor, h: tf.Tensor2D) => tf.Tensor2D {
      const { cell, resetAfter } = this;
      const { units } = cell;
      const activation = (z: tf.Tensor) => cell.activation.apply(z);
      const gate = (z: tf.Tensor) => cell.recurrentActivation.apply(z);
      const columns = (z: tf.Tensor, i: number, count = 1) =>
        tf.slice(z, [0, i * units], [-1, count * units]);
      const recurrent = cell.recurrentKernel.read() as tf.Tensor2D;
      const ofGates = columns(recurrent, 0, 2) as tf.Tensor2D;
      const ofCandidate = columns(recurrent, 2) as tf.Tensor2D;
      const { state: bias } = this.biases();
      const drops = training && cell.recurrentDropout > 0;
      const dropped = drops ? this.mask([batch, units], cell.recurrentDropout) : null;

      return (x, before) => {
        const h = (dropped ? tf.mul(before, dropped) : before) as tf.Tensor2D;
        const whole = resetAfter ? tf.matMul(h, recurrent) : null;
        const biased = whole && bias ? tf.add(whole, bias) : whole;
        const forGates = biased ? columns(biased, 0, 2) : tf.matMul(h, ofGates);
        const gates = gate(tf.add(columns(x, 0, 2), forGates));
        const [update, reset] = [columns(gates, 0), columns(gates, 1)];
        const forCandidate = biased
          ? tf.mul(reset, columns(biased, 2))
          : tf.matMul(tf.mul(reset, h) as tf.Tensor2D, ofCandidate);
        const candidate = activation(tf.add(columns(x, 2), forCandidate));
        return tf.add(tf.mul(update, h), tf.mul(tf.sub(1, update), candidate)) as tf.Tensor2D;
      };
    }

    /** One mask for all steps, as Keras and TensorFlow.js drop the inputs of a cell. */
    private dropInputs(x: tf.Tensor3D, training: boolean): tf.Tensor3D {
      if (!training || this.cell.dropout <= 0) return x;
      const [batch, , features] = x.shape;
      return tf.mul(x, this.mask([batch, 1, features], this.cell.dropout));
    }

    private mask(shape: number[], rate: number): tf.Tensor {
      if (rate >= 1) return tf.zeros(shape);
      return tf.tensor(dropoutMask(tf.util.sizeFromShape(shape), rate, nextSeed(this)), shape);
    }
  };
}

// Slices and concatenations of a kept time axis, because the gradient of
// TensorFlow.js' unstack and stack fails for a single step, as does split's.
function splitSteps(x: tf.Tensor3D, time: number): tf.Tensor2D[] {
  const [batch, , width] = x.shape;
  const steps = time === 1 ? [x] : tf.split(x, time, 1);
  return steps.map((step) => tf.reshape(step, [batch, width]));
}

function concatSteps(steps: tf.Tensor2D[]): tf.Tensor3D {
  return tf.concat(
    steps.map((step) => tf.expandDims(step, 1) as tf.Tensor3D),
    1,
  );
}

/**
 * Gated recurrent unit: `tf.layers.gru`, with the `resetAfter` that Keras has by default and
 * TensorFlow.js lacks, so that models of Keras can be loaded.
 *
 * Takes the same arguments, saves under the same name and computes the same values. It runs as
 * TensorFlow.js operations on every backend; there is no fused kernel yet. A saved model with
 * `resetAfter` loads only after `registerLayers()`.
 *
 * Note that `recurrentActivation` is hardSigmoid by default, as in TensorFlow.js; Keras since 2.3
 * has sigmoid.
 *
 * @param args Those of `tf.layers.gru` (`units`, `returnSequences`, `returnState`, `goBackwards`,
 *   `recurrentActivation`, …), `resetAfter`: false by default, and `kernel`: `'auto'` by default.
 *   With `resetAfter` the bias is [2, 3·units], as in Keras.
 * @returns A layer from [batch, time, inputs] to [batch, units], or to [batch, time, units] with
 *   `returnSequences`.
 * @throws RecurrentError for an unknown `kernel` and a `resetAfter` that is no boolean; when
 *   called, for `kernel: 'fused'`.
 * @see Cho et al. 2014, arXiv:1406.1078v3 for `resetAfter: false` and v1 for `true`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const gru = layers.gru({ units: 4, resetAfter: true });
 * console.log((gru.apply(tf.zeros([2, 5, 3])) as tf.Tensor).shape);
 * // [ 2, 4 ]
 * console.log(gru.getWeights().map((weight) => weight.shape));
 * // [ [ 3, 12 ], [ 4, 12 ], [ 2, 12 ] ]
 * ```
 */
export function gru(args: GruLayerArgs): tfl.RNN {
  return new (GruLayer())(args) as unknown as tfl.RNN;
}
