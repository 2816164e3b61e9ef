/** A network that reads: its model, its words, and what the page asks of it. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  explain,
  type GruTrace,
  type LstmTrace,
  type SimpleRnnTrace,
  type Tokenizer,
  traceGru,
  traceLstm,
  traceSimpleRnn,
} from 'tfjs-recurrent';
import { numbersOf, type Piece } from './pieces.js';

/** What a network says of a text. */
export interface Verdict {
  /** Which class, and how likely: of two classes, always the second. */
  classIndex: number;
  probability: number;
}

/** What each piece of a text did to the verdict. */
export interface Reasons {
  /** In logits. */
  contributions: number[];
  /** The probability behind each piece. */
  prefixes: number[];
}

const TRACES = { LSTM: traceLstm, GRU: traceGru, SimpleRNN: traceSimpleRnn };

export class Reader {
  constructor(
    readonly model: LayersModel,
    readonly tokenizer: Tokenizer,
    readonly classNames: readonly string[],
  ) {}

  /** How many words it reads at most; null where there is no limit. */
  get length(): number | null {
    return this.model.inputs[0]!.shape[1] ?? null;
  }

  /** The probability of the second of two classes, or the likeliest class of more. */
  read(pieces: readonly Piece[]): Verdict {
    const probabilities = tf.tidy(() =>
      (this.model.predict(this.#input(pieces)) as tf.Tensor).dataSync(),
    );
    if (probabilities.length === 1) return { classIndex: 1, probability: probabilities[0]! };
    const classIndex =
      probabilities.length === 2 ? 1 : probabilities.indexOf(Math.max(...probabilities));
    return { classIndex, probability: probabilities[classIndex]! };
  }

  /** By integrated gradients, over the vectors of the words. */
  reasons(pieces: readonly Piece[], { classIndex }: Verdict): Reasons {
    const numbers = numbersOf(pieces, this.length);
    const only = this.model.outputs[0]!.shape.at(-1) === 1;
    const { contributions, prefixProbabilities } = explain(this.model, this.#row(pieces), {
      classIndex: only ? 0 : classIndex,
    });
    const found: Reasons = { contributions: pieces.map(() => 0), prefixes: [] };
    const latest = new Map<number, number>();
    numbers.forEach(({ piece }, i) => {
      found.contributions[piece]! += contributions[i]!;
      latest.set(piece, prefixProbabilities[i]!);
    });
    let behind = 0.5;
    found.prefixes = pieces.map((_, i) => {
      behind = latest.get(i) ?? behind;
      return behind;
    });
    return found;
  }

  /** The gates of the first recurrent layer over the words that it reads; null where it has none. */
  trace(pieces: readonly Piece[]): LstmTrace | GruTrace | SimpleRnnTrace | null {
    const layer = this.model.layers.find((one) => kindOf(one) !== undefined);
    if (!layer) return null;
    const words = numbersOf(pieces, this.length).length;
    const input = this.#input(pieces);
    const whole = TRACES[kindOf(layer)!](this.model, input, { layer: layer.name });
    // Only the words: what stands before them is padding.
    const parts = Object.entries(whole).map(([name, steps]) => [
      name,
      name === 'mask' ? null : lastOf(steps as tf.Tensor3D, words),
    ]);
    tf.dispose([input, ...Object.values(whole)]);
    return Object.fromEntries(parts) as typeof whole;
  }

  #input(pieces: readonly Piece[]): tf.Tensor2D {
    const row = this.#row(pieces);
    return tf.tensor2d(row, [1, row.length], 'int32');
  }

  /** The numbers of the words, with padding before them where the model reads a fixed length. */
  #row(pieces: readonly Piece[]): number[] {
    const numbers = numbersOf(pieces, this.length).map(({ index }) => index);
    const time = this.length ?? Math.max(1, numbers.length);
    return [...new Array<number>(time - numbers.length).fill(0), ...numbers];
  }
}

function lastOf(steps: tf.Tensor3D, count: number): tf.Tensor3D {
  const [batch, time, units] = steps.shape;
  return tf.slice(steps, [0, time - count, 0], [batch, count, units]);
}

function kindOf(layer: LayersModel['layers'][number]): keyof typeof TRACES | undefined {
  const inner = (layer as { forwardLayer?: typeof layer }).forwardLayer ?? layer;
  return Object.hasOwn(TRACES, inner.getClassName())
    ? (inner.getClassName() as keyof typeof TRACES)
    : undefined;
}
