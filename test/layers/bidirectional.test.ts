import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../src/index.js';
import { LstmLayer } from '../../src/layers/lstm.js';
import { expectClose, generator, inTidy, uniform, useBackend } from '../kernels/kernels.js';

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
