/** Random input that a model can take, whatever it is. */
import { seededRandom } from '../foundation/random.js';
import { tf, type tfl } from '../foundation/tensorflow.js';
import { isEmbedding } from '../layers/core/embedding.js';

/** How many inputs are made. */
export const ROWS = 8;

/** Stands for a dimension that the model leaves open. */
const OPEN_DIMENSION = 12;

const SEED = 1;

/**
 * One tensor for each input of a model: indices below the size of the embedding that reads it, or
 * numbers between -1 and 1. The same each time.
 */
export function randomInputs(model: tfl.LayersModel): tf.Tensor[] {
  const random = seededRandom(SEED);
  return model.inputs.map((input) => {
    const [batch, ...rest] = input.shape;
    const shape = [batch ?? ROWS, ...rest.map((length) => length ?? OPEN_DIMENSION)];
    const indices = vocabularySize(model, input);
    const size = shape.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: size }, () =>
      indices === undefined ? 2 * random() - 1 : Math.floor(random() * indices),
    );
    return tf.tensor(values, shape);
  });
}

/** The smallest `inputDim` of the embeddings that read an input; undefined when none does. */
function vocabularySize(model: tfl.LayersModel, input: tfl.SymbolicTensor): number | undefined {
  const sizes = model.layers
    .filter(
      (layer) =>
        isEmbedding(layer) &&
        layer.inboundNodes.some(({ inputTensors }) =>
          inputTensors.some(({ id }) => id === input.id),
        ),
    )
    .map((layer) => Number(layer.getConfig().inputDim));
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}
