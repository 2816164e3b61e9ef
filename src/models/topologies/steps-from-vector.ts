/**
 * A model of createOneToMany that writes words, one step at a time: the layers are those of the model, and
 * their kernels run one behind the other.
 */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { type Graph, graphOf, graphTo } from '../../layers/model/graph.js';
import { runGraph } from '../../layers/model/run-graph.js';
import { runTogether } from '../../layers/model/run-together.js';
import type { StepModel } from '../decoding/step-model.js';
import { initialName, VECTOR, WORDS } from './one-to-many.js';

/** The states of all recurrent layers, [rows, units] each, in the order of the layers: h, and c of an LSTM. */
export type LayerStates = readonly tf.Tensor2D[];

/** A model one step at a time, and the states that it begins with. */
export interface StepsFromVector extends StepModel<LayerStates> {
  /** The states that vectors [rows, inputs] set; for the caller to dispose of. */
  begin(vectors: tf.Tensor2D): LayerStates;
  /** Values of a vector. */
  readonly inputs: number;
}

/** The two parts of a model. */
interface Parts {
  /** From a vector to the states. */
  first: Graph;
  /** From a word and the states to probabilities and the states behind it. */
  step: Graph;
  inputs: number;
  vocabularySize: number;
}

const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN'];

/**
 * The steps of a model.
 *
 * @throws RecurrentError for a model that is not one of createOneToMany with vocabularySize.
 */
export function stepsFromVector(where: string, model: tfl.LayersModel): StepsFromVector {
  const { first, step: ofStep, inputs, vocabularySize } = partsOf(where, model);

  const begin = (vectors: tf.Tensor2D) =>
    tf.tidy(() => runGraph(first, { values: [vectors], masks: [] }, {}).values as tf.Tensor2D[]);

  function step(tokens: Int32Array, given: LayerStates) {
    const [probabilities, ...state] = tf.tidy(() => {
      // No word is padding, so that no mask is needed.
      const words = tf.tensor2d(tokens, [tokens.length, 1], 'int32');
      return runTogether(ofStep, [words, ...given], []);
    }); // [rows, 1, vocabularySize], and the states
    const logProbabilities = probabilities!.dataSync<'float32'>().map(Math.log);
    probabilities!.dispose();
    // Nothing is ever labelled as padding, and so nothing is to be written as such.
    for (let at = 0; at < logProbabilities.length; at += vocabularySize) {
      logProbabilities[at] = Number.NEGATIVE_INFINITY;
    }
    return { logProbabilities, state: state as LayerStates };
  }

  return {
    inputs,
    vocabularySize,
    begin,
    step,
    select: (state, rows) =>
      tf.tidy(() => {
        const indices = tf.tensor1d(rows, 'int32');
        return state.map((each) => tf.gather(each, indices));
      }),
    dispose: (state) => tf.dispose([...state]),
  };
}

const known = new WeakMap<tfl.LayersModel, Parts>();

function partsOf(where: string, model: tfl.LayersModel): Parts {
  const before = known.get(model);
  if (before) return before;
  const { layers = [] } = model ?? {};
  const recurrent = layers.filter((layer) => RECURRENT.includes(layer.getClassName()));
  const isWhole =
    recurrent.length > 0 &&
    recurrent.every((_, i) => layers.some((layer) => layer.name === initialName('h', i)));
  const embedding = layers.find((layer) => layer.getClassName() === 'Embedding');
  // By the names of layers: TensorFlow.js numbers those of tensors through all models.
  const [vector, words] = [VECTOR, WORDS].map((name) => {
    return model?.inputs?.[model.inputNames.indexOf(name)];
  });
  if (!embedding || !vector || !words || !isWhole) {
    reject({
      where,
      expected: 'model must be one of createOneToMany with vocabularySize',
      received: model,
      see: 'unsuitable-model',
    });
  }
  const nodes = graphOf(model)
    .calls.filter(({ layer }) => recurrent.includes(layer))
    .map(({ node }) => node);
  const initial = nodes.flatMap(({ inputTensors }) => inputTensors.slice(1));
  const last = nodes.flatMap(({ outputTensors }) => outputTensors.slice(1));
  const parts = {
    first: graphTo([vector], initial),
    step: graphTo([words, ...initial], [model.outputs[0]!, ...last]),
    inputs: vector.shape[1]!,
    vocabularySize: embedding.getConfig().inputDim as number,
  };
  known.set(model, parts);
  return parts;
}
