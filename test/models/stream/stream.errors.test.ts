import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, stream } from '../../../src/index.js';
import { inTidy, useBackend } from '../../kernels/kernels.js';

type Layer = tfl.layers.Layer;

const sequential = (...list: Layer[]) => tfl.sequential({ layers: list });
const over = { units: 2, returnSequences: true } as const;
const first = () => layers.lstm({ ...over, inputShape: [6, 3], name: 'reader' });
const with_ = (layer: Layer) => sequential(first(), layer);

const REFUSED: [string, () => tfl.LayersModel, RegExp][] = [
  [
    'Bidirectional',
    () => with_(layers.bidirectional({ layer: layers.gru(over) as never, name: 'both' })),
    /the layer both \(Bidirectional\) cannot run along a stream: it also reads the steps from the last to the first/,
  ],
  [
    'goBackwards',
    () => with_(layers.lstm({ ...over, goBackwards: true, name: 'back' })),
    /the layer back \(LSTM\) .*goBackwards is true/,
  ],
  [
    'pooling',
    () => with_(layers.globalMaxPooling1d({ name: 'pool' })),
    /the layer pool \(GlobalMaxPooling1D\) .*pools over steps/,
  ],
  [
    'Flatten',
    () => with_(tfl.layers.flatten({ name: 'flat' })),
    /the layer flat \(Flatten\) .*puts steps together/,
  ],
  [
    'Conv1D, same',
    () => with_(layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same', name: 'conv' })),
    /the layer conv \(Conv1D\) .*padding is 'same', and only 'causal'/,
  ],
  [
    'Conv1D with strides',
    () =>
      with_(
        layers.conv1d({ filters: 2, kernelSize: 3, padding: 'causal', strides: 2, name: 'conv' }),
      ),
    /strides is not 1/,
  ],
  [
    'normalization over steps',
    () => with_(tfl.layers.layerNormalization({ axis: [1, 2], name: 'norm' })),
    /the layer norm .*axis 1, 2 runs over steps/,
  ],
  [
    'Dense on [batch, time]',
    () =>
      sequential(
        layers.dense({ units: 4, inputShape: [5] }),
        tfl.layers.reshape({ targetShape: [4, 1] }),
        layers.lstm({ units: 2 }),
      ),
    /\(Dense\) .*treats all steps of a sample as one vector/,
  ],
  [
    'first states from elsewhere',
    () => {
      const [x, h] = [tfl.input({ shape: [4, 2] }), tfl.input({ shape: [4, 2] })];
      const last = layers.gru({ units: 3 }).apply(h) as tfl.SymbolicTensor;
      const outputs = layers
        .gru({ units: 3, name: 'second' })
        .apply([x, last]) as tfl.SymbolicTensor;
      return tfl.model({ inputs: [x, h], outputs });
    },
    /the layer second \(GRU\) .*its first states come from other layers/,
  ],
  [
    'no layer that carries',
    () => sequential(layers.embedding({ inputDim: 3, outputDim: 2, inputShape: [null] })),
    /no layer that carries anything from step to step/,
  ],
];

describe('stream refuses', () => {
  beforeAll(() => useBackend('cpu'));

  it.each(REFUSED)('%s, naming the layer', (_, make, message) => {
    const model = make();
    expect(() => stream(model)).toThrow(message);
    model.dispose();
  });

  it('what is no model', () => {
    expect(() => stream({} as never)).toThrow(/stream: model must be a model of TensorFlow.js/);
  });

  it('chunks of another shape or number of streams, and states that do not fit, and goes on unharmed', () => {
    const model = sequential(first(), layers.dense({ units: 1 }));
    const [along, other] = [stream(model), stream(model)];
    const step = [0.1, 0.2, 0.3];
    expect(() => along.state).toThrow(/there is no state before the first step/);
    expect(() => along.push([[[1, 2]]])).toThrow(
      'stream.push: a step must have the shape [3], a chunk [time, 3], and chunks of several streams [batch, time, 3], none of them empty, received [1, 1, 2].',
    );
    inTidy(() => {
      along.push(step);
      other.push(step);
      expect(() => along.push([1, 2])).toThrow(/received \[2\]/);
      expect(() =>
        along.push([
          [1, 2, 3],
          [4, 5],
        ]),
      ).toThrow(/input\[1\] must be a list of 3/);
      expect(() => along.push(['a', 1, 2] as never)).toThrow(
        /input\[0\] must be a number, received "a"/,
      );
      expect(() => along.push(tf.zeros([1, 0, 3]))).toThrow(/none of them empty/);
      expect(() => along.push(tf.zeros([2, 1, 3]))).toThrow(
        'stream.push: the number of streams must be 1, as before, received 2. Call reset() to begin with another number of them.',
      );
      const set = (state: unknown) => () => {
        along.state = state as tf.Tensor[];
      };
      const zeros = tf.zeros([1, 2]);
      expect(set([zeros])).toThrow(
        /a list of 2 tensors of the shapes \[batch, 2\] and \[batch, 2\]/,
      );
      expect(set([zeros, tf.zeros([1, 3])])).toThrow(/received \[\[1, 2\], \[1, 3\]\]/);
      expect(set([zeros, tf.zeros([2, 2])])).toThrow(/state must be a list/);
      expect(set([zeros, tf.zeros([1, 2], 'int32')])).toThrow(/state must be float32/);
      expect(set('h')).toThrow(/state must be a list/);
      const [unharmed, expected] = [along.push(step), other.push(step)];
      expect(unharmed.dataSync()).toEqual(expected.dataSync());
    });
    along.reset();
    other.reset();
    model.dispose();
  });

  it('a word beyond the vocabulary, before anything has changed', () => {
    const embedding = layers.embedding({ inputDim: 4, outputDim: 2, inputShape: [null] });
    const model = sequential(embedding, layers.gru(over));
    const along = stream(model);
    expect(() => along.push(4)).toThrow(
      /the index at \[0, 0\] must be a row of the table, from 0 to 3/,
    );
    expect(() => along.state).toThrow(/no state before/);
    inTidy(() => expect(along.push([1, 3]).shape).toEqual([1, 2, 2]));
    along.reset();
    model.dispose();
  });
});

describe('stream', () => {
  beforeAll(() => useBackend('cpu'));

  it('goes on from a state that was kept, also on a model with new weights', () => {
    const model = sequential(first());
    const along = stream(model);
    inTidy(() => {
      along.push([1, 0, -1]);
      const kept = along.state;
      const next = along.push([0, 1, 1]).dataSync();
      const again = stream(model);
      again.state = kept;
      expect(again.push([0, 1, 1]).dataSync()).toEqual(next);
      model.setWeights(model.getWeights().map((weight) => tf.mul(weight, 2)));
      again.state = kept;
      const changed = again.push([0, 1, 1]).dataSync();
      const cell = layers.lstm(over);
      cell.apply(tf.zeros([1, 1, 3]));
      cell.setWeights(model.getWeights());
      const x = tf.tensor3d([[[0, 1, 1]]]);
      const expected = cell.apply(x, { initialState: kept } as never) as tf.Tensor;
      expect(changed).toEqual(expected.dataSync());
      again.reset();
    });
    along.reset();
    model.dispose();
  });

  it('takes a list for several inputs, gives one for several outputs, and leaves stateful layers alone', () => {
    const [a, b] = [
      tfl.input({ batchShape: [1, null, 2] }),
      tfl.input({ batchShape: [1, null, 1] }),
    ];
    const joined = tfl.layers.concatenate().apply([a, b]) as tfl.SymbolicTensor;
    const reader = layers.lstm({ ...over, stateful: true });
    const h = reader.apply(joined) as tfl.SymbolicTensor;
    const y = layers.dense({ units: 1 }).apply(h) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [a, b], outputs: [h, y] });
    const along = stream<tf.Tensor[]>(model);
    inTidy(() => {
      const xs = [tf.ones([1, 5, 2]), tf.zeros([1, 5, 1])];
      const parts = [0, 1, 2, 3, 4].map(() => along.push([[1, 1], [0]]));
      expect(reader.stateful).toBe(true);
      const whole = model.predict(xs) as tf.Tensor[];
      whole.forEach((output, i) => {
        const pushed = tf.concat(
          parts.map((part) => part[i]!),
          1,
        );
        expect(pushed.dataSync()).toEqual(output.dataSync());
      });
      expect(() => along.push([[1, 1]])).toThrow(
        /the model has 2 inputs, so that input must be a list of as many/,
      );
      expect(() => along.push([xs[0]!, [0]])).toThrow(
        /all inputs must have as many streams and steps/,
      );
    });
    along.reset();
    reader.resetStates();
    tf.dispose(reader.states);
    model.dispose();
  });
});
