/** A model of createOneToMany that writes words, one step at a time. */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import type { StepModel } from '../decoding/step-model.js';
import { initialName, VECTOR } from './one-to-many.js';

/** The states of all recurrent layers, [rows, units] each, in the order of the layers: h, and c of an LSTM. */
export type LayerStates = readonly tf.Tensor2D[];

/** A model one step at a time, and the states that it begins with. */
export interface StepsFromVector extends StepModel<LayerStates> {
  /** The states that vectors [rows, inputs] set; for the caller to dispose of. */
  begin(vectors: tf.Tensor2D): LayerStates;
  /** Values of a vector. */
  readonly inputs: number;
}

const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN'];

/**
 * The steps of a model.
 *
 * @throws RecurrentError for a model that is not one of createOneToMany with vocabularySize.
 */
export function stepsFromVector(where: string, model: tfl.LayersModel): StepsFromVector {
  const { embedding, recurrent, initial, output, inputs, vocabularySize } = partsOf(where, model);

  const begin = (vectors: tf.Tensor2D) =>
    tf.tidy(() => initial.flat().map((layer) => layer.apply(vectors) as tf.Tensor2D));

  function step(tokens: Int32Array, given: LayerStates) {
    const [probabilities, ...state] = tf.tidy(() => {
      const words = tf.tensor2d(tokens, [tokens.length, 1], 'int32');
      let x = embedding.apply(words) as tf.Tensor; // [rows, 1, embeddingDim]
      const states: tf.Tensor2D[] = [];
      let first = 0;
      recurrent.forEach((layer, i) => {
        const initialState = given.slice(first, first + initial[i]!.length);
        first += initialState.length;
        const [sequence, ...last] = layer.apply(x, { initialState } as never) as tf.Tensor[];
        x = sequence!; // [rows, 1, units]
        states.push(...(last as tf.Tensor2D[]));
      });
      return [output.apply(x) as tf.Tensor, ...states]; // [rows, 1, vocabularySize]
    });
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

function partsOf(where: string, model: tfl.LayersModel) {
  const { layers = [] } = model ?? {};
  const ofClass = (name: string) => layers.filter((layer) => layer.getClassName() === name);
  const recurrent = layers.filter((layer) => RECURRENT.includes(layer.getClassName()));
  const initial = recurrent.map((_, i) =>
    (['h', 'c'] as const).flatMap((state) =>
      layers.filter((layer) => layer.name === initialName(state, i)),
    ),
  );
  const [embedding] = ofClass('Embedding');
  const output = ofClass('Dense').at(-1);
  // By the names of layers: TensorFlow.js numbers those of tensors through all models.
  const vector = model?.inputs?.[model.inputNames.indexOf(VECTOR)];
  const isWhole = recurrent.length > 0 && initial.every(({ length }) => length > 0);
  if (!embedding || !output || !vector || !isWhole) {
    reject({
      where,
      expected: 'model must be one of createOneToMany with vocabularySize',
      received: model,
      see: 'unsuitable-model',
    });
  }
  const vocabularySize = embedding.getConfig().inputDim as number;
  const inputs = vector.shape[1]!;
  return { embedding, recurrent, initial, output, inputs, vocabularySize };
}
