/** layers.sampledSoftmax: the loss of a language model with many words, against a few that are drawn. */
import { reject } from '../../foundation/errors.js';
import { requireInteger } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { asIndices } from '../../kernels/embedding/indices.js';
import { drawCandidates } from '../../kernels/losses/log-uniform.js';
import {
  type SampledInputs,
  sampledSoftmax as fused,
} from '../../kernels/losses/sampled-softmax.js';
import { sampledSoftmaxComposed } from '../../kernels/losses/sampled-softmax-composed.js';
import { wholeSoftmax } from '../../kernels/losses/whole-softmax.js';
import { once } from '../keras-only/once.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { installExecution } from '../model/execution.js';
import { markAsOurs } from '../model/ours.js';
import { initialRandomState, nextSeed } from '../recurrent/random-state.js';
import type { CallArguments, LayerClass } from '../stock.js';
import type { Given, TrainingCall, TrainsByCall } from '../training-call.js';

type LayerArgs = NonNullable<ConstructorParameters<typeof tfl.layers.Layer>[0]>;
type Tensors = tf.Tensor | tf.Tensor[];

/** The arguments of {@link sampledSoftmax}. */
export interface SampledSoftmaxArgs extends LayerArgs {
  /** How many classes there are: words of the vocabulary, with 0. */
  classes: number;
  /** How many of them are drawn for a step, fewer than there are. */
  numSampled: number;
  /** Where the random numbers of the initial weights and of what is drawn begin. */
  seed?: number | null;
}

const WHERE = 'layers.sampledSoftmax';

type Weight = { read(): tf.Tensor };
type SampledSoftmaxClass = LayerClass<
  SampledSoftmaxArgs,
  tfl.layers.Layer & TrainsByCall & { randomState: number }
>;

/** The class of {@link sampledSoftmax}. */
export const SampledSoftmaxLayer = once((): SampledSoftmaxClass => {
  installExecution();
  class SampledSoftmax extends tfl.layers.Layer implements TrainsByCall {
    static readonly className = 'SampledSoftmax';
    readonly classes: number;
    readonly numSampled: number;
    readonly seed: number | null;
    /** Where the seeds of what is drawn stand; part of a checkpoint. */
    randomState: number;
    private learned: Record<'kernel' | 'bias', Weight> | null = null;

    constructor({ classes, numSampled, seed = null, ...others }: SampledSoftmaxArgs) {
      super(others);
      requireInteger(WHERE, 'classes', classes, 2);
      requireInteger(WHERE, 'numSampled', numSampled, 1);
      if (numSampled >= classes) {
        reject({
          where: WHERE,
          expected: `numSampled must be less than classes, ${classes}`,
          received: numSampled,
          remedy: 'For so few classes take layers.dense with softmax.',
        });
      }
      this.classes = classes;
      this.numSampled = numSampled;
      this.seed = seed;
      this.randomState = initialRandomState(seed);
      this.supportsMasking = true;
    }

    override build(inputShape: tfl.Shape | tfl.Shape[]): void {
      const columns = requireShapes(inputShape).steps[2]!;
      const { classes, seed } = this;
      const seeded = seed === null ? {} : { seed };
      const kernel = tfl.initializers.glorotUniform(seeded);
      this.learned = {
        kernel: this.addWeight('kernel', [classes, columns], 'float32', kernel),
        bias: this.addWeight('bias', [classes], 'float32', tfl.initializers.zeros()),
      };
      this.built = true;
    }

    override call(inputs: Tensors, kwargs: CallArguments): tf.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const given = this.given([inputs].flat());
        const losses = kwargs?.training
          ? sampledSoftmaxComposed(given, this.draw())
          : wholeSoftmax(given);
        return inSteps(losses, [inputs].flat()[0]!);
      });
    }

    hasTrainingCall({ values }: Given): boolean {
      return values.length === 2;
    }

    trainingCall({ values }: Given): TrainingCall {
      const given = this.given(values);
      const { losses, gradients } = fused(given, this.draw());
      return {
        outputs: [inSteps(losses, values[0]!)],
        gradient([dOutput]) {
          const d = gradients(tf.reshape(dOutput!, losses.shape));
          const nameOf = (weight: tf.Tensor) => (weight as tf.Variable).name;
          const weights = { [nameOf(given.kernel)]: d.kernel, [nameOf(given.bias)]: d.bias };
          return { inputs: [tf.reshape(d.x, values[0]!.shape), null], weights };
        },
      };
    }

    /** That of the steps. */
    override computeMask(_: Tensors, mask?: Tensors): tf.Tensor {
      return ([mask ?? null].flat()[0] ?? null) as tf.Tensor;
    }

    override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
      const [batch = null, time = null] = requireShapes(inputShape).steps;
      return [batch, time, 1];
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { classes, numSampled, seed } = this;
      return { ...super.getConfig(), classes, numSampled, seed };
    }

    private draw() {
      return drawCandidates(this.classes, this.numSampled, nextSeed(this));
    }

    /** What is computed with, checked. */
    private given(inputs: tf.Tensor[]): SampledInputs {
      const { steps } = requireShapes(inputs.map(({ shape }) => shape));
      const [x, words] = inputs as [tf.Tensor, tf.Tensor];
      const indices = asIndices(words, this.classes);
      const labels = indices.dataSync() as Int32Array;
      requireLabels(labels, this.classes);
      return {
        x: tf.reshape(x, [x.size / steps[2]!, steps[2]!]) as tf.Tensor2D,
        kernel: this.learned!.kernel.read() as tf.Tensor2D,
        bias: this.learned!.bias.read() as tf.Tensor1D,
        labels,
      };
    }
  }
  markAsOurs(SampledSoftmax.prototype);
  return SampledSoftmax as unknown as SampledSoftmaxClass;
});

const inSteps = (losses: tf.Tensor1D, { shape: [batch, time] }: tf.Tensor) =>
  tf.reshape(losses, [batch!, time!, 1]);

function requireLabels(labels: Int32Array, classes: number): void {
  const bad = labels.find((label) => label < 0 || label >= classes);
  if (bad === undefined) return;
  const expected = `labels must be classes, from 0 to ${classes - 1}`;
  reject({ where: WHERE, expected, received: bad });
}

function requireShapes(inputs: tfl.Shape | tfl.Shape[]): { steps: tfl.Shape } {
  const shapes = (Array.isArray(inputs[0]) ? inputs : [inputs]) as tfl.Shape[];
  const [steps, labels] = shapes;
  const fits =
    shapes.length === 2 &&
    steps!.length === 3 &&
    typeof steps![2] === 'number' &&
    labels!.length === 2 &&
    labels!.every((size, axis) => size === null || steps![axis] === null || size === steps![axis]);
  if (fits) return { steps: steps! };
  return reject({
    where: WHERE,
    expected: 'the inputs must be states, [batch, time, columns], and labels, [batch, time]',
    received: shapes,
    remedy: 'A recurrent layer returns every step with returnSequences: true.',
  });
}

/**
 * The loss of each step of a language model with many words: the cross-entropy of the word that comes next
 * against a few words that are drawn anew for each step of training, instead of all. Where the model does
 * not train, as in `evaluate`, it is the cross-entropy against all of them, −log softmax(h · kernelᵀ + bias).
 *
 * Words are drawn by their rank, as TensorFlow's `log_uniform_candidate_sampler` draws them, so numbers must
 * fall with frequency, as those of a `Tokenizer` do. From each logit goes the logarithm of how often its
 * word is expected among those that are drawn, which lets the gradient approach that of the whole softmax.
 *
 * The layer stands at the end of a model, and its output is the loss: compile with
 * `loss: (_, losses) => losses` and train with labels of the output's shape that nobody reads, such as zeros.
 * Its weights are `kernel` [classes, columns] and `bias` [classes]. A model that writes has
 * `layers.dense({ units: classes, activation: 'softmax' })` in its place, with the kernel transposed.
 * Keras has no such layer: `saveKerasModel` refuses it by name.
 *
 * @param args `classes`, `numSampled` and `seed`.
 * @returns A layer from [states [batch, time, columns], labels [batch, time]] to [batch, time, 1].
 * @throws RecurrentError for arguments that do not exist or fit; when it is applied, for inputs of other
 *   shapes; when it runs, for a label that is no class.
 * @see Jean et al. 2015, "On Using Very Large Target Vocabulary for Neural Machine Translation", and
 *   `tf.nn.sampled_softmax_loss`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const loss = layers.sampledSoftmax({ classes: 1000, numSampled: 50, seed: 1 });
 * const [states, next] = [tf.zeros([2, 3, 8]), tf.ones([2, 3])];
 * const all = loss.apply([states, next]) as tf.Tensor; // it does not train here
 * console.log(all.shape, all.dataSync()[0]!.toFixed(4), Math.log(1000).toFixed(4));
 * // [ 2, 3, 1 ] 6.9078 6.9078
 * ```
 */
export function sampledSoftmax(args: SampledSoftmaxArgs): tfl.layers.Layer {
  requireLayerArguments('sampledSoftmax', args);
  return new (SampledSoftmaxLayer())(args);
}
