/** A model as an explanation sees it: embeddings, what is computed from them, and the last activation. */
import { reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { isEmbedding } from '../../layers/core/embedding.js';
import { type Call, type Graph, graphOf, graphTo } from '../../layers/model/graph.js';
import type { Mask } from '../../layers/model/masks.js';
import { builtModel, type Masked, runGraph } from '../../layers/model/run-graph.js';
import type { StockDense } from '../../layers/stock.js';
import { forgetsPadding } from './forgets-padding.js';

/** Behind which the last layer has an activation that can be undone: what comes before is a logit. */
type Output = 'sigmoid' | 'softmax' | 'other';

/** The vectors of words; those of several embeddings side by side. */
export interface Embedded {
  /** [rows, time, width] */
  x: tf.Tensor3D;
  mask: Mask;
}

/** A model that begins with an embedding, or several side by side, and ends in one vector a sample. */
export class ExplainedModel {
  /** Steps of the input, or null where any number will do. */
  readonly time: number | null;
  /** Outputs a sample. */
  readonly classes: number;
  /** Whether index 0 is masked. */
  readonly maskZero: boolean;
  /** Whether it says the same of a text without the padding around it. */
  readonly forgetsPadding: boolean;
  /** What the embeddings return. */
  readonly embedded: readonly tfl.SymbolicTensor[];
  /** The activation behind its logits. */
  readonly output: Output;
  /** What logits are computed from. */
  readonly last: tfl.SymbolicTensor;
  readonly #embedding: Graph;
  readonly #fromEmbedding: Graph;
  readonly #fromIndices: Graph;
  readonly #head: Head;

  constructor(where: string, given: tfl.LayersModel) {
    const model = builtModel(given);
    const { inputs, outputs } = model;
    if (inputs.length !== 1 || outputs.length !== 1 || outputs[0]!.shape.length !== 2) {
      reject({
        where,
        expected: 'the model must have one input of words and one output [batch, classes]',
        received: outputs.map(({ shape }) => shape),
        remedy: 'Of a label a step, explain a model that ends in the step you ask about.',
        see: 'unsuitable-model',
      });
    }
    const { calls } = graphOf(model);
    const embeddings = embeddingsOf(where, calls);
    requireStateless(where, calls);
    this.#head = headOf(where, calls.at(-1)!, outputs[0]!);
    this.time = inputs[0]!.shape[1] ?? null;
    this.classes = outputs[0]!.shape[1]!;
    this.maskZero = masksZero(where, embeddings);
    this.embedded = embeddings.map(({ node }) => node.outputTensors[0]!);
    this.last = this.#head.from;
    this.output = this.#head.output;
    this.#embedding = graphTo(inputs, [...this.embedded]);
    this.#fromEmbedding = graphTo([...this.embedded], [this.last]);
    this.#fromIndices = graphTo(inputs, [this.last]);
    this.forgetsPadding = this.maskZero && forgetsPadding(this.#fromEmbedding);
  }

  /** The vectors of words, and their mask. */
  embed(indices: tf.Tensor2D): Embedded {
    const { values, masks } = runGraph(this.#embedding, { values: [indices], masks: [null] }, {});
    const x = values.length === 1 ? values[0]! : tf.concat(values, -1);
    return { x: x as tf.Tensor3D, mask: masks[0] ?? null };
  }

  /** From vectors of words to what comes before the last activation, [rows, classes]. */
  logitsOfVectors({ x, mask }: Embedded): tf.Tensor2D {
    const widths = this.embedded.map(({ shape }) => shape[2]!);
    const values = widths.length === 1 ? [x] : tf.split(x, widths, -1);
    return this.#logits(this.#fromEmbedding, { values, masks: widths.map(() => mask) });
  }

  /** From indices [rows, time] to the same: faster, since the kernels know the words. */
  logitsOfIndices(indices: tf.Tensor2D): tf.Tensor2D {
    return this.#logits(this.#fromIndices, { values: [indices], masks: [null] });
  }

  /** From what {@link last} stands for to logits. */
  logitsOfLast(values: tf.Tensor): tf.Tensor2D {
    return this.#head.logits(values);
  }

  /** What the model says, of the logits of a sample: a probability for each class. */
  probabilities(logits: ArrayLike<number>): number[] {
    const all = Array.from(logits);
    if (this.output === 'sigmoid') return all.map((logit) => 1 / (1 + Math.exp(-logit)));
    if (this.output === 'other') return all;
    const largest = Math.max(...all);
    const powers = all.map((logit) => Math.exp(logit - largest));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  #logits(graph: Graph, given: Masked): tf.Tensor2D {
    return this.#head.logits(runGraph(graph, given, {}).values[0]!);
  }
}

/** The end of a model. */
interface Head {
  from: tfl.SymbolicTensor;
  output: Output;
  logits(from: tf.Tensor): tf.Tensor2D;
}

/** Takes the last activation off, where it is a sigmoid or a softmax. */
function headOf(where: string, { layer, node }: Call, output: tfl.SymbolicTensor): Head {
  if (layer instanceof tfl.LayersModel) {
    reject({
      where,
      expected: `the last layer, ${layer.name}, must not be a model`,
      remedy: 'Build the model from the layers of that one.',
      see: 'unsuitable-model',
    });
  }
  const name = layer.getClassName();
  const { activation } = layer as unknown as Partial<StockDense>;
  const known = name === 'Softmax' ? 'softmax' : activation?.getClassName();
  if (known === 'sigmoid' || known === 'softmax') {
    const from = node.inputTensors[0]!;
    if (name === 'Activation' || name === 'Softmax') {
      return { from, output: known, logits: (values) => values as tf.Tensor2D };
    }
    if (name === 'Dense') {
      const { kernel, bias } = layer as unknown as StockDense;
      return { from, output: known, logits: (values) => product(values, kernel, bias) };
    }
  }
  return { from: output, output: 'other', logits: (values) => values as tf.Tensor2D };
}

function product(
  values: tf.Tensor,
  kernel: StockDense['kernel'],
  bias: StockDense['bias'],
): tf.Tensor2D {
  const sums: tf.Tensor2D = tf.matMul(values as tf.Tensor2D, kernel.read() as tf.Tensor2D);
  return bias ? (tf.add(sums, bias.read()) as tf.Tensor as tf.Tensor2D) : sums;
}

/** The calls that read the input, behind dropout of words, which does nothing here. */
function embeddingsOf(where: string, calls: readonly Call[], input = 0): Call[] {
  const readers = calls.filter(({ inputs }) => inputs.includes(input));
  return readers.flatMap((call) => {
    if (isEmbedding(call.layer)) return [call];
    if (call.layer.getClassName() === 'WordDropout') {
      return embeddingsOf(where, calls, call.outputs[0]);
    }
    return reject({
      where,
      expected: 'the model must begin with an Embedding, and nothing else may read the input',
      received: readers.map(({ layer }) => layer.getClassName()).join(', '),
      remedy: 'Inputs that are numbers already have no words to explain.',
      see: 'unsuitable-model',
    });
  });
}

/** Whether embeddings mask index 0, which they have to agree on. */
function masksZero(where: string, embeddings: readonly Call[]): boolean {
  const masks = embeddings.map(
    ({ layer }) => (layer as unknown as { maskZero?: boolean }).maskZero === true,
  );
  if (new Set(masks).size < 2) return masks[0]!;
  return reject({
    where,
    expected: 'all embeddings of the model must have the same maskZero',
    received: masks,
    see: 'unsuitable-model',
  });
}

function requireStateless(where: string, calls: readonly Call[]): void {
  const stateful = calls.find(({ layer }) => layer.stateful);
  if (!stateful) return;
  reject({
    where,
    expected: `${stateful.layer.name} must not be stateful: a run would begin where the last ended`,
    remedy: 'Build the model without stateful, and give it the weights of this one.',
    see: 'unsuitable-model',
  });
}
