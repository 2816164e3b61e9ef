import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers as stock, type RNN, sequential } from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createManyToOne,
  gradientNorms,
  healthChart,
  healthTable,
  layers,
  networkHealth,
  traceLstm,
} from '../../../src/index.js';

const [BATCH, TIME, INPUTS, UNITS] = [6, 12, 3, 5];

function modelOf(rnn: RNN): LayersModel {
  const model = sequential();
  model.add(stock.inputLayer({ inputShape: [TIME, INPUTS] }));
  model.add(rnn);
  model.add(layers.dense({ units: 1 }));
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  return model;
}

/** Sets a weight of the recurrent layer: 0 the kernel, 1 the recurrent kernel, 2 the bias. */
function setWeight(model: LayersModel, index: number, weight: tf.Tensor): LayersModel {
  model.setWeights(model.getWeights().map((w, i) => (i === index ? weight : w)));
  return model;
}

const gates = { recurrentActivation: 'sigmoid', unitForgetBias: true } as const;
const lstm = () => modelOf(layers.lstm({ units: UNITS, ...gates, name: 'reader' }));
const samples = () => tf.randomNormal([BATCH, TIME, INPUTS]);
const labels = () => tf.randomNormal([BATCH, 1]);

/** Biases of an LSTM's gates in the order of its blocks. */
const biases = (...of: number[]) =>
  tf.concat(of.map((value) => tf.fill([UNITS], value))) as tf.Tensor1D;

const problemsOf = (model: LayersModel, x = samples()) =>
  networkHealth(model, x, { y: labels() }).findings.map(({ problem }) => problem);

describe('networkHealth', () => {
  beforeEach(() => tf.setBackend('cpu'));

  it('finds nothing in an LSTM, a GRU and a SimpleRNN that are fresh', () => {
    expect(problemsOf(lstm())).toEqual([]);
    expect(problemsOf(modelOf(layers.gru({ units: UNITS, resetAfter: true })))).toEqual([]);
    expect(problemsOf(modelOf(layers.simpleRNN({ units: UNITS })))).toEqual([]);
  });

  it('measures what the trace and the gradients show', () => {
    const [model, x, y] = [lstm(), samples(), labels()];
    const [layer] = networkHealth(model, x, { y }).layers;
    const trace = traceLstm(model, x);
    const forget = Array.from(trace.forgetGate.dataSync());
    expect(layer).toMatchObject({ layer: 'reader', direction: null, cell: 'LSTM', units: UNITS });
    const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(layer!.gates.forgetGate!.mean).toBeCloseTo(meanOf(forget), 6);
    const open = forget.filter((f) => f > 0.95).length / forget.length;
    expect(layer!.gates.forgetGate!.open).toBeCloseTo(open, 10);
    const ofUnit = meanOf(forget.filter((_, i) => i % UNITS === 2));
    expect(layer!.memory![2]).toBeCloseTo(1 / (1 - ofUnit), 4);
    const norms = (trace.hiddenState.arraySync() as number[][][]).map((row) =>
      Math.hypot(...row[4]!),
    );
    expect(layer!.stateNorms[4]).toBeCloseTo(meanOf(norms), 6);
    expect(layer!.gradientNorms).toEqual(gradientNorms(model, x, y));
    const { gradientNorms: g } = layer!;
    expect(layer!.gradientRatio).toBeCloseTo(g![0]! / g!.at(-1)!, 6);
  });

  it('names gates that are saturated', () => {
    const model = setWeight(lstm(), 2, biases(9, 1, 0, -9));
    const { findings } = networkHealth(model, samples());
    expect(findings.map(({ problem, message }) => [problem, message])).toEqual([
      ['gateSaturated', '0 % of the input gate is closed, and 100 % wide open'],
      ['gateSaturated', '100 % of the output gate is closed, and 0 % wide open'],
    ]);
  });

  it('names forget gates that are closed, and never those that are open', () => {
    const closed = networkHealth(setWeight(lstm(), 2, biases(0, -9, 0, 0)), samples());
    expect(closed.findings.map(({ problem }) => problem)).toEqual(['forgetGateClosed']);
    expect(closed.layers[0]!.memory!.every((steps) => steps < 1.01)).toBe(true);
    expect(closed.findings[0]!.remedy).toContain('unitForgetBias: true');
    const open = networkHealth(setWeight(lstm(), 2, biases(0, 9, 0, 0)), samples());
    expect(open.findings).toEqual([]);
    expect(open.layers[0]!.memory!.every((steps) => steps > 100)).toBe(true);
  });

  it('names units of relu that are dead, and which they are', () => {
    const model = modelOf(layers.simpleRNN({ units: UNITS, activation: 'relu' }));
    setWeight(model, 1, tf.mul(tf.eye(UNITS), 0.5));
    setWeight(model, 2, tf.tensor1d([0, -50, 0, -50, 0]));
    const { layers: measured, findings } = networkHealth(model, samples());
    expect(measured[0]!.deadUnits).toEqual([1, 3]);
    expect(findings.map(({ message }) => message)).toEqual(['2 of 5 units stay at 0']);
  });

  it('names a SimpleRNN whose states are saturated, whose gradient has vanished', () => {
    const model = modelOf(layers.simpleRNN({ units: UNITS }));
    setWeight(model, 2, tf.fill([UNITS], 9));
    expect(problemsOf(model)).toEqual(['statesSaturated', 'gradientVanishes']);
  });

  it('names gradients that explode, and the state that grows with them', () => {
    const model = modelOf(layers.simpleRNN({ units: UNITS, activation: 'relu' }));
    setWeight(model, 1, tf.mul(tf.eye(UNITS), 3));
    setWeight(model, 0, tf.fill([INPUTS, UNITS], 1));
    const result = networkHealth(model, tf.ones([BATCH, TIME, INPUTS]), { y: labels() });
    expect(result.findings.map(({ problem }) => problem)).toEqual([
      'stateGrows',
      'gradientExplodes',
    ]);
    // What comes back to h grows by 3 on each of the steps on the way.
    expect(result.layers[0]!.gradientRatio! / 3 ** (TIME - 1)).toBeCloseTo(1, 4);
  });

  it('names numbers that are not finite', () => {
    const weights = setWeight(lstm(), 0, tf.fill([INPUTS, 4 * UNITS], Number.NaN));
    expect(problemsOf(weights)).toEqual(['notFinite']);
  });

  it('leaves masked steps out, and looks at both directions of every layer', () => {
    const model = sequential();
    model.add(stock.masking({ maskValue: 0, inputShape: [TIME, INPUTS] }));
    const both = layers.gru({ units: UNITS, returnSequences: true });
    model.add(layers.bidirectional({ layer: both, mergeMode: 'concat', name: 'both' }));
    model.add(layers.lstm({ units: UNITS, ...gates, name: 'top' }));
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const padding = tf.zeros([BATCH, 4, INPUTS]);
    const x = tf.concat([padding, tf.randomNormal([BATCH, TIME - 4, INPUTS])], 1);
    const y = tf.zeros([BATCH, UNITS]);
    const { layers: measured, findings } = networkHealth(model, x, { y });
    expect(measured.map(({ layer, direction }) => [layer, direction])).toEqual([
      ['both', 'forward'],
      ['both', 'backward'],
      ['top', null],
    ]);
    for (const { stateNorms, gradientNorms, gates } of measured) {
      expect([...stateNorms].map(Number.isNaN)).toEqual([...gradientNorms!].map(Number.isNaN));
      expect(stateNorms.filter(Number.isNaN).length).toBe(4);
      expect(Object.values(gates).every(({ closed }) => closed < 0.5)).toBe(true);
    }
    const backward = gradientNorms(model, x, y, { layer: 'both', direction: 'backward' });
    // It reads the last step first.
    expect(measured[1]!.gradientRatio).toBeCloseTo(backward.at(-1)! / backward[4]!, 5);
    expect(findings).toEqual([]);
  });

  it('leaves no tensor behind', () => {
    const [model, x, y] = [lstm(), samples(), labels()];
    networkHealth(model, x, { y });
    const before = tf.memory().numTensors;
    networkHealth(model, x, { y });
    networkHealth(model, x);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what it needs', () => {
    const dense = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
    expect(() => networkHealth(dense, tf.zeros([1, 2]))).toThrow(
      'networkHealth: the model has no LSTM, GRU or SimpleRNN.',
    );
    const model = createManyToOne({ inputs: INPUTS, compile: false });
    expect(() => networkHealth(model, samples(), { y: labels() })).toThrow(
      'networkHealth: the model has no loss.',
    );
    expect(networkHealth(model, samples()).layers[0]!.gradientNorms).toBeNull();
    expect(() => networkHealth(model, samples(), { labels: labels() } as never)).toThrow(
      'networkHealth: there is no option labels.',
    );
    expect(() => networkHealth(1 as never, samples())).toThrow('model must be a model');
  });
});

describe('the health of a network', () => {
  beforeEach(() => tf.setBackend('cpu'));

  /** Numbers that a reviewer can follow: one weight does everything. */
  function sick() {
    const model = setWeight(lstm(), 0, tf.zeros([INPUTS, 4 * UNITS]));
    setWeight(model, 1, tf.zeros([UNITS, 4 * UNITS]));
    setWeight(model, 2, biases(9, -9, 1, 0));
    setWeight(model, 3, tf.ones([UNITS, 1]));
    return networkHealth(model, tf.zeros([2, TIME, INPUTS]), { y: tf.zeros([2, 1]) });
  }

  it('is a table of plain text', () => {
    const lines = healthTable(sick()).split('\n');
    expect(lines.slice(0, 9)).toEqual([
      'reader, LSTM of 5 units',
      '  input gate       mean 1, closed 0 %, open 100 %',
      '  forget gate      mean 0.00012, closed 100 %, open 0 %',
      '  output gate      mean 0.5, closed 0 %, open 0 %',
      '  memory           1 steps, 1 at most',
      '  dead units       0 of 5',
      '  norm of h        0.72 to 0.72',
      '  norm of c        1.7 to 1.7',
      '  norm of ∂loss/∂h 0 to 7.2, first by last 0',
    ]);
    expect(lines[10]).toBe('reader: 0 % of the input gate is closed, and 100 % wide open.');
    expect(healthTable(networkHealth(lstm(), samples()))).toContain('Nothing is out of bounds.');
    expect(() => healthTable({} as never)).toThrow(
      'healthTable: health must be what networkHealth returned, received {  }.',
    );
  });

  it('is a chart of bars and strips', async () => {
    await expect(healthChart(sick())).toMatchFileSnapshot('../snapshots/health.svg');
    const narrow = healthChart(sick(), { title: 'a reader of digits', width: 360 });
    await expect(narrow).toMatchFileSnapshot('../snapshots/health-narrow.svg');
    const [, label] = /aria-label="([^"]*)"/.exec(narrow)!;
    expect(label).toContain('a reader of digits. 1 layer. reader: 0 % of the input gate is closed');
    expect(() => healthChart(sick(), { width: 100 })).toThrow('at least 320');
  });
});
