/** What a layer remembers of a symbolic call: a node of the graph. */
import { reject } from '../foundation/errors.js';
import { tf, tfl } from '../foundation/tensorflow.js';
import { innerLayers } from './model/ours.js';

type Layer = tfl.layers.Layer;
type Outputs = ReturnType<Layer['apply']>;

interface CallArguments {
  initialState?: unknown;
  mask?: unknown;
}

/** What the types of a layer hide. */
interface Called {
  inboundNodes?: { callArgs: CallArguments | null | undefined }[];
}

/**
 * Forgets the initial states among the arguments of a call, after it was made. A recurrent layer of
 * TensorFlow.js makes them inputs of the node as well, which are saved; as arguments they cannot be,
 * of which TensorFlow.js warns whoever saves the model.
 *
 * @param outputs What the call returned.
 * @returns The same.
 * @throws RecurrentError for what a graph of TensorFlow.js would lose: a mask, and states that are no
 *   inputs of the model.
 */
export function withoutStates(layer: Layer, outputs: Outputs): Outputs {
  if ([outputs].flat()[0] instanceof tfl.SymbolicTensor) {
    const node = (layer as unknown as Called).inboundNodes!.at(-1)!;
    const { initialState, ...others } = node.callArgs ?? {};
    requireSymbols(layer, initialState, others.mask);
    node.callArgs = others;
  }
  return outputs;
}

function requireSymbols(layer: Layer, initialState: unknown, mask: unknown): void {
  if ([initialState].flat().some((state) => state instanceof tf.Tensor)) {
    reject({
      where: layer.name,
      expected: 'initialState must be symbolic in a call whose input is',
      remedy: 'Make each state an input of the model, by tf.input, and give it with the samples.',
      see: 'symbolic-call',
    });
  }
  if (mask == null || ([mask].flat() as unknown[]).every((each) => each === null)) return;
  reject({
    where: layer.name,
    expected: 'a mask cannot be given in a call whose input is symbolic',
    remedy: 'Masks come from the inputs: from a Masking layer, or an Embedding with maskZero.',
    see: 'symbolic-call',
  });
}

/**
 * Runs `write`, which reads the configuration of a model, while no layer inside remembers initial
 * states as arguments of a call: they are inputs of the node as well.
 */
export function withoutStatesInside<Result>(model: Layer, write: () => Result): Result {
  const nodes = layersInside(model).flatMap(
    (layer) => (layer as unknown as Called).inboundNodes ?? [],
  );
  const given = nodes.map(({ callArgs }) => callArgs);
  for (const node of nodes) {
    const { initialState, ...others } = node.callArgs ?? {};
    const isInput = [initialState].flat().every((state) => state instanceof tfl.SymbolicTensor);
    if (isInput) node.callArgs = others;
  }
  try {
    return write();
  } finally {
    nodes.forEach((node, i) => {
      node.callArgs = given[i];
    });
  }
}

function layersInside(layer: Layer): Layer[] {
  return innerLayers(layer).flatMap((inner) => [inner, ...layersInside(inner)]);
}
