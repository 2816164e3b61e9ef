/** A compiled model with its batch, as those who ask for gradients give them. */
import { reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { type Call, graphOf } from '../../layers/model/graph.js';
import { isRecurrent } from '../../layers/model/recurrent.js';
import { builtModel } from '../../layers/model/run-graph.js';
import { type Batch, batchOf } from '../../layers/model/total-loss.js';

/** The model that computes, where it has been compiled. */
export function requireCompiled(where: string, model: tfl.LayersModel): tfl.LayersModel {
  if (!(model instanceof tfl.LayersModel)) {
    reject({
      where,
      expected: 'model must be a model of TensorFlow.js',
      received: model,
      see: 'not-a-model',
    });
  }
  const built = builtModel(model);
  if (built.lossFunctions) return built;
  return reject({
    where,
    expected: 'the model has no loss',
    remedy: "Compile it: model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }).",
    see: 'not-compiled',
  });
}

/** Inputs and labels of a model. */
export function requireBatch(
  where: string,
  built: tfl.LayersModel,
  x: tf.Tensor | tf.Tensor[],
  y: tf.Tensor | tf.Tensor[],
): Batch {
  const [inputs, labels] = [tensorsOf(where, 'x', x), tensorsOf(where, 'y', y)];
  for (const [name, given, wanted] of [
    ['x', inputs, built.inputs],
    ['y', labels, built.outputs],
  ] as const) {
    if (given.length !== wanted.length) {
      const expected = `${name} must be as many tensors as the model takes, ${wanted.length}`;
      reject({ where, expected, received: given.length });
    }
  }
  const [samples] = inputs[0]!.shape;
  const other = [...inputs, ...labels].find(({ shape }) => shape[0] !== samples);
  if (other || samples === 0) {
    const expected = 'x and y must have the same samples, at least one';
    reject({ where, expected, received: other?.shape ?? samples, see: 'wrong-shape' });
  }
  return batchOf(where, built, [...inputs, ...labels]);
}

function tensorsOf(where: string, name: string, given: unknown): tf.Tensor[] {
  const list = [given].flat();
  if (list.every((one) => one instanceof tf.Tensor)) return list;
  const expected = `${name} must be a tensor, or a list of them`;
  return reject({ where, expected, received: given, remedy: 'Make one by tf.tensor.' });
}

/** The calls of recurrent layers in a model, each layer once. */
export function recurrentCalls(built: tfl.LayersModel): Call[] {
  const calls = graphOf(built).calls.filter(({ layer }) => isRecurrent(layer));
  return calls.filter(({ layer }, i) => calls.findIndex((call) => call.layer === layer) === i);
}
