/**
 * The decoder of a model as a step that can be repeated: the source is read once, and each step takes a
 * token and the states of the step before. The layers are those of the model, and so are their kernels.
 */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { type Call, type Graph, graphOf, graphTo } from '../../layers/model/graph.js';
import { isRecurrent } from '../../layers/model/recurrent.js';
import { runGraph } from '../../layers/model/run-graph.js';
import { runTogether } from '../../layers/model/run-together.js';
import type { StepModel } from '../decoding/step-model.js';
import { RowTensors } from './row-tensors.js';

type Symbol = tfl.SymbolicTensor;

/** What is known between two steps, a row a hypothesis. */
export interface DecoderState {
  /** Of the source: what attention reads, and the masks of that; no step changes it. */
  source: RowTensors;
  /** The states of the layers of the decoder. */
  states: RowTensors;
}

/** The two parts of a model. */
interface Parts {
  /** From the source to what the decoder takes from the encoder: states first, then the rest. */
  encoder: Graph;
  states: number;
  /** From a token, the states and the rest to probabilities and new states. */
  step: Graph;
  vocabularySize: number;
}

/** Reads sources and writes targets step by step. */
export class DecoderSteps implements StepModel<DecoderState> {
  readonly #parts: Parts;
  readonly #never: readonly number[];

  /**
   * @param never Tokens that are never written: padding and the start token.
   */
  constructor(model: tfl.LayersModel, never: readonly number[]) {
    this.#parts = partsOf(model);
    this.#never = never;
  }

  get vocabularySize(): number {
    return this.#parts.vocabularySize;
  }

  /** The states in front of the start tokens; source: int32 [rows, source.length]. */
  encode(source: tf.Tensor2D): DecoderState {
    const { encoder, states } = this.#parts;
    return withoutLeaks(() => {
      const { values, masks } = runGraph(encoder, { values: [source], masks: [] }, {});
      return {
        states: new RowTensors(values.slice(0, states)),
        source: new RowTensors(values.slice(states), masks.slice(states)),
      };
    });
  }

  step(
    tokens: Int32Array,
    { source, states }: DecoderState,
  ): { logProbabilities: Float32Array; state: DecoderState } {
    const { step, vocabularySize } = this.#parts;
    return withoutLeaks(() => {
      const token = tf.tensor2d(tokens, [tokens.length, 1], 'int32');
      const inputs = [token, ...states.values, ...source.values];
      const masks = [null, ...states.values.map(() => null), ...source.masks];
      const [output, ...next] = runTogether(step, inputs, masks) as [tf.Tensor, ...tf.Tensor[]];
      const logProbabilities = (output.dataSync() as Float32Array).map(Math.log);
      for (const never of this.#never) {
        for (let at = never; at < logProbabilities.length; at += vocabularySize) {
          logProbabilities[at] = Number.NEGATIVE_INFINITY;
        }
      }
      return { logProbabilities, state: { states: new RowTensors(next), source: source.share() } };
    });
  }

  select({ source, states }: DecoderState, rows: Int32Array): DecoderState {
    return { source: source.select(rows), states: states.select(rows) };
  }

  dispose({ source, states }: DecoderState): void {
    source.release();
    states.release();
  }
}

/** As tf.tidy, for what is no tensor: RowTensors keep theirs. */
function withoutLeaks<Result>(body: () => Result): Result {
  let result: Result;
  tf.tidy(() => {
    result = body();
  });
  return result!;
}

const known = new WeakMap<tfl.LayersModel, Parts>();

function partsOf(model: tfl.LayersModel): Parts {
  const before = known.get(model);
  if (before) return before;
  const parts = partsAfresh(model);
  known.set(model, parts);
  return parts;
}

/** Cuts a model in two where what the target decides meets what the source alone does. */
function partsAfresh(model: tfl.LayersModel): Parts {
  const [source, target] = model.inputs as [Symbol, Symbol];
  const output = model.outputs[0]!;
  const { calls } = graphOf(model);
  const decided = new Set<Symbol>([target]);
  const ofTarget: Call[] = [];
  for (const call of calls) {
    if (!call.node.inputTensors.some((input) => decided.has(input))) continue;
    for (const each of call.node.outputTensors) decided.add(each);
    if (call.node.outputTensors[0] !== target) ofTarget.push(call);
  }
  const recurrent = ofTarget.filter(({ layer }) => isRecurrent(layer));
  const initial = recurrent.flatMap(({ node }) => node.inputTensors.slice(1));
  const last = recurrent.flatMap(({ node }) => node.outputTensors.slice(1));
  if (initial.length !== last.length) {
    reject({
      where: 'EncoderDecoder',
      expected: 'the recurrent layers of the decoder must return their states',
      see: 'unsuitable-model',
    });
  }
  const others = new Set<Symbol>();
  for (const { node } of ofTarget) {
    for (const input of node.inputTensors) {
      if (!decided.has(input) && !initial.includes(input)) others.add(input);
    }
  }
  const fromEncoder = [...initial, ...others];
  return {
    encoder: graphTo([source], fromEncoder),
    states: initial.length,
    step: graphTo([target, ...fromEncoder], [output, ...last]),
    vocabularySize: output.shape.at(-1)!,
  };
}
