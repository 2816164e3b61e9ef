import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { adam, layers, registerLayers } from '../../../src/index.js';
import { LstmLayer } from '../../../src/layers/recurrent/lstm.js';
import { expectClose, generator, inTidy, uniform, useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

type Both = tfl.layers.Layer & { forwardLayer: tfl.layers.Layer; backwardLayer: tfl.layers.Layer };
const MODES = ['concat', 'sum', 'mul', 'ave', null] as const;

/** The stock layer's types have no null, which is how Keras says "do not merge". */
const wrap = (make: typeof layers.bidirectional, layer: tfl.RNN, mergeMode: string | null) =>
  make({ layer, mergeMode: mergeMode as 'concat', name: 'around' }) as Both;

describe.each(['without registerLayers', 'with registerLayers'])(
  'layers.bidirectional %s',
  (how) => {
    beforeAll(() => {
      if (how === 'with registerLayers') registerLayers();
    });

    it('has a layer of ours in both directions, with its kernel and all its settings', () => {
      const layer = layers.lstm({ units: 3, kernel: 'composed', useBias: false, name: 'reader' });
      const both = wrap(layers.bidirectional, layer, 'concat');
      for (const direction of [both.forwardLayer, both.backwardLayer]) {
        expect(direction).toBeInstanceOf(LstmLayer());
        expect(direction).toMatchObject({ kernel: 'composed' });
        expect(direction.getConfig()).toMatchObject({ units: 3, useBias: false });
      }
      expect(both.forwardLayer).toMatchObject({ name: 'forward_reader', goBackwards: false });
      expect(both.backwardLayer).toMatchObject({ name: 'backward_reader', goBackwards: true });
    });

    it('goes the other way round for a layer that goes backwards', () => {
      const both = wrap(layers.bidirectional, layers.lstm({ units: 3, goBackwards: true }), 'sum');
      expect(both.forwardLayer).toMatchObject({ goBackwards: true });
      expect(both.backwardLayer).toMatchObject({ goBackwards: false });
    });

    it('leaves a layer that is not ours as it is', () => {
      const both = wrap(layers.bidirectional, tfl.layers.gru({ units: 3 }) as tfl.RNN, 'concat');
      expect(both.forwardLayer.getClassName()).toBe('GRU');
      expect(inTidy(() => (both.apply(tf.ones([2, 4, 5])) as tf.Tensor).shape)).toEqual([2, 6]);
    });

    it.each(MODES.flatMap((mode) => [true, false].map((sequences) => [mode, sequences] as const)))(
      'is the stock layer within 1e-6: mergeMode %s, returnSequences %s',
      (mode, returnSequences) => {
        inTidy(() => {
          const args = { units: 3, returnSequences, name: 'reader' };
          const ours = wrap(layers.bidirectional, layers.lstm(args), mode);
          const stock = wrap(tfl.layers.bidirectional as never, tfl.layers.lstm(args), mode);
          const x = uniform([2, 4, 5], generator(1));
          ours.apply(x);
          stock.apply(x);
          const weights = ours.getWeights().map(({ shape }, i) => uniform(shape, generator(i)));
          ours.setWeights(weights);
          stock.setWeights(weights);
          const [received, expected] = [ours, stock].map((layer) =>
            [layer.apply(x) as tf.Tensor].flat(),
          );
          expect(received!.map(({ shape }) => shape)).toEqual(expected!.map(({ shape }) => shape));
          received!.forEach((output, i) => {
            expectClose(`output ${i}`, output.dataSync(), expected![i]!.dataSync(), 1e-6);
          });
          const names = (layer: Both) => layer.weights.map(({ originalName }) => originalName);
          expect(names(ours)).toEqual(names(stock));
          expect(ours.getConfig()).toEqual(stock.getConfig());
        });
      },
    );
  },
);

describe('one kernel for both directions gives what two layers would, one after the other', () => {
  const CELLS = {
    lstm: (args: object) => layers.lstm({ units: 3, recurrentActivation: 'sigmoid', ...args }),
    gru: (args: object) => layers.gru({ units: 3, resetAfter: true, ...args }),
    simpleRNN: (args: object) => layers.simpleRNN({ units: 3, ...args }),
  };
  const random = generator(3);
  const mask = () =>
    tf.tensor2d([1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1], [3, 4], 'bool') as tf.Tensor2D;

  /** The same layer, by one kernel and by two composed layers. */
  const pairOf = (cell: keyof typeof CELLS, args: object, mode: string | null) => {
    const [fused, composed] = ['fused', 'composed'].map((kernel) =>
      wrap(layers.bidirectional, CELLS[cell]({ ...args, kernel }), mode),
    ) as [Both, Both];
    const built = tf.zeros([3, 4, 2]);
    for (const layer of [fused, composed]) layer.apply(built);
    fused.setWeights(composed.getWeights());
    return [fused, composed] as const;
  };

  const SETTINGS = [
    {},
    { returnSequences: true },
    { returnSequences: true, zeroOutputForMask: true },
    { zeroOutputForMask: true },
    { returnSequences: true, zeroOutputForMask: 'untilFirst' },
    { zeroOutputForMask: 'untilFirst', returnState: true },
    { returnSequences: true, returnState: true, goBackwards: true },
  ];
  const cases = (Object.keys(CELLS) as (keyof typeof CELLS)[]).flatMap((cell) =>
    SETTINGS.flatMap((settings, i) => [[cell, MODES[i % 5]!, settings] as const]),
  );
  it.each(cases)('%s, mergeMode %s, %o, with a mask and initial states', (cell, mode, settings) => {
    inTidy(() => {
      const pair = pairOf(cell, settings, mode);
      const x = uniform<tf.Rank.R3>([3, 4, 2], random);
      const states = Array.from({ length: cell === 'lstm' ? 4 : 2 }, () => uniform([3, 3], random));
      const results = pair.map((layer) => {
        const gradients = tf.variableGrads(
          () => {
            const given = { mask: mask(), initialState: [...states] } as never;
            const outputs = [layer.apply(x, given)].flat() as tf.Tensor[];
            return tf.addN(outputs.map((output) => tf.sum(tf.square(output)))) as tf.Scalar;
          },
          layer.trainableWeights.map((weight) => weight.read() as tf.Variable),
        );
        return [gradients.value, ...Object.values(gradients.grads)];
      });
      results[1]!.forEach((expected, i) => {
        expectClose(`${i}`, results[0]![i]!.dataSync(), expected.dataSync(), 1e-5);
      });
    });
  });

  it('of a layer that keeps its states from batch to batch', () => {
    inTidy(() => {
      const args = { stateful: true, batchInputShape: [3, 4, 2], returnSequences: true };
      const [fused, composed] = pairOf('lstm', args, 'concat');
      for (let batch = 0; batch < 3; batch++) {
        const x = uniform([3, 4, 2], random);
        const [received, expected] = [fused, composed].map((layer) => layer.apply(x) as tf.Tensor);
        expectClose(`batch ${batch}`, received!.dataSync(), expected!.dataSync(), 1e-6);
        if (batch === 1) for (const layer of [fused, composed]) layer.resetStates();
      }
    });
  });

  it.each(['concat', 'sum', 'ave', 'mul'])(
    'trained for three steps, with dropout, mergeMode %s',
    async (mode) => {
      const trained = async (kernel: 'fused' | 'composed') => {
        const settings = { kernel, dropout: 0.3, recurrentDropout: 0.2 };
        const both = (args: object) =>
          wrap(layers.bidirectional, CELLS.lstm({ ...settings, ...args }), mode);
        const [first, second] = [both({ returnSequences: true }), both({})];
        second.name = 'second';
        const model = tfl.sequential({
          layers: [
            layers.embedding({ inputDim: 9, outputDim: 5, inputLength: 4, kernel }),
            ...[first, second],
            layers.dense({ units: 1, activation: 'sigmoid', kernel }),
          ],
        });
        const draw = generator(8);
        model.setWeights(model.getWeights().map(({ shape }) => uniform(shape, draw)));
        const states = [first, second].flatMap((layer) => [
          layer.forwardLayer,
          layer.backwardLayer,
        ]);
        states.forEach((layer, i) => {
          (layer as unknown as { randomState: number }).randomState = i + 1;
        });
        model.compile({ optimizer: adam(0.01), loss: 'binaryCrossentropy' });
        const x = tf.tensor2d(
          Array.from({ length: 24 }, (_, i) => (i * 7) % 9),
          [6, 4],
        );
        const y = tf.tensor2d([0, 1, 1, 0, 1, 0], [6, 1]);
        await model.fit(x, y, { batchSize: 2, epochs: 1, shuffle: false, verbose: 0 });
        return model.getWeights().map((weight) => weight.dataSync());
      };
      const [received, expected] = [await trained('fused'), await trained('composed')];
      expected.forEach((values, i) => {
        expectClose(`weight ${i}`, received[i]!, values, 2e-4);
      });
    },
  );
});

it('trains and predicts without an operation that turns round, cuts or joins a sequence', async () => {
  const model = tfl.sequential({
    layers: [
      layers.embedding({ inputDim: 9, outputDim: 4, inputLength: 5 }),
      layers.bidirectional({
        layer: layers.lstm({ units: 3, returnSequences: true }) as never,
        mergeMode: 'concat',
      }),
      layers.bidirectional({ layer: layers.gru({ units: 2 }) as never, mergeMode: 'concat' }),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
  const x = tf.tensor2d([1, 2, 3, 0, 5, 8, 7, 6, 0, 4], [2, 5], 'int32');
  let kernels: string[] = [];
  const watch = async (body: () => unknown) => {
    // On a tape, since whoever watches kernels is to see them.
    const profile = await tf.profile(async () => {
      await body();
      return tf.scalar(0);
    });
    kernels = [...profile.kernelNames];
  };
  for (const body of [() => model.trainOnBatch(x, tf.ones([2, 1])), () => model.predict(x)]) {
    await watch(body);
    expect(kernels).toContain('BidirectionalGru');
    for (const slow of ['Reverse', 'Slice', 'SplitV']) expect(kernels).not.toContain(slow);
  }
});
