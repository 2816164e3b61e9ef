/** How many samples a prediction takes at once. */
import type { tfl } from '../../foundation/tensorflow.js';

const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN', 'MinGRU', 'PeepholeLSTM'];

// Layers that compute each sample by itself and take little more memory than their output, as Keras
// names them. Of one that is not among them, as of a user's own, nobody knows; TimeDistributed keeps
// what each step of time computes until it is through, and so does a recurrent layer without a kernel.
const APART = new Set([
  ...[
    'InputLayer',
    'Embedding',
    'NormalizedEmbedding',
    'Masking',
    'Flatten',
    'Dense',
    'Activation',
    'Dropout',
  ],
  ...[
    'SpatialDropout1D',
    'WordDropout',
    'Bidirectional',
    'GlobalMaxPooling1D',
    'GlobalAveragePooling1D',
  ],
  ...RECURRENT,
]);

// 32 MB in the largest output of a layer; beyond a few hundred samples it makes no difference.
const MOST_VALUES = 2 ** 23;

/** A layer with what its type hides: its calls, and the layers that a Bidirectional has inside. */
interface Inside {
  inboundNodes: { outputShapes: tfl.Shape[] }[];
  stateful: boolean;
  _callHook: unknown;
  predictsFused?(): boolean;
  forwardLayer?: tfl.layers.Layer;
  backwardLayer?: tfl.layers.Layer;
}

/**
 * The number of samples to predict at once: at least `batchSize`, and where each is computed by
 * itself and it changes no value, as many as take little memory. A small batch shares what a call
 * of a model costs among few samples, most of all while V8 has not compiled it yet.
 */
export function samplesAtOnce(model: tfl.LayersModel, batchSize: number): number {
  const { layers } = model;
  if (!layers.every(isApart)) return batchSize;
  const calls = layers.flatMap((layer) => (layer as unknown as Inside).inboundNodes);
  const shapes = calls.flatMap(({ outputShapes }) => outputShapes);
  // A model whose batches have one size, or whose sequences have any length.
  if (shapes.some(([batch, ...sample]) => batch !== null || sample.includes(null))) {
    return batchSize;
  }
  const values = shapes.map(([, ...sample]) => sample.reduce<number>((all, n) => all * n!, 1));
  return Math.max(batchSize, Math.floor(MOST_VALUES / Math.max(1, ...values)));
}

function isApart(layer: tfl.layers.Layer): boolean {
  const { stateful, forwardLayer, backwardLayer, _callHook } = layer as unknown as Inside;
  const name = layer.getClassName();
  if (stateful || _callHook !== null || !APART.has(name)) return false;
  if (RECURRENT.includes(name) && !(layer as unknown as Inside).predictsFused?.()) return false;
  return [forwardLayer, backwardLayer].every((inner) => !inner || isApart(inner));
}
