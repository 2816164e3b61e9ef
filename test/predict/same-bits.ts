import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { registerLayers } from '../../src/layers/register.js';
import { loadPredictor } from '../../src/predict/load-predictor.js';
import type { Predictor } from '../../src/predict/predictor.js';
import { inMemory } from '../in-memory.js';

/** What `model.save` writes, as a predictor takes it, and the model that TensorFlow.js makes of it again. */
export async function saved(model: tfl.LayersModel) {
  registerLayers();
  const { handler, saved: files } = inMemory();
  await model.save(handler);
  const parts = { ...JSON.parse(files.json), weightData: files.weights };
  return { parts, loaded: await tfl.loadLayersModel(handler) };
}

/** A predictor of a model must give its numbers on the cpu backend, bit by bit. */
export async function expectSameBits(
  predictor: Predictor,
  model: tfl.LayersModel,
  inputs: tf.Tensor[],
): Promise<void> {
  const expected = [model.predict(inputs)].flat() as tf.Tensor[];
  const given = await predictor.predictAll(
    Object.fromEntries(
      predictor.inputs.map(({ name }, i) => {
        const { shape } = inputs[i]!;
        return [name, { data: inputs[i]!.dataSync() as Float32Array, shape }];
      }),
    ),
  );
  expect(given.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  given.forEach(({ data }, i) => {
    expect(data).toEqual(expected[i]!.dataSync());
  });
  tf.dispose(expected);
}

/** Saves a model, and compares. */
export async function expectSameBitsOnceSaved(
  model: tfl.LayersModel,
  inputs: tf.Tensor[],
): Promise<void> {
  const { parts, loaded } = await saved(model);
  await expectSameBits(await loadPredictor(parts), loaded, inputs);
  loaded.dispose();
}
