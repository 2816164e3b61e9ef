/** layers.attentionPooling1d: the mean of all steps, weighted by a learned attention (Yang et al. 2016). */
import { reject } from '../../foundation/errors.js';
import { requireInteger } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { type KernelOption, kernelOption, useFused } from '../kernel-option.js';
import { once } from '../keras-only/once.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { installExecution } from '../model/execution.js';
import { markAsOurs } from '../model/ours.js';
import { type CallArguments, type LayerClass, onlyTensor } from '../stock.js';
import { type Given, singleCall, type TrainingCall, type TrainsByCall } from '../training-call.js';
import { requireMasks } from './attention-inputs.js';
import {
  obstacleOf,
  type PoolingInputs,
  poolByKernels,
  poolComposed,
} from './pool-by-attention.js';

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>;
type Tensors = tf.Tensor | tf.Tensor[];

/** The arguments of {@link attentionPooling1d}. */
export interface AttentionPooling1dArgs extends LayerArgs {
  /** The width in which steps are scored; that of the input when left out. */
  units?: number;
  /** Where the random numbers of the initial weights begin. */
  seed?: number | null;
  /** Which code computes the layer, `'auto'` by default. */
  kernel?: KernelOption;
}

const WHERE = 'layers.attentionPooling1d';

type Weight = { read(): tf.Tensor };
type PoolingClass = LayerClass<AttentionPooling1dArgs, tfl.layers.Layer & TrainsByCall>;

/** The class of {@link attentionPooling1d}. */
export const AttentionPooling1dLayer = once((): PoolingClass => {
  installExecution();
  class AttentionPooling1D extends tfl.layers.Layer implements TrainsByCall {
    static readonly className = 'AttentionPooling1D';
    readonly units: number | null;
    readonly seed: number | null;
    /** The argument `kernel`; the layer has a weight of that name. */
    readonly path: KernelOption;
    private learned: Record<'kernel' | 'bias' | 'query', Weight> | null = null;

    constructor({ units, seed = null, kernel, ...others }: AttentionPooling1dArgs) {
      super(others);
      if (units != null) requireInteger(WHERE, 'units', units, 1);
      this.units = units ?? null;
      this.seed = seed;
      this.path = kernelOption(WHERE, kernel);
      this.supportsMasking = true;
    }

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      const columns = requireSteps(inputShape)[2]!;
      const units = this.units ?? columns;
      const { seed } = this;
      const seeded = (more: number) => (seed === null ? {} : { seed: seed + more });
      // Glorot's uniform for one dimension, as Keras has it; tf.layers takes the square root.
      const limit = Math.sqrt(3 / units);
      const ofQuery = { minval: -limit, maxval: limit, ...seeded(1) };
      const weight = (
        name: string,
        shape: number[],
        initializer: ReturnType<typeof tfl.initializers.zeros>,
      ) => this.addWeight(name, shape, 'float32', initializer);
      this.learned = {
        kernel: weight('kernel', [columns, units], tfl.initializers.glorotUniform(seeded(0))),
        bias: weight('bias', [units], tfl.initializers.zeros()),
        query: weight('query', [units], tfl.initializers.randomUniform(ofQuery)),
      };
      this.built = true;
    }

    override call(inputs: Tensors, kwargs: CallArguments): tf.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const given = this.given(onlyTensor(WHERE, inputs), kwargs?.mask);
        const isFused = useFused(WHERE, this.path, obstacleOf(given));
        return isFused ? poolByKernels(given).pooled : poolComposed(given);
      });
    }

    hasTrainingCall({ values }: Given): boolean {
      return values.length === 1 && this.path !== 'composed';
    }

    trainingCall({ values: [x], mask }: Given): TrainingCall {
      const given = this.given(x!, mask);
      const { pooled, gradients } = poolByKernels(given);
      return singleCall(pooled, (dPooled) => {
        const { steps, ...d } = gradients(dPooled);
        const weights = (['kernel', 'bias', 'query'] as const).map(
          (name) => [(given[name] as tf.Tensor as tf.Variable).name, d[name]] as const,
        );
        return { input: steps, weights: Object.fromEntries(weights) };
      });
    }

    override computeMask(): tf.Tensor {
      return null as unknown as tf.Tensor;
    }

    override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
      const [batch = null, , columns = null] = requireSteps(inputShape);
      return [batch, columns];
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { units, seed } = this;
      return { ...super.getConfig(), units, seed };
    }

    /** What is computed with, checked. */
    private given(x: tf.Tensor, mask: unknown): PoolingInputs {
      requireSteps(x.shape);
      const [one = null] = [mask].flat();
      const { value } = requireMasks(WHERE, [null, one], {
        query: [],
        value: x.shape,
        key: x.shape,
      });
      const { kernel, bias, query } = this.learned!;
      return {
        steps: x as tf.Tensor3D,
        mask: value,
        kernel: kernel.read() as tf.Tensor2D,
        bias: bias.read() as tf.Tensor1D,
        query: query.read() as tf.Tensor1D,
      };
    }
  }
  markAsOurs(AttentionPooling1D.prototype);
  return AttentionPooling1D as unknown as PoolingClass;
});

function requireSteps(inputs: tfl.Shape | tfl.Shape[]): tfl.Shape {
  const [shape, ...others] = (Array.isArray(inputs[0]) ? inputs : [inputs]) as tfl.Shape[];
  if (others.length === 0 && shape!.length === 3 && typeof shape![2] === 'number') return shape!;
  return reject({
    where: WHERE,
    expected: 'the input must be one sequence, [batch, time, columns]',
    received: others.length > 0 ? inputs : shape,
    remedy: 'Let the layer in front return sequences.',
  });
}

/**
 * One vector from all steps: their mean, weighted by how much each of them matters, which is learned.
 * It stands where `globalAveragePooling1d` would. What a mask leaves out weighs nothing, and a sample in
 * which nothing counts gives zeros.
 *
 * u = tanh(h · kernel + bias), a = softmax(u · query) over the steps, output = Σ a · h. The weights are
 * `kernel` [columns, units], `bias` [units] and `query` [units]. Keras has no such layer:
 * {@link saveKerasModel} refuses it by name.
 *
 * @param args `units`, the width in which steps are scored (that of the input by default), `seed` for the
 *   initial weights, and `kernel`: `'auto'` by default.
 * @returns A layer from [batch, time, columns] to [batch, columns].
 * @throws RecurrentError for arguments that do not exist or fit; when it is applied, for an input that is
 *   no sequence.
 * @see Yang et al. 2016, "Hierarchical Attention Networks for Document Classification", equations 5 to 7.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const weights = [tf.tensor2d([[1]]), tf.tensor1d([0]), tf.tensor1d([5])];
 * const pool = layers.attentionPooling1d({ weights });
 * const output = pool.apply(tf.tensor3d([[[-1], [0], [3]]])) as tf.Tensor;
 * console.log(output.shape, output.dataSync()[0]!.toFixed(3));
 * // [ 1, 1 ] 2.979
 * ```
 */
export function attentionPooling1d(args: AttentionPooling1dArgs = {}): tfl.layers.Layer {
  requireLayerArguments('attentionPooling1d', args);
  return new (AttentionPooling1dLayer())(args);
}
