/** layers.wordDropout: whole words that are left out while training, in front of an embedding. */
import { reject } from '../../foundation/errors.js';
import { requireDropped, requireInteger, requireOneOf } from '../../foundation/option-checks.js';
import { mix32 } from '../../foundation/random.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { once } from '../keras-only/once.js';
import { requireLayerArguments } from '../layer-arguments.js';
import { installExecution } from '../model/execution.js';
import { markAsOurs } from '../model/ours.js';
import { initialRandomState, nextSeed } from '../recurrent/random-state.js';
import { type CallArguments, type LayerClass, onlyTensor } from '../stock.js';
import { type Given, singleCall, type TrainingCall, type TrainsByCall } from '../training-call.js';

type LayerArgs = ConstructorParameters<typeof tfl.layers.Layer>[0];
type Tensors = tf.Tensor | tf.Tensor[];

/** The arguments of {@link wordDropout}. */
export interface WordDropoutLayerArgs extends NonNullable<LayerArgs> {
  /** The fraction of words that are replaced, from 0 up to, not including, 1. */
  rate: number;
  /**
   * The number that takes their place: 0 for padding, which an embedding with `maskZero` passes by, or that
   * of the out-of-vocabulary token, which is 1 in a `Tokenizer` with `oovToken`. Default: 0.
   */
  replaceWith?: number;
  /**
   * What is drawn: each position by itself, or each word of a sample, wherever it stands there.
   * Default: `'position'`.
   */
  drawPer?: 'position' | 'word';
  /** Makes the draws repeat. Default: they differ each time. */
  seed?: number;
}

const WHERE = 'layers.wordDropout';

type WordDropoutClass = LayerClass<
  WordDropoutLayerArgs,
  tfl.layers.Layer & TrainsByCall & { randomState: number }
>;

/** The class of {@link wordDropout}. */
export const WordDropoutLayer = once((): WordDropoutClass => {
  installExecution();
  class WordDropout extends tfl.layers.Layer implements TrainsByCall {
    static readonly className = 'WordDropout';
    readonly rate: number;
    readonly replaceWith: number;
    readonly drawPer: 'position' | 'word';
    readonly seed: number | null;
    /** Where the seeds of the draws stand; part of a checkpoint. */
    randomState: number;

    constructor(args: WordDropoutLayerArgs) {
      const { rate, replaceWith = 0, drawPer = 'position', seed, ...others } = args;
      super(others);
      requireDropped(WHERE, 'rate', rate);
      requireInteger(WHERE, 'replaceWith', replaceWith, 0);
      requireOneOf(WHERE, 'drawPer', drawPer, ['position', 'word']);
      this.rate = rate;
      this.replaceWith = replaceWith;
      this.drawPer = drawPer;
      this.seed = seed ?? null;
      this.supportsMasking = true;
      this.randomState = initialRandomState(seed);
    }

    override call(inputs: Tensors, kwargs: CallArguments): tf.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const x = onlyTensor(WHERE, inputs);
        // The same data under another name, which TensorFlow.js would copy if it were returned itself.
        return kwargs?.training ? this.replace(x) : tf.reshape(x, x.shape);
      });
    }

    hasTrainingCall({ values }: Given): boolean {
      return values.length === 1;
    }

    trainingCall({ values: [x] }: Given): TrainingCall {
      // Words have no gradient.
      return singleCall(this.replace(x!), () => ({ input: null }));
    }

    override computeOutputShape(shape: tfl.Shape): tfl.Shape {
      return shape;
    }

    override getConfig(): tf.serialization.ConfigDict {
      const { rate, replaceWith, drawPer, seed } = this;
      return { ...super.getConfig(), rate, replaceWith, drawPer, seed };
    }

    private replace(x: tf.Tensor): tf.Tensor {
      requireWords(x);
      if (this.rate === 0) return tf.reshape(x, x.shape);
      const words = x.dataSync().slice();
      replaceSome(words, x.shape[1]!, nextSeed(this), this);
      // A model casts its inputs to floats, but on the cpu backend keeps their integers.
      return tf.tensor(words, x.shape, words instanceof Int32Array ? 'int32' : x.dtype);
    }
  }
  markAsOurs(WordDropout.prototype);
  return WordDropout as unknown as WordDropoutClass;
});

function requireWords({ shape }: tf.Tensor): void {
  if (shape.length === 2) return;
  reject({
    where: WHERE,
    expected: 'the input must be the numbers of words, [batch, time]',
    received: shape,
    remedy: 'Put the layer in front of the embedding.',
    see: 'wrong-shape',
  });
}

/** Replaces words of samples of `time` steps; padding stays. */
function replaceSome(
  words: Int32Array | Float32Array | Uint8Array,
  time: number,
  seed: number,
  {
    rate,
    replaceWith,
    drawPer,
  }: Required<Pick<WordDropoutLayerArgs, 'rate' | 'replaceWith' | 'drawPer'>>,
): void {
  const below = rate * 2 ** 32;
  for (let start = 0, sample = 1; start < words.length; start += time, sample++) {
    const ofSample = mix32(seed ^ mix32(sample));
    for (let step = 0; step < time; step++) {
      const word = words[start + step]!;
      if (word === 0) continue;
      const drawn = mix32(ofSample ^ mix32((drawPer === 'word' ? word : step) + 1)) >>> 0;
      if (drawn < below) words[start + step] = replaceWith;
    }
  }
}

/**
 * Replaces some words while training, in front of an embedding, so that a model does not lean on single
 * ones. Where the model predicts, words pass as they are. Padding, the number 0, stays padding.
 *
 * @param args `rate`, `replaceWith` (0 by default), `drawPer` (`'position'` by default, or `'word'`) and `seed`.
 * @returns A layer from integers [batch, time] to integers of that shape.
 * @throws RecurrentError for an argument that does not exist or is out of its range; when called, for an
 *   input of another rank.
 * @see Iyyer et al. 2015 and Bowman et al. 2016 for positions, Gal & Ghahramani 2016 for words.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const dropout = layers.wordDropout({ rate: 0.5, replaceWith: 1, drawPer: 'word', seed: 7 });
 * const words = tf.tensor2d([[0, 0, 5, 6, 5, 7, 6, 8]], [1, 8], 'int32');
 * const [first] = (dropout.apply(words, { training: true }) as tf.Tensor2D).arraySync();
 * // Both fives and both sixes fare alike, and padding stays.
 * console.log(first![2] === first![4], first![3] === first![6], first!.slice(0, 2));
 * // true true [ 0, 0 ]
 * ```
 */
export function wordDropout(args: WordDropoutLayerArgs): tfl.layers.Layer {
  requireLayerArguments('wordDropout', args);
  return new (WordDropoutLayer())(args);
}
