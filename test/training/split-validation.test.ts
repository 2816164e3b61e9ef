import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { splitValidation } from '../../src/index.js';

const texts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const labels = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0];

const warned = vi.spyOn(console, 'warn');
beforeEach(() => warned.mockReset().mockImplementation(() => undefined));

describe('splitValidation', () => {
  test('mixes samples, then sets a fifth aside', () => {
    const { train, validation } = splitValidation({ texts, labels });
    expect([train.texts.length, validation.texts.length]).toEqual([8, 2]);
    expect([...train.texts, ...validation.texts].sort()).toEqual(texts);
    expect(train.texts).not.toEqual(texts.slice(0, 8));
  });

  test('keeps every text with its label', () => {
    const { train, validation } = splitValidation({ texts, labels }, { seed: 3 });
    for (const part of [train, validation]) {
      expect(part.labels).toEqual(part.texts.map((text) => labels[texts.indexOf(text)]));
    }
  });

  test('repeats a split by its seed and leaves what it was given alone', () => {
    const data = { texts: [...texts], labels: [...labels] };
    expect(splitValidation(data, { seed: 5 })).toEqual(splitValidation(data, { seed: 5 }));
    expect(splitValidation(data, { seed: 5 })).not.toEqual(splitValidation(data, { seed: 6 }));
    expect(data).toEqual({ texts, labels });
  });

  test('without shuffling takes the last samples, as Keras does', () => {
    const mixed = labels.map((_, index) => index % 2);
    const split = splitValidation({ texts, labels: mixed }, { shuffle: false });
    expect(split.train).toEqual({ texts: texts.slice(0, 8), labels: mixed.slice(0, 8) });
    expect(split.validation).toEqual({ texts: ['i', 'j'], labels: [0, 1] });
    expect(warned).not.toHaveBeenCalled();
  });

  test('rounds the number of training samples down, as Keras does', () => {
    const { train } = splitValidation({ texts, labels }, { validationSplit: 0.25 });
    expect(train.texts).toHaveLength(7);
  });

  test('splits paths, ragged sequences, typed arrays and one-hot labels alike', () => {
    const data = {
      sequences: texts.map((_, index) => Array<number>(index).fill(index)),
      paths: texts.map((text) => `${text}.txt`),
      lengths: Int32Array.from(texts, (_, index) => index),
      labels: labels.map((label) => [label, 1 - label]),
    };
    const { validation } = splitValidation(data, { validationSplit: 0.5 });
    expect(validation.lengths).toBeInstanceOf(Int32Array);
    expect(validation.sequences.map((sequence) => sequence.length)).toEqual([
      ...validation.lengths,
    ]);
    expect(validation.paths).toEqual(Array.from(validation.lengths, (i) => `${texts[i]}.txt`));
    expect(validation.labels).toEqual(Array.from(validation.lengths, (i) => data.labels[i]));
  });

  test('gives the names of the classes to both parts, as readTextDirectory returned them', () => {
    const classNames = ['neg', 'pos', 'unsure'];
    const { train, validation } = splitValidation({ texts, labels, classNames });
    expect(train.classNames).toBe(classNames);
    expect(validation.classNames).toBe(classNames);
  });

  test('splits tensors into tensors, of which none is left over', () => {
    const data = {
      x: tf.tensor2d(
        texts.map((_, index) => [index, -index]),
        undefined,
        'int32',
      ),
      y: tf.tensor2d(labels.map((label) => [label])),
    };
    const before = tf.memory().numTensors;
    const { train, validation } = splitValidation(data, { validationSplit: 0.3, seed: 1 });
    expect(tf.memory().numTensors).toBe(before + 4);
    expect(train.x.shape).toEqual([7, 2]);
    expect(validation.x.dtype).toBe('int32');
    const rows = [...train.x.arraySync(), ...validation.x.arraySync()];
    const marks = [...train.y.arraySync(), ...validation.y.arraySync()].flat();
    expect(rows.every(([a, b]) => a === -b!)).toBe(true);
    expect(marks).toEqual(rows.map(([index]) => labels[index!]));
    tf.dispose([data, train, validation]);
  });
});

describe('splitValidation warns', () => {
  test('when samples ordered by class leave a single one for validation', () => {
    splitValidation({ texts, labels }, { shuffle: false });
    expect(warned.mock.calls).toEqual([
      [
        'splitValidation: every validation label is 0, so that validation accuracy says nothing ' +
          'about other classes. Samples ordered by class need shuffle: true, which mixes them ' +
          'before they are split.',
      ],
    ]);
  });

  test('when either part holds a single class although the samples were mixed', () => {
    splitValidation({ texts, labels: texts.map(() => 'pos') });
    expect(warned.mock.calls.flat()).toEqual([
      'splitValidation: every training label is "pos", so that the model can learn only that ' +
        'class. Check that the labels hold every class, or give more samples.',
      'splitValidation: every validation label is "pos", so that validation accuracy says nothing ' +
        'about other classes. Check that the labels hold every class, or give more samples.',
    ]);
  });

  test.each([
    ['one-hot rows', labels.map((label) => [label, 1 - label]), '[0, 1]'],
    ['rows of one', labels.map((label) => [label]), '0'],
  ])('of a single class in %s', (_, rows, shown) => {
    splitValidation({ texts, labels: rows }, { shuffle: false });
    expect(warned.mock.calls.flat().join()).toContain(`every validation label is ${shown}, so`);
  });

  test('of a single class in a tensor', () => {
    const y = tf.tensor1d(labels);
    const { train, validation } = splitValidation({ y }, { shuffle: false });
    expect(warned.mock.calls.flat().join()).toContain('every validation label is 0, so');
    tf.dispose([y, train.y, validation.y]);
  });

  test('never when both parts hold both classes', () => {
    splitValidation({ texts, labels }, { validationSplit: 0.5 });
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('splitValidation rejects', () => {
  const REMEDY = 'Give columns of one length: { texts, labels } or { x, y }.';

  test.each([0, 1, -0.1, 1.5, Number.NaN, '0.2'])('validationSplit %s', (validationSplit) => {
    const options = { validationSplit } as { validationSplit: number };
    expect(() => splitValidation({ texts, labels }, options)).toThrow(
      `splitValidation: validationSplit must be between 0 and 1, received ${JSON.stringify(
        validationSplit,
      ).replace('null', 'NaN')}. 0.2 takes every fifth sample.`,
    );
  });

  test.each([
    [
      'texts and labels that differ in number',
      { texts, labels: [1, 0] },
      'splitValidation: texts and labels must have one entry for each sample, but texts has 10 and labels has 2. Give every sample one label.',
    ],
    [
      'no samples',
      { texts: [], labels: [] },
      'splitValidation: texts and labels must not be empty. Check the folder or the limit that the samples were read with.',
    ],
    [
      'no labels',
      { texts } as never,
      `splitValidation: data must hold labels or y, received { texts }. ${REMEDY}`,
    ],
    [
      'a text in place of texts',
      { texts: 'good', labels: [1] },
      `splitValidation: texts must be an array or a tensor, received "good". ${REMEDY}`,
    ],
    [
      'a label in place of labels',
      { texts, labels: 1 } as never,
      `splitValidation: labels must be an array or a tensor, received 1. ${REMEDY}`,
    ],
    [
      'a label that is NaN',
      { x: [1, 2, 3], y: [0, 1, Number.NaN] },
      'splitValidation: y[2] must be a finite number, received NaN. Remove that sample or repair its label.',
    ],
    [
      'a label that is missing',
      { x: [1, 2], y: [0, undefined] },
      'splitValidation: y[1] must be a finite number, received undefined. Remove that sample or repair its label.',
    ],
    [
      'ragged labels',
      { x: [1, 2], y: [[0, 1], [1]] },
      'splitValidation: y must be all numbers or all rows of one length, but y[0] is a row of 2 and y[1] is a row of 1. Give every sample the same kind of label.',
    ],
    [
      'labels of two kinds',
      { x: [1, 2], y: [0, [1]] },
      'splitValidation: y must be all numbers or all rows of one length, but y[0] is a single value and y[1] is a row of 1. Give every sample the same kind of label.',
    ],
    [
      'too few samples',
      { x: [1], y: [0] },
      'splitValidation: validationSplit 0.2 of 1 sample leaves the training part empty. Give more samples or another fraction.',
    ],
  ])('%s', (_, data, message) => {
    expect(() => splitValidation(data)).toThrow(message);
    expect(warned).not.toHaveBeenCalled();
  });

  test('NaN in a tensor of labels, naming its row', () => {
    const y = tf.tensor2d([[0], [1], [Number.NaN]]);
    expect(() => splitValidation({ y })).toThrow(
      'splitValidation: y, row 2 must be a finite number, received NaN. Remove that sample or repair its label.',
    );
    y.dispose();
  });

  test('a seed that is no whole number', () => {
    expect(() => splitValidation({ texts, labels }, { seed: 0.5 })).toThrow(
      'splitValidation: seed must be a whole number from 0 to 9007199254740991, received 0.5. Leave it out for 0.',
    );
  });
});
