import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { expectClose } from '../../kernels/kernels.js';
import { useBackend } from '../../layers/golden.js';
import { alone, DENSE, LSTM, legacyWeights, predict } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

describe('hard_sigmoid', () => {
  const shapes = { one: [[3, 2], [2]] };
  const z = (x: number[], [kernel, bias]: Float32Array[]) =>
    [0, 1].map((unit) =>
      x.reduce((sum, value, i) => sum + value * kernel![2 * i + unit]!, bias![unit]!),
    );
  const x = [4, -7, 3];

  it.each([
    ['2.2.4', (value: number) => Math.min(1, Math.max(0, 0.2 * value + 0.5))],
    ['3.15.1', (value: number) => Math.min(1, Math.max(0, value / 6 + 0.5))],
  ])('is that of Keras %s', async (version, formula) => {
    const { file, values } = await legacyWeights(shapes);
    const json = alone('Dense', { ...DENSE, activation: 'hard_sigmoid' }, version, [null, 3]);
    const [output] = predict(await loadKerasModel({ json, weights: file }), tf.tensor2d([x]));
    const expected = Float32Array.from(z(x, values.get('one')!).map(formula));
    expectClose('output', output!.dataSync(), expected, 1e-6);
  });

  it.each(['LSTM', 'GRU'])(
    'of Keras 3 in the gates of %s has the weights made smaller',
    async (name) => {
      const gates = name === 'LSTM' ? 4 : 3;
      const { file, values } = await legacyWeights({
        one: [[3, gates * 2], [2, gates * 2], name === 'LSTM' ? [8] : [2, 6]],
      });
      const config = { ...LSTM, recurrent_activation: 'hard_sigmoid', reset_after: true };
      if (name === 'LSTM') Reflect.deleteProperty(config, 'reset_after');
      const model = await loadKerasModel({ json: alone(name, config, '3.15.1'), weights: file });
      const scale = name === 'LSTM' ? [1.2, 1.2, 1, 1.2] : [1.2, 1.2, 1];
      for (const [i, weight] of model.layers[0]!.getWeights().entries()) {
        const columns = weight.shape.at(-1)!;
        const expected = values
          .get('one')!
          [i]!.map((value, j) => value / scale[Math.floor((j % columns) / 2)]!);
        expectClose(`weight ${i}`, weight.dataSync(), expected, 1e-6);
      }
    },
  );

  it.each([
    ['Activation', { activation: 'hard_sigmoid' }, 'activation'],
    ['LSTM', { ...LSTM, activation: 'hard_sigmoid' }, 'activation'],
  ])(
    'of Keras 3 in %s, where no weights can make up for it, is refused',
    async (name, config, key) => {
      const { file } = await legacyWeights({ one: [] });
      const json = alone(name, config, '3.15.1');
      await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
        `loadKerasModel: m/one (${name}) has the hard_sigmoid of Keras 3 as ${key}, x / 6 + 0.5, which ` +
          'TensorFlow.js cannot compute here: its own is 0.2·x + 0.5. ' +
          "Use 'sigmoid', or put hard_sigmoid on a Dense layer.",
      );
    },
  );
});

describe('masks', () => {
  const embedding = {
    class_name: 'Embedding',
    config: {
      name: 'words',
      input_dim: 5,
      output_dim: 3,
      mask_zero: true,
      batch_input_shape: [null, 4],
    },
  };
  const sequence = (...rest: object[]) =>
    JSON.stringify({
      class_name: 'Sequential',
      keras_version: '3.15.1',
      config: { name: 'm', layers: [embedding, ...rest] },
    });
  const both = (name: string, settings: object) => ({
    class_name: 'Bidirectional',
    config: {
      name,
      merge_mode: 'concat',
      layer: { class_name: 'LSTM', config: { name: 'lstm', ...LSTM, ...settings } },
    },
  });
  const zeroing = { return_sequences: true, zero_output_for_mask: true };
  const weights = () =>
    legacyWeights({
      words: [[5, 3]],
      b1: [[3, 8], [2, 8], [8], [3, 8], [2, 8], [8]],
      b2: [[4, 8], [2, 8], [8], [4, 8], [2, 8], [8]],
    });
  /** Whether a step of the only sample is nothing but zeros. */
  const areZeros = (output: tf.Tensor, step: number) =>
    (output.arraySync() as number[][][])[0]![step]!.every((value) => value === 0);

  it('that a Bidirectional of Keras 3 hands on to a recurrent layer make no difference there', async () => {
    const { file } = await weights();
    const json = sequence(both('b1', zeroing), both('b2', { zero_output_for_mask: true }));
    const model = await loadKerasModel({ json, weights: file });
    const [long, short] = [[1, 2, 0, 0], [1, 2, 0, 0].slice(0, 2)];
    const [masked] = predict(model, tf.tensor2d([long]));
    expect(masked!.shape).toEqual([1, 4]);
    expect(short).toEqual([1, 2]);
  });

  it.each([
    ['2.2.4', false],
    ['2.3.1', false],
    ['2.3.0-tf', true],
    ['2.11.0', true],
    ['3.0.0', true],
  ])(
    'of a Bidirectional that does not say what it does are those of Keras %s',
    async (version, zeroes) => {
      const { file } = await legacyWeights({
        words: [[5, 3]],
        b1: [[3, 8], [2, 8], [8], [3, 8], [2, 8], [8]],
      });
      const json = sequence(both('b1', { return_sequences: true })).replace('3.15.1', version);
      const model = await loadKerasModel({ json, weights: file });
      const [output] = predict(model, tf.tensor2d([[1, 2, 0, 0]]));
      expect(output!.shape).toEqual([1, 4, 4]);
      expect(areZeros(output!, 0)).toBe(false);
      for (const step of [2, 3]) expect(areZeros(output!, step)).toBe(zeroes);
    },
  );

  it('leave zeros behind where Keras 3 does, whatever comes next', async () => {
    const { file } = await weights();
    const flatten = { class_name: 'Flatten', config: { name: 'flat' } };
    const json = sequence(both('b1', zeroing), flatten);
    const { file: alone } = await legacyWeights({
      words: [[5, 3]],
      b1: [[3, 8], [2, 8], [8], [3, 8], [2, 8], [8]],
    });
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow('2 layers with weights');
    const model = await loadKerasModel({ json, weights: alone });
    const [output] = predict(model, tf.tensor2d([[1, 2, 0, 0]]));
    expect(output!.shape).toEqual([1, 16]);
    expect([...output!.dataSync().subarray(8)]).toEqual(new Array(8).fill(0));
    expect([...output!.dataSync().subarray(0, 8)].every((value) => value !== 0)).toBe(true);
  });

  it('are left out of the mean of a GlobalAveragePooling1D', async () => {
    const { file } = await legacyWeights({ words: [[5, 3]] });
    const pool = { class_name: 'GlobalAveragePooling1D', config: { name: 'mean' } };
    const model = await loadKerasModel({ json: sequence(pool), weights: file });
    const [output] = predict(model, tf.tensor2d([[1, 0, 2, 0]]));
    const [table] = model.getWeights() as [tf.Tensor2D];
    const rows = table.arraySync();
    const mean = rows[1]!.map((value, i) => (value + rows[2]![i]!) / 2);
    [...output!.dataSync()].forEach((value, i) => {
      expect(value).toBeCloseTo(mean[i]!, 6);
    });
  });

  it('go unheeded where Keras does not heed them either', async () => {
    const { file } = await legacyWeights({ words: [[5, 3]] });
    const pool = { class_name: 'GlobalMaxPooling1D', config: { name: 'most' } };
    const model = await loadKerasModel({ json: sequence(pool), weights: file });
    const [output] = predict(model, tf.tensor2d([[1, 0, 2, 0]]));
    expect(output!.shape).toEqual([1, 3]);
  });
});
