/** Predictor: a model that only predicts, without TensorFlow.js. */
import { reject } from '../foundation/errors.js';
import type { Machine } from '../engine/machine.js';
import { sizeOf } from '../kernels/bridge/call.js';
import { padSequencesToArray } from '../preprocessing/padded-sequences.js';
import type { SequenceTokenizer } from '../preprocessing/tokenizer/sequence-tokenizer.js';
import { asFloats, type Graph, runGraph } from './graph.js';
import { type Nested, type NumberArray, readInput } from './inputs.js';
import type { SavedWords } from './reading/saved-words.js';
import { Run } from './run.js';

/** What {@link Predictor.predict} takes: texts, numbers in nested lists, or a typed array and its shape. */
export type PredictorInput = string | readonly string[] | Nested | NumberArray;

/** What comes out: values one behind the other, and their shape, the batch first. */
export interface Prediction {
  /** Of a TextClassifier, in 64 bits, as it gives them itself. */
  data: Float32Array | Float64Array;
  shape: number[];
}

/** An input of a model; in its shape, null stands for any size. */
export interface PredictorSpec {
  name: string;
  shape: readonly (number | null)[];
}

const WHERE = 'Predictor.predict';

/** What a graph gives. */
interface Floats extends Prediction {
  data: Float32Array;
}

// So many samples at once: enough to fill the lanes of the kernels, in little memory.
const AT_ONCE = 128;

/** Takes the tags of HTML out of a text. */
export type Strip = (html: string) => string;

/**
 * A model that only predicts, by the kernels of this library on one thread, without TensorFlow.js. Made
 * by `loadPredictor`. Its memory is given back with it by the garbage collector.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { createManyToOne, saveKerasModel } from 'tfjs-recurrent';
 * import { loadPredictor } from 'tfjs-recurrent/predict';
 *
 * const model = createManyToOne({ vocabularySize: 9, units: 4, outputs: 3 });
 * const predictor = await loadPredictor(await saveKerasModel(model));
 * console.log(predictor.inputs[0]?.shape);
 * // [ null, null ]
 * const { data, shape } = await predictor.predict([[1, 2, 3, 4]]);
 * console.log(shape, data.length);
 * // [ 1, 3 ] 3
 * ```
 */
export class Predictor {
  readonly #machine: Machine;
  readonly #graph: Graph;
  readonly #words: SavedWords;
  readonly #strip: Strip | null;

  /** @internal */
  constructor(machine: Machine, graph: Graph, words: SavedWords, strip: Strip | null) {
    this.#machine = machine;
    this.#graph = graph;
    this.#words = words;
    this.#strip = strip;
  }

  /** What the model takes. */
  get inputs(): PredictorSpec[] {
    return this.#graph.inputs.map(({ name, shape }) => ({ name, shape: [...shape] }));
  }

  /** The tokenizers that were saved with the model, by name; that of a classifier is `words`. */
  get vocabularies(): Readonly<Record<string, SequenceTokenizer>> {
    return this.#words.vocabularies;
  }

  /** Of a classifier, the names of its classes. */
  get classNames(): readonly string[] | null {
    return this.#words.classNames ?? null;
  }

  /**
   * Predicts, with the same numbers, to the bit, as the model on the cpu backend of TensorFlow.js.
   *
   * @param input Texts, where one tokenizer was saved with the model; numbers in nested lists, or
   *   `{ data, shape }`, the batch first. Of a model of several inputs: an object with one of these
   *   for each, by the names of the inputs.
   * @returns The values of the only output, and their shape `[samples, …]`. Of a TextClassifier, which
   *   takes texts alone, the calibrated probabilities `[texts, classes]`.
   * @throws RecurrentError for an input that the model cannot take, texts without a tokenizer, and a
   *   model of several outputs, for which there is {@link Predictor.predictAll}.
   */
  async predict(
    input: PredictorInput | Readonly<Record<string, PredictorInput>>,
  ): Promise<Prediction> {
    const { outputs } = this.#graph;
    if (outputs.length !== 1) {
      reject({
        where: WHERE,
        expected: 'the model must have one output',
        received: outputs.length,
        remedy: 'Call predictAll, which returns all of them.',
        see: 'unsuitable-model',
      });
    }
    return this.#run(this.#read(input))[0]!;
  }

  /**
   * The same, of all outputs of the model in their order.
   *
   * @param input As for {@link Predictor.predict}.
   */
  async predictAll(
    input: PredictorInput | Readonly<Record<string, PredictorInput>>,
  ): Promise<Prediction[]> {
    return this.#run(this.#read(input));
  }

  #read(input: PredictorInput | Readonly<Record<string, PredictorInput>>): NumberArray[] {
    const { inputs } = this.#graph;
    const isOne =
      typeof input !== 'object' || Array.isArray(input) || 'length' in input || 'data' in input;
    const named = isOne ? { [inputs[0]!.name]: input } : (input as Record<string, PredictorInput>);
    const names = inputs.map(({ name }) => name);
    if (Object.keys(named).length !== names.length || !names.every((name) => name in named)) {
      reject({
        where: WHERE,
        expected: `the model has the inputs ${names.join(', ')}`,
        received: isOne ? input : Object.keys(named),
        remedy: 'Pass an object with a value for each, by these names.',
        see: 'wrong-shape',
      });
    }
    const read = inputs.map((one) => {
      const given = named[one.name] as PredictorInput;
      const texts = asTexts(given);
      return readInput(one, texts?.length ? this.#sequences(texts, one.shape) : (given as Nested));
    });
    if (read.some(({ shape }) => shape[0] !== read[0]!.shape[0])) {
      const received = read.map(({ shape }) => shape[0]);
      reject({
        where: WHERE,
        expected: 'all inputs must have as many samples',
        received,
        see: 'wrong-shape',
      });
    }
    return read;
  }

  /** Texts as the model was trained on them, padded in front to the length that it takes. */
  #sequences(texts: readonly string[], [, length]: readonly (number | null)[]): NumberArray {
    const tokenizers = Object.values(this.#words.vocabularies);
    const [tokenizer] = tokenizers;
    if (!tokenizer || tokenizers.length > 1) {
      reject({
        where: WHERE,
        expected: `texts need one tokenizer that was saved with the model, and there are ${tokenizers.length}`,
        remedy: 'Turn texts into numbers by a Tokenizer and padSequencesToArray.',
        see: 'unsuitable-model',
      });
    }
    const cleaned = this.#strip ? texts.map(this.#strip) : texts;
    const sequences = tokenizer.textsToSequences(cleaned);
    return padSequencesToArray(sequences, length == null ? {} : { maxlen: length });
  }

  #run(inputs: readonly NumberArray[]): Floats[] {
    const samples = inputs[0]!.shape[0]!;
    const parts: Floats[][] = [];
    for (let first = 0; first < samples; first += AT_ONCE) {
      const count = Math.min(AT_ONCE, samples - first);
      parts.push(this.#runSome(inputs.map((input) => rowsOf(input, first, count))));
    }
    return this.#graph.outputs.map((_, i) => joined(parts.map((part) => part[i]!)));
  }

  #runSome(inputs: readonly NumberArray[]): Floats[] {
    const run = new Run(this.#machine);
    try {
      const values = inputs.map(({ data, shape }) => run.tensor(data, [...shape]));
      const outputs = runGraph(run, this.#graph, { values, masks: [] }).values;
      return outputs.map((output) => {
        const floats = asFloats(run, output);
        return { data: run.values(floats).slice() as Float32Array, shape: [...output.shape] };
      });
    } finally {
      run.end();
    }
  }
}

/** A text or a list of texts as a list; null for anything else. */
export function asTexts(given: unknown): readonly string[] | null {
  if (typeof given === 'string') return [given];
  const areTexts = Array.isArray(given) && given.every((one) => typeof one === 'string');
  return areTexts ? (given as readonly string[]) : null;
}

function rowsOf({ data, shape }: NumberArray, first: number, count: number): NumberArray {
  const width = sizeOf(shape.slice(1));
  return {
    data: data.subarray(first * width, (first + count) * width),
    shape: [count, ...shape.slice(1)],
  };
}

function joined(parts: readonly Floats[]): Floats {
  const [first] = parts;
  if (!first) return { data: new Float32Array(0), shape: [0] };
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const samples = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
  return { data, shape: [samples, ...first.shape.slice(1)] };
}
