import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { adam, layers as ours, saveKerasModel } from '../../../src/index.js';
import { pythonJson } from '../../../src/keras/writing/python-json.js';
import { useBackend } from '../../layers/golden.js';
import { printedBy, pythonWithKeras } from '../python.js';

beforeAll(() => useBackend('cpu', false));

describe('JSON for Python', () => {
  it('writes the floats of Keras as floats and everything else as JavaScript does', () => {
    const value = {
      ...{ learning_rate: 1, units: 1, epsilon: 0, momentum: 0.9, rho: 1e21, beta_1: -2 },
      ...{ loss_weights: { units: 1 }, axis: [1, 2], scale: true, name: 'dropout', rate: null },
    };
    expect(pythonJson(value)).toBe(
      '{"learning_rate":1.0,"units":1,"epsilon":0.0,"momentum":0.9,"rho":1e+21,"beta_1":-2.0,' +
        '"loss_weights":{"units":1.0},"axis":[1,2],"scale":true,"name":"dropout","rate":null}',
    );
    expect(JSON.parse(pythonJson(value))).toEqual(value);
  });
});

const optimizers = {
  adadelta: () => tf.train.adadelta(1, 1, 1),
  adagrad: () => tf.train.adagrad(1, 1),
  adam: () => adam(1, 0, 0, 1),
  adamax: () => tf.train.adamax(1, 0, 0, 1),
  momentum: () => tf.train.momentum(1, 1),
  rmsprop: () => tf.train.rmsprop(1, 1, 0, 1),
  sgd: () => tf.train.sgd(1),
};

/** Layers all of whose floats are whole numbers. */
function modelWith(optimizer: tf.Optimizer): tfl.LayersModel {
  const { initializers, regularizers, constraints } = tfl;
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ maskValue: 1, inputShape: [4, 3] }),
      tfl.layers.batchNormalization({ momentum: 1, epsilon: 1 }),
      tfl.layers.spatialDropout1d({ rate: 0 }),
      ours.lstm({
        ...{ units: 2, returnSequences: true, recurrentActivation: 'sigmoid', dropout: 0 },
        kernelInitializer: initializers.randomUniform({ minval: -1, maxval: 1, seed: 1 }),
        recurrentInitializer: initializers.orthogonal({ gain: 1, seed: 1 }),
        biasInitializer: initializers.constant({ value: 1 }),
        kernelConstraint: constraints.maxNorm({ maxValue: 2 }),
      }),
      tfl.layers.simpleRNN({
        ...{ units: 2, recurrentDropout: 0 },
        kernelInitializer: initializers.randomNormal({ mean: 0, stddev: 1, seed: 1 }),
        recurrentInitializer: initializers.identity({ gain: 1 }),
        kernelConstraint: constraints.minMaxNorm({ minValue: 0, maxValue: 1, rate: 1 }),
      }),
      ours.dropout({ rate: 0 }),
      tfl.layers.dense({
        units: 1,
        kernelInitializer: initializers.varianceScaling({
          ...{ scale: 1, mode: 'fanIn', distribution: 'normal', seed: 1 },
        }),
        kernelRegularizer: regularizers.l1l2({ l1: 1, l2: 0 }),
      }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

const python = pythonWithKeras();

describe.runIf(python !== undefined)(
  'real Keras opens, and finds no integer in place of a float,',
  () => {
    const lines = new Map<
      string,
      { integers?: string[]; error?: string; learning_rate?: number }
    >();

    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'write-floats-'));
      for (const [name, make] of Object.entries(optimizers)) {
        const model = modelWith(make());
        const path = join(folder, name);
        writeFileSync(`${path}.keras`, await saveKerasModel(model));
        writeFileSync(`${path}.h5`, await saveKerasModel(model, { format: 'h5' }));
        const { json } = await saveKerasModel(model, { format: 'json+h5' });
        writeFileSync(`${path}.json`, json);
      }
      const script = new URL('check_floats.py', import.meta.url);
      const printed = await printedBy(python!, script, folder);
      for (const line of printed) {
        const { file, ...rest } = JSON.parse(line);
        lines.set(file, rest);
      }
      rmSync(folder, { recursive: true, force: true });
    }, 300_000);

    it.each(Object.keys(optimizers))('a model with %s', (name) => {
      for (const ending of ['keras', 'h5']) {
        expect(lines.get(`${name}.${ending}`)).toEqual({ learning_rate: 1, integers: [] });
      }
      expect(lines.get(`${name}.json`)).toEqual({ integers: [] });
    });
  },
);
