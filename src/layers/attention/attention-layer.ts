/** What layers.attention and layers.additiveAttention have in common: all but how they score. */
import { requireBoolean, requireDropped } from '../../foundation/option-checks.js';
import { openDoor, tf, tfl } from '../../foundation/tensorflow.js';
import type { Dropping } from '../../kernels/dropout/dropout-jobs.js';
import { add } from '../../kernels/merging/elementwise.js';
import type { TakesArguments } from '../call-arguments.js';
import { type KernelOption, kernelOption, useFused } from '../kernel-option.js';
import { once } from '../keras-only/once.js';
import { installExecution } from '../model/execution.js';
import { markAsOurs } from '../model/ours.js';
import { initialRandomState, nextSeed } from '../recurrent/random-state.js';
import type { CallArguments } from '../stock.js';
import type { Given, TrainingCall, TrainsByCall } from '../training-call.js';
import {
  type AttentionInputs,
  attend,
  attendComposed,
  obstacleOf,
  type ScoreOf,
} from './attend.js';
import {
  type AttentionCallArguments,
  CALL_ARGUMENTS,
  requireCallArguments,
  requireMasks,
  requireShapes,
} from './attention-inputs.js';

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>;
type Tensors = tf.Tensor | tf.Tensor[];

/** The arguments that both layers have. */
export interface CommonAttentionArgs extends LayerArgs {
  /** The fraction of the weights that is dropped while training, from 0 up to 1; 0 by default. */
  dropout?: number;
  /** Where the random numbers begin. */
  seed?: number | null;
  /** Which code computes the layer, `'auto'` by default. */
  kernel?: KernelOption;
}

/** A weight of a layer. */
export interface AttentionWeight {
  readonly name: string;
  read(): tf.Tensor;
}

/** What both layers have beyond those of tf.layers. */
interface AttentionMembers extends TakesArguments, TrainsByCall {
  readonly useScale: boolean;
  readonly dropout: number;
  readonly seed: number | null;
  readonly path: KernelOption;
  randomState: number;
}

type AttentionBase = new (
  where: string,
  useScale: boolean,
  args: CommonAttentionArgs,
) => tfl.layers.Layer & AttentionMembers;

/** The class that both extend. */
export const AttentionLayerBase = once((): AttentionBase => {
  openDoor();
  installExecution();
  abstract class AttentionLayer extends tfl.layers.Layer implements TakesArguments, TrainsByCall {
    abstract readonly where: string;
    readonly argumentsOfCall = CALL_ARGUMENTS;
    readonly useScale: boolean;
    readonly dropout: number;
    readonly seed: number | null;
    /** The argument `kernel`. */
    readonly path: KernelOption;
    /** Where the seeds of the masks of dropout stand; part of a checkpoint. */
    randomState: number;
    /** What the call that is being made asks for, which TensorFlow.js tells no method that finds shapes. */
    private returnsScores = false;

    constructor(where: string, useScale: boolean, args: CommonAttentionArgs) {
      const { dropout = 0, seed = null, kernel, ...others } = args;
      super(others);
      requireBoolean(where, 'useScale', useScale);
      requireDropped(where, 'dropout', dropout);
      this.useScale = useScale;
      this.dropout = dropout;
      this.seed = seed;
      this.path = kernelOption(where, kernel);
      this.randomState = initialRandomState(seed);
      this.supportsMasking = true;
    }

    abstract scoring(): ScoreOf;

    override apply(
      inputs: Parameters<tfl.layers.Layer['apply']>[0],
      kwargs: Parameters<tfl.layers.Layer['apply']>[1] & AttentionCallArguments = {},
    ): ReturnType<tfl.layers.Layer['apply']> {
      requireCallArguments(this.where, inputs, kwargs);
      this.returnsScores = kwargs.returnAttentionScores ?? false;
      try {
        return super.apply(inputs, kwargs);
      } finally {
        this.returnsScores = false;
      }
    }

    override call(inputs: Tensors, kwargs: CallArguments & AttentionCallArguments): Tensors {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs as never);
        const given = this.given([inputs].flat(), kwargs?.mask, kwargs?.useCausalMask);
        const drop = (kwargs?.training && this.dropout > 0) || false;
        const isFused = useFused(this.where, this.path, obstacleOf(given));
        const outputs = isFused
          ? attend(given, drop ? this.nextDropping() : null)
          : attendComposed(given, drop ? this.nextDropping() : null);
        return kwargs?.returnAttentionScores ? [outputs.context, outputs.weights] : outputs.context;
      });
    }

    hasTrainingCall(): boolean {
      return this.path !== 'composed';
    }

    trainingCall({ values, mask, own }: Given): TrainingCall {
      const { useCausalMask, returnAttentionScores } = (own ?? {}) as AttentionCallArguments;
      const given = this.given(values, mask, useCausalMask);
      const dropping = this.dropout > 0 ? this.nextDropping() : null;
      const isSelf = values.length === 2;
      const { context, weights, gradients } = attend(given, dropping);
      return {
        outputs: returnAttentionScores ? [context, weights] : [context],
        gradient([dContext, dWeights]) {
          const d = gradients(dContext ?? null, dWeights ?? null);
          const dValue = isSelf && d.value ? add(d.value, d.key) : isSelf ? d.key : d.value;
          const learned = [given.scale && [given.scale, d.scale], given.factors && [given.factors, d.factors]]; // biome-ignore format: short
          const named = learned.flatMap((one) =>
            one ? [[(one[0] as tf.Variable).name, one[1]!] as const] : [],
          );
          const inputs = [d.query, dValue, ...(isSelf ? [] : [d.key])];
          return { inputs, weights: Object.fromEntries(named) };
        },
      };
    }

    /** What is computed with, checked. */
    private given(inputs: tf.Tensor[], mask: unknown, causal = false): AttentionInputs {
      const shapes = requireShapes(
        this.where,
        inputs.map(({ shape }) => shape),
      );
      const masks = requireMasks(this.where, mask, shapes);
      const [query, value, key = value] = inputs as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D?];
      return { query, value, key, masks, causal, ...this.scoring() };
    }

    private nextDropping(): Dropping {
      return { rate: this.dropout, seed: nextSeed(this) };
    }

    /** That of the query; the scores have none. */
    override computeMask(_: Tensors, mask?: Tensors): tf.Tensor {
      return ([mask ?? null].flat()[0] ?? null) as tf.Tensor;
    }

    override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape | tfl.Shape[] {
      const { query, value } = requireShapes(this.where, inputShape);
      const [batch = null, queries = null] = query;
      const output = [batch, queries, value[2] ?? null];
      return this.returnsScores ? [output, [batch, queries, value[1] ?? null]] : output;
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { useScale, dropout, seed } = this;
      return { ...super.getConfig(), useScale, dropout, seed };
    }
  }
  // TensorFlow.js would want a mask for each output; our models hand masks on by themselves.
  Object.defineProperty(AttentionLayer.prototype, 'setMaskMetadata', { value: () => undefined });
  markAsOurs(AttentionLayer.prototype);
  return AttentionLayer as unknown as AttentionBase;
});
