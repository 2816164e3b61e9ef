import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createSentimentLstm,
  gateChart,
  type LstmTrace,
  layers,
  traceGru,
  traceLstm,
  traceSimpleRnn,
} from '../../src/index.js';

const WORDS = ['', '', 'this', 'film', 'is', 'not', 'as', 'bad', 'as', 'they', 'say'];
const [TIME, UNITS] = [WORDS.length, 5];

/** Numbers that a reviewer can follow: a gate that opens at one word, states that grow. */
const values = (of: (t: number, unit: number) => number) =>
  tf.tensor3d([
    Array.from({ length: TIME }, (_, t) => Array.from({ length: UNITS }, (_, u) => of(t, u))),
  ]);

function trace(): LstmTrace {
  const kept = (t: number, value: number) => (t < 2 ? 0 : value);
  return {
    inputGate: values((t, u) => kept(t, t === 5 ? 0.9 : 0.1 + u / 20)),
    forgetGate: values((t) => kept(t, t === 5 ? 0.2 : 0.95)),
    candidate: values((t, u) => kept(t, Math.sin(t + u))),
    outputGate: values((t) => kept(t, t / TIME)),
    cellState: values((t, u) => kept(t, (t - 5) * (u - 2) * 0.4)),
    hiddenState: values((t, u) => kept(t, Math.tanh((t - 5) * (u - 2)))),
    mask: tf.tensor2d([WORDS.map((word) => word !== '')], [1, TIME], 'bool'),
  };
}

const expectPicture = (svg: string, name: string) =>
  expect(svg).toMatchFileSnapshot(`snapshots/${name}.svg`);

describe('gateChart draws', () => {
  beforeEach(() => tf.setBackend('cpu'));

  test('every gate and state over the words, masked steps in grey', async () => {
    await expectPicture(gateChart(trace(), { words: WORDS }), 'gates');
  });

  test('one gate with a row for each unit', async () => {
    const svg = gateChart(trace(), { words: WORDS, gate: 'forgetGate', width: 480 });
    await expectPicture(svg, 'forget-gate');
  });

  test('chosen units of a state, blue above zero and orange below', async () => {
    const svg = gateChart(trace(), { words: WORDS, gate: 'cellState', units: [0, 4] });
    await expectPicture(svg, 'cell-state');
  });

  test('what a screen reader reads: the mean of each, and the word where it is highest', () => {
    const [, label] = /aria-label="([^"]*)"/.exec(gateChart(trace(), { words: WORDS }))!;
    expect(label).toContain('input gate: mean 0.278, highest 0.9 at not.');
    expect(label).toContain('forget gate: mean 0.867');
  });

  test('traces of every layer, and numbers in place of words', () => {
    const x = tf.randomNormal([2, 3, 2]);
    const gru = gateChart(traceGru(layers.gru({ units: 2 }), x), { sample: 1 });
    expect(gru.match(/>(update gate|reset gate|\|candidate\||\|hidden state\|)</g)).toHaveLength(4);
    const simple = gateChart(traceSimpleRnn(layers.simpleRNN({ units: 2 }), x));
    expect(simple).toContain('>3</text>');
    const model = createSentimentLstm({ sequenceLength: 3, vocabularySize: 9, lstmUnits: 2 });
    const words = tf.tensor2d([[1, 2, 3]], [1, 3], 'int32');
    expect(gateChart(traceLstm(model, words), { title: 'A <review>' })).toContain(
      'A &lt;review&gt;',
    );
  });

  test('nothing of what it was not given', () => {
    const one = trace();
    expect(() => gateChart({} as never)).toThrow(
      'gateChart: trace must be what traceLstm, traceGru or traceSimpleRnn returned',
    );
    expect(() => gateChart(one, { words: ['a'] })).toThrow(
      'words must be as many as the steps, 11',
    );
    expect(() => gateChart(one, { gate: 'updateGate' })).toThrow('gate must be one of inputGate');
    expect(() => gateChart(one, { gate: 'forgetGate', units: [5] })).toThrow('below 5');
    expect(() => gateChart(one, { sample: 1 })).toThrow('sample must be below the batch, 1');
    expect(() => gateChart(one, { width: 100 })).toThrow('at least 320');
  });
});
