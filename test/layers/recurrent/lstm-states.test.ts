import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import type { LstmLayerArgs } from '../../../src/layers/recurrent/lstm.js';
import {
  BACKENDS,
  bytesInUse,
  expectClose,
  generator,
  inTidy,
  uniform,
  unwatched,
  useBackend,
} from '../../kernels/kernels.js';

type Lstm = tfl.RNN & { randomState: number };
const KERNELS = ['fused', 'composed'] as const;

const values = (outputs: unknown) =>
  [outputs as tf.Tensor | tf.Tensor[]].flat().map((tensor) => tensor.dataSync<'float32'>().slice());

describe.each(BACKENDS.flatMap((backend) => KERNELS.map((kernel) => [backend, kernel] as const)))(
  'layers.lstm on %s, %s,',
  (backend, kernel) => {
    beforeAll(() => useBackend(backend));
    const make = (args: Partial<LstmLayerArgs> = {}) =>
      layers.lstm({ units: 5, kernel, ...args }) as Lstm;

    it('with stateful goes on where it stood: two halves are the whole within 1e-6, and again after a reset', () => {
      const before = [tf.memory().numTensors, bytesInUse()];
      const stateful = make({ stateful: true, returnSequences: true, batchInputShape: [2, 3, 4] });
      const whole = make({ returnSequences: true });
      inTidy(() => {
        const x = uniform<tf.Rank.R3>([2, 6, 4], generator(1));
        const expected = whole.apply(x) as tf.Tensor3D;
        const halves = [tf.slice(x, [0, 0, 0], [2, 3, 4]), tf.slice(x, [0, 3, 0], [2, 3, 4])];
        stateful.apply(halves[0]!);
        stateful.setWeights(whole.getWeights());
        for (let round = 0; round < 2; round++) {
          stateful.resetStates();
          halves.forEach((half, i) => {
            const [received] = values(stateful.apply(half));
            const [part] = values(tf.slice(expected, [0, 3 * i, 0], [2, 3, 5]));
            expectClose(`half ${i}`, received!, part!, 1e-6);
          });
        }
        const [again] = values(stateful.apply(halves[0]!)); // not reset: from the last states
        expect(again).not.toEqual(values(tf.slice(expected, [0, 0, 0], [2, 3, 5]))[0]);
      });
      stateful.dispose();
      whole.dispose();
      tf.dispose((stateful as unknown as { states: tf.Tensor[] }).states);
      expect([tf.memory().numTensors, bytesInUse()]).toEqual(before);
    });

    it('begins where initialState says, as the stock layer within 1e-6', () => {
      inTidy(() => {
        const args = { units: 5, returnState: true };
        const [ours, stock] = [make(args), tfl.layers.lstm(args)];
        const [x, h, c] = [
          [2, 3, 4],
          [2, 5],
          [2, 5],
        ].map((shape, i) => uniform(shape, generator(i)));
        const call = (layer: tfl.RNN) => values(layer.apply(x!, { initialState: [h!, c!] }));
        call(stock);
        call(ours);
        ours.setWeights(stock.getWeights());
        const [received, expected] = [call(ours), call(stock)];
        expect(received).toHaveLength(3);
        expected.forEach((output, i) => {
          expectClose(`output ${i}`, received[i]!, output, 1e-6);
        });
      });
    });

    it('is the decoder of a functional model: the states of an encoder are where it begins, within 1e-6', () => {
      inTidy(() => {
        const modelOf = (lstm: (args: tfl.LSTMLayerArgs) => tfl.RNN) => {
          const source = tfl.input({ shape: [3, 4] });
          const target = tfl.input({ shape: [2, 4] });
          const encoder = lstm({ units: 5, returnState: true, name: 'encoder' });
          const [, h, c] = encoder.apply(source) as tfl.SymbolicTensor[];
          const decoder = lstm({ units: 5, returnSequences: true, name: 'decoder' });
          const outputs = decoder.apply(target, { initialState: [h!, c!] }) as tfl.SymbolicTensor;
          return tfl.model({ inputs: [source, target], outputs });
        };
        const [ours, stock] = [modelOf((args) => make(args)), modelOf(tfl.layers.lstm)];
        ours.setWeights(stock.getWeights());
        const inputs = [uniform([2, 3, 4], generator(3)), uniform([2, 2, 4], generator(4))];
        const [received, expected] = [ours, stock].map(
          (model) => values(model.predict(inputs))[0]!,
        );
        expectClose('output', received!, expected!, 1e-6);
      });
    });

    it.each(['dropout', 'recurrentDropout'])(
      'while training, %s draws one mask for all steps, and another the next time',
      (which) => {
        inTidy(() => {
          const layer = make({ [which]: 0.5, returnSequences: true });
          const ones = tf.ones([4, 3, 30]);
          const outputs = (training: boolean) => values(layer.apply(ones, { training }))[0]!;
          expect(outputs(false)).toEqual(outputs(false));
          expect(outputs(true)).not.toEqual(outputs(true));
          const state = layer.randomState;
          const drawn = outputs(true);
          layer.randomState = state;
          expect(outputs(true)).toEqual(drawn);
          // The same layer by the other kernel, from the same state: the same masks.
          const other = layers.lstm({
            ...{ units: 5, [which]: 0.5, returnSequences: true },
            kernel: kernel === 'fused' ? 'composed' : 'fused',
          }) as Lstm;
          other.apply(ones);
          other.setWeights(layer.getWeights());
          other.randomState = state;
          expectClose('output', values(other.apply(ones, { training: true }))[0]!, drawn, 1e-6);
        });
      },
    );

    it('trains through fit as the stock layer, losses within 1e-5', async () => {
      const losses = async (lstm: (args: tfl.LSTMLayerArgs) => tfl.RNN) => {
        const model = tfl.sequential({
          layers: [
            lstm({ units: 5, inputShape: [3, 4], returnSequences: true }),
            lstm({ units: 3 }),
          ],
        });
        const weights = model.getWeights().map(({ shape }, i) => uniform(shape, generator(i), 0.5));
        model.setWeights(weights);
        model.compile({ optimizer: tf.train.sgd(0.2), loss: 'meanSquaredError' });
        const [x, y] = [uniform([7, 3, 4], generator(8)), uniform([7, 3], generator(9))];
        const { history } = await unwatched(() =>
          model.fit(x, y, { epochs: 3, batchSize: 3, shuffle: false, verbose: 0 }),
        );
        tf.dispose([x, y, weights]);
        return history.loss as number[];
      };
      const [ours, stock] = [await losses((args) => make(args)), await losses(tfl.layers.lstm)];
      expect(stock[2]).toBeLessThan(stock[0]!);
      expectClose('loss', ours, stock, 1e-5);
    });
  },
);
