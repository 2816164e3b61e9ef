/** What a layer remembers of a symbolic call: a node of the graph. */
import { tfl } from '../foundation/tensorflow.js';

type Layer = tfl.layers.Layer;
type Outputs = ReturnType<Layer['apply']>;

/** What the types of a layer hide. */
interface Called {
  inboundNodes: { callArgs: { initialState?: unknown } | null | undefined }[];
}

/**
 * Forgets the initial states among the arguments of a call, after it was made. A recurrent layer of
 * TensorFlow.js makes them inputs of the node as well, which are saved; as arguments they cannot be,
 * of which TensorFlow.js warns whoever saves the model.
 *
 * @param outputs What the call returned.
 * @returns The same.
 */
export function withoutStates(layer: Layer, outputs: Outputs): Outputs {
  if ([outputs].flat()[0] instanceof tfl.SymbolicTensor) {
    const node = (layer as unknown as Called).inboundNodes.at(-1)!;
    const { initialState: _states, ...others } = node.callArgs ?? {};
    node.callArgs = others;
  }
  return outputs;
}
