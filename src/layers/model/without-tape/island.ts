/** A layer of others on a tape of its own, between layers that know their gradients. */
import type { tf, tfl } from '../../../foundation/tensorflow.js';
import { record } from '../../../kernels/bridge/small-tape.js';
import type { Together } from '../../../kernels/bridge/together.js';
import type { OwnArguments } from '../../call-arguments.js';
import type { TrainingCall } from '../../training-call.js';
import type { Flow } from './forward.js';

/**
 * The call of a layer that has none of its own.
 *
 * @param args Its mask, `training`, and what else it is called with.
 */
export function islandCall(
  lent: Together,
  layer: tfl.layers.Layer,
  inputs: Flow[],
  args: OwnArguments,
): TrainingCall {
  // From here on the engine of TensorFlow.js knows them.
  for (const input of inputs) input.value = lent.handOver(input.value);
  const values = inputs.map(({ value }) => value);
  const call = () => [layer.apply(values, { ...args })].flat();
  const recording = lent.outside(() => record(call));
  const outputs = recording.outputs as tf.Tensor[];
  const weights = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  return {
    outputs,
    gradient(dOutputs) {
      const flowing = outputs.map((output, i) => {
        const dOutput = dOutputs[i];
        return [output, dOutput ? lent.handOver(dOutput) : null] as const;
      });
      const sources = [...values, ...weights];
      const gradients = lent.outside(() => recording.gradients(flowing, sources));
      const named = weights.flatMap(({ name }, i) => {
        const gradient = gradients[values.length + i];
        return gradient ? [[name, gradient] as const] : [];
      });
      // All that comes back to a tensor which is given twice comes back to its first place.
      const back = values.map((x, i) => (values.indexOf(x) === i ? gradients[i]! : null));
      return { inputs: back, weights: Object.fromEntries(named) };
    },
    release: () => recording.release(),
  };
}
