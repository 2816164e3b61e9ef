/** Where the decoder looks: the weights of the layer of attention, while the target is given. */
import { reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { graphOf, graphTo } from '../../layers/model/graph.js';
import { maskForCall } from '../../layers/model/masks.js';
import { runGraph } from '../../layers/model/run-graph.js';
import { ATTENTION } from './attend.js';

/**
 * The weights [target.length, source.length] of a single pair.
 *
 * @param x Source and target [1, length] each.
 * @throws RecurrentError for a model without attention.
 */
export function attentionWeights(
  where: string,
  model: tfl.LayersModel,
  x: tf.Tensor[],
): number[][] {
  const call = graphOf(model).calls.find(({ layer }) => layer.name === ATTENTION);
  if (!call) {
    reject({
      where,
      expected: "the model has no attention: it was made with attention: 'none'",
      remedy: "Make it with attention: 'luong' or 'bahdanau'.",
      see: 'unsuitable-model',
    });
  }
  return tf.tidy(() => {
    const graph = graphTo(model.inputs, call.node.inputTensors);
    const { values, masks } = runGraph(graph, { values: x, masks: [] }, {});
    const mask = maskForCall(call.layer, masks);
    const asked = { returnAttentionScores: true, ...(mask && { mask }) };
    const [, weights] = call.layer.apply(values, asked) as tf.Tensor[];
    return (weights as tf.Tensor3D).arraySync()[0]!;
  });
}
