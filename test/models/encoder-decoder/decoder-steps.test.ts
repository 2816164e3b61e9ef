import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { DecoderSteps } from '../../../src/models/encoder-decoder/decoder-steps.js';
import { padded, taught } from '../../../src/models/encoder-decoder/sequences.js';
import { make, PAIRS, SIZES, VARIANTS } from './variants.js';

const [START, END] = [9, 10];
const LENGTHS = { length: SIZES.target.length, startToken: START, endToken: END };
const TOLERANCE = 1e-6;

afterAll(() => tf.setBackend('cpu'));

/** Probabilities [batch, time, tokens] of the model with teacher forcing. */
function forced(model: ReturnType<typeof make>['model']): number[][][] {
  return tf.tidy(() => {
    const { target } = taught(PAIRS.targets, LENGTHS);
    const x = [padded(PAIRS.sources, SIZES.source.length), target];
    return (model.predict(x) as tf.Tensor3D).arraySync();
  });
}

describe.each(['cpu', 'wasm'])('a decoder that goes step by step on %s', (backend) => {
  beforeEach(() => tf.setBackend(backend));

  test.each(Object.keys(VARIANTS))('writes as the model with teacher forcing: %s', async (name) => {
    const translator = make(name);
    await translator.fit(PAIRS, { epochs: 3, batchSize: 5 });
    const expected = forced(translator.model);
    const before = tf.memory().numTensors;
    const steps = new DecoderSteps(translator.model, [0, START]);
    const x = padded(PAIRS.sources, SIZES.source.length);
    let state = steps.encode(x);
    x.dispose();
    // In another order, and one of them twice.
    const rows = Int32Array.from([3, 1, 0, 2, 1]);
    const chosen = steps.select(state, rows);
    steps.dispose(state);
    state = chosen;
    for (let time = 0; time < 4; time++) {
      const tokens = Int32Array.from(rows, (row) => [START, ...PAIRS.targets[row]!][time] ?? END);
      const { logProbabilities, state: next } = steps.step(tokens, state);
      steps.dispose(state);
      state = next;
      rows.forEach((row, at) => {
        // Behind its end there is padding in the one and the end token in the other.
        if (time > PAIRS.targets[row]!.length) return;
        for (let token = 0; token < 11; token++) {
          const received = Math.exp(logProbabilities[at * 11 + token]!);
          const isNever = token === 0 || token === START;
          const wanted = isNever ? 0 : expected[row]![time]![token]!;
          expect(Math.abs(received - wanted)).toBeLessThan(TOLERANCE);
        }
      });
    }
    steps.dispose(state);
    expect(tf.memory().numTensors).toBe(before);
    translator.dispose();
  });

  test('a state that was stepped from can be stepped from again', () => {
    const { model } = make('luong');
    const steps = new DecoderSteps(model, []);
    const x = padded(PAIRS.sources, SIZES.source.length);
    const state = steps.encode(x);
    const tokens = new Int32Array(5).fill(START);
    const first = steps.step(tokens, state);
    const again = steps.step(tokens, state);
    expect(again.logProbabilities).toEqual(first.logProbabilities);
  });
});
