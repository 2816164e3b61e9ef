import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers as stock,
  model as modelOf,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createSentimentLstm,
  layers,
  ready,
  traceGru,
  traceLstm,
  traceSimpleRnn,
} from '../../../src/index.js';

interface Case {
  layer: 'LSTM' | 'GRU' | 'SimpleRNN';
  units: number;
  resetAfter: boolean;
  recurrentActivation: 'sigmoid' | 'hardSigmoid';
  goBackwards: boolean;
  weights: { shape: number[]; values: number[] }[];
  x: number[][][];
  mask: boolean[][] | null;
  trace: Record<string, number[][][]>;
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../golden/traces.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

const TRACES = { LSTM: traceLstm, GRU: traceGru, SimpleRNN: traceSimpleRnn };

function layerOf(golden: Case, kernel: 'fused' | 'composed') {
  const { units, resetAfter, recurrentActivation, goBackwards } = golden;
  const options = { units, goBackwards, kernel, returnSequences: true };
  switch (golden.layer) {
    case 'LSTM':
      return layers.lstm({ ...options, recurrentActivation });
    case 'GRU':
      return layers.gru({ ...options, recurrentActivation, resetAfter });
    default:
      return layers.simpleRNN(options);
  }
}

/** Through a model whose second input is the mask, which a layer of its own hands on. */
function traced(golden: Case, kernel: 'fused' | 'composed') {
  const layer = layerOf(golden, kernel);
  const [time, width] = [golden.x[0]!.length, golden.x[0]![0]!.length];
  const steps = input({ shape: [time, width] });
  const masked = stock.masking({ maskValue: 99 }).apply(steps) as SymbolicTensor;
  const model = modelOf({ inputs: steps, outputs: layer.apply(masked) as SymbolicTensor });
  layer.setWeights(golden.weights.map(({ shape, values }) => tf.tensor(values, shape)));
  const x = golden.x.map((row, i) =>
    row.map((step, t) => (golden.mask && !golden.mask[i]![t] ? step.map(() => 99) : step)),
  );
  return TRACES[golden.layer](model, tf.tensor3d(x)) as unknown as Record<string, tf.Tensor>;
}

describe.each(['cpu', 'wasm'])('traces on %s', (backend) => {
  beforeEach(async () => {
    await tf.setBackend(backend);
    await ready({ threads: 2 });
  });

  it.each(cases.map((golden, i) => [`${i}: ${golden.layer} ${golden.units}`, golden] as const))(
    'are what NumPy computes cell by cell, case %s',
    (_, golden) => {
      for (const kernel of ['fused', 'composed'] as const) {
        const found = traced(golden, kernel);
        const names = Object.keys(found).filter((name) => name !== 'mask');
        expect(names.sort()).toEqual(Object.keys(golden.trace).sort());
        for (const name of names) {
          const expected = golden.trace[name]!.flat(2);
          const values = found[name]!.dataSync();
          expect(values.length).toBe(expected.length);
          const off = expected.map((value, i) => Math.abs(value - values[i]!));
          expect(Math.max(...off)).toBeLessThan(1e-6);
        }
      }
    },
  );
});

describe('a trace', () => {
  beforeEach(() => tf.setBackend('cpu'));

  it('leaves nothing behind but its own tensors', () => {
    const model = createSentimentLstm({ sequenceLength: 6, vocabularySize: 10, seed: 1 });
    const words = tf.tensor2d([[0, 0, 3, 1, 2, 9]], [1, 6], 'int32');
    model.predict(words);
    const before = tf.memory().numTensors;
    const trace = traceLstm(model, words);
    expect(trace.mask).toBeNull();
    tf.dispose(Object.values(trace).filter((tensor) => tensor !== null));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is of the direction that is asked for, step by step of the input', () => {
    const layer = layers.lstm({ units: 3, returnSequences: true });
    const both = layers.bidirectional({ layer, mergeMode: 'concat' });
    const x = tf.randomNormal([2, 4, 5]);
    const output = both.apply(x) as tf.Tensor3D;
    const forward = traceLstm(both, x).hiddenState;
    const backward = traceLstm(both, x, { direction: 'backward' }).hiddenState;
    const [first, second] = tf.split(output, 2, 2);
    expect(forward.arraySync()).toEqual(first!.arraySync());
    expect(backward.arraySync()).toEqual(second!.arraySync());
  });

  it('of one of several layers is asked for by name', () => {
    const model = sequential({
      layers: [
        layers.lstm({ units: 3, inputShape: [4, 2], returnSequences: true, name: 'first' }),
        layers.lstm({ units: 2, name: 'second' }),
      ],
    });
    const x = tf.randomNormal([1, 4, 2]);
    expect(() => traceLstm(model, x)).toThrow(
      "traceLstm: the model has first, second. Choose one: { layer: 'first' }.",
    );
    expect(() => traceLstm(model, x, { layer: 'third' })).toThrow('received "third"');
    const { hiddenState } = traceLstm(model, x, { layer: 'second' });
    const last = tf.slice(hiddenState, [0, 3, 0], [1, 1, 2]);
    expect([...last.dataSync()]).toEqual([...(model.predict(x) as tf.Tensor).dataSync()]);
  });

  it('follows the mask of a model', () => {
    const model = createSentimentLstm({ sequenceLength: 4, vocabularySize: 9, maskZero: true });
    const words = tf.tensor2d([[0, 5, 0, 7]], [1, 4], 'int32');
    const { mask, forgetGate, hiddenState } = traceLstm(model, words);
    expect(mask!.arraySync()).toEqual([[0, 1, 0, 1]]);
    const gates = forgetGate.arraySync()[0]!;
    expect(gates[0]!.every((gate) => gate === 0)).toBe(true);
    expect(gates[1]!.every((gate) => gate > 0)).toBe(true);
    const states = hiddenState.arraySync()[0]!;
    expect(states[2]).toEqual(states[1]);
    expect(states[3]).not.toEqual(states[1]);
  });

  it('says what it cannot trace', () => {
    const x = tf.zeros([1, 3, 2]);
    // Their cells have the names of others, and other formulas.
    expect(() => traceLstm(layers.peepholeLSTM({ units: 2 }), x)).toThrow(
      'a layer of the kind LSTM',
    );
    expect(() => traceSimpleRnn(layers.minGRU({ units: 2 }), x)).toThrow('the kind SimpleRNN');
    expect(() => traceGru(layers.lstm({ units: 2 }), x)).toThrow(
      'the first argument must be a layer of the kind GRU',
    );
    expect(() =>
      traceLstm(createSentimentLstm({ sequenceLength: 4 }), tf.zeros([1, 4]), { layer: 'x' }),
    ).toThrow();
    expect(() => traceGru(createSentimentLstm({ sequenceLength: 4 }), tf.zeros([1, 4]))).toThrow(
      'the model has no GRU',
    );
    expect(() => traceLstm(layers.lstm({ units: 2 }), tf.zeros([3, 2]))).toThrow(
      '[batch, time, inputs]',
    );
    expect(() => traceLstm(layers.lstm({ units: 2 }), x, { direction: 'backward' })).toThrow(
      'is no bidirectional layer',
    );
    expect(() => traceLstm(layers.lstm({ units: 2 }), [[[1]]] as never)).toThrow('received');
  });
});
