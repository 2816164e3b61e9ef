/** What a recurrent layer gives for masked steps: `zeroOutputForMask` of Keras. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { multiply } from '../../kernels/merging/elementwise.js';
import type { CallArguments, LayerClass } from '../stock.js';
import type { Given, TrainingCall } from '../training-call.js';

/**
 * What a masked step gives, while the state goes on as it was: the output of the step before
 * (false, the initial state included, as in TensorFlow.js and Keras before TensorFlow 2); zeros
 * (true, as Keras's Bidirectional wants of its layers); or zeros up to the first step that counts
 * and then the output of the step before ('untilFirst', which is what Keras 3 does for false).
 */
export type ZeroOutputForMask = boolean | 'untilFirst';

/** The setting, among a layer's arguments. */
export interface ZeroOutputArgs {
  zeroOutputForMask?: ZeroOutputForMask;
}

/** The setting, on a layer. */
export interface MaskedOutputs {
  zeroOutputForMask: ZeroOutputForMask;
}

/** The members of a recurrent layer that it takes to find the outputs of masked steps. */
interface Recurrent {
  goBackwards: boolean;
  returnSequences: boolean;
  stateful: boolean;
  trainingCall(given: Given): TrainingCall;
  call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[];
}

/** A class of recurrent layers with that setting. */
export function withMaskedOutputs<Args, Layer extends Recurrent>(
  where: string,
  Stock: LayerClass<Args, Layer>,
): LayerClass<Args & ZeroOutputArgs, Layer & MaskedOutputs> {
  const Base = Stock as unknown as LayerClass<object, Recurrent>;
  class Masked extends Base implements MaskedOutputs {
    zeroOutputForMask: ZeroOutputForMask;

    constructor({ zeroOutputForMask = false, ...args }: ZeroOutputArgs) {
      super(args);
      if (typeof zeroOutputForMask !== 'boolean' && zeroOutputForMask !== 'untilFirst') {
        reject({
          where,
          expected: "zeroOutputForMask must be true, false or 'untilFirst'",
          received: zeroOutputForMask,
          remedy: 'Leave it out for false: a masked step repeats the output before it.',
        });
      }
      this.zeroOutputForMask = zeroOutputForMask;
    }

    override trainingCall(given: Given): TrainingCall {
      const { zeroOutputForMask: zero } = this;
      const mask = [given.mask].flat()[0];
      const call = super.trainingCall(given);
      if (!mask || !this.zeroes(mask, given.values.length > 1)) return call;
      const [output, ...states] = call.outputs as [tf.Tensor];
      const counts = tf.cast(this.countingOutputs(mask, zero), 'float32');
      const last = output.shape.at(-1)!;
      const kept = tf.tile(counts, [...counts.shape.slice(0, -1).fill(1), last]);
      return {
        ...call,
        outputs: [multiply(output, kept), ...states],
        gradient: ([dOutput, ...others]) =>
          call.gradient([dOutput ? multiply(dOutput, kept) : null, ...others]),
      };
    }

    /** Whether outputs may have to be set to zero. */
    private zeroes(mask: tf.Tensor | null | undefined, hasInitialState: boolean): boolean {
      if (!mask) return false;
      // Without an initial state, what comes before the first step that counts is zero anyway.
      const { zeroOutputForMask: zero, stateful } = this;
      if (zero !== 'untilFirst') return zero;
      return (stateful || hasInitialState) && !this.beginsWhole(mask);
    }

    /** Whether the first step that is computed counts in every sequence: with padding behind them, all do. */
    private beginsWhole(mask: tf.Tensor): boolean {
      if (!fusedAvailable()) return false; // where reading values may not be possible, or means waiting
      const [batch, time] = mask.shape as [number, number];
      const counts = mask.dataSync();
      const first = this.goBackwards ? time - 1 : 0;
      for (let row = 0; row < batch; row++) if (!counts[row * time + first]) return false;
      return true;
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[] {
      const { zeroOutputForMask: zero } = this;
      const mask = [kwargs?.mask].flat()[0];
      if (!mask || !this.zeroes(mask, kwargs.initialState != null)) {
        return super.call(inputs, kwargs);
      }
      return tf.tidy(() => {
        const [output, ...states] = [super.call(inputs, kwargs)].flat() as [tf.Tensor];
        const counts = this.countingOutputs(mask, zero);
        const zeroed = tf.where(counts, output, tf.zerosLike(output));
        return states.length > 0 ? [zeroed, ...states] : zeroed;
      });
    }

    /** Which outputs are kept: bool, [batch, time, 1] for a sequence, [batch, 1] for a last one. */
    private countingOutputs(mask: tf.Tensor, zero: ZeroOutputForMask): tf.Tensor {
      const steps = tf.reshape(mask, mask.shape.slice(0, 2)); // [batch, time]
      const [, time] = steps.shape as [number, number];
      // The outputs of a layer that goes backwards begin with that of the last step.
      const ordered = this.goBackwards ? tf.reverse(steps, 1) : steps;
      if (this.returnSequences) {
        const counts =
          zero === true ? ordered : tf.greater(tf.cumsum(tf.cast(ordered, 'float32'), 1), 0);
        return tf.expandDims(tf.cast(counts, 'bool'), 2);
      }
      if (zero === true) return tf.cast(tf.slice(ordered, [0, time - 1], [-1, 1]), 'bool');
      return tf.cast(tf.max(tf.cast(ordered, 'int32'), 1, true), 'bool');
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { zeroOutputForMask } = this;
      return { ...super.getConfig(), ...(zeroOutputForMask && { zeroOutputForMask }) };
    }
  }
  return Masked as unknown as LayerClass<Args & ZeroOutputArgs, Layer & MaskedOutputs>;
}
