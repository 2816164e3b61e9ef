import { afterEach, expect, test, vi } from 'vitest';
import { setAside } from '../../../src/models/text-classifier/set-aside.js';

afterEach(() => void vi.restoreAllMocks());

const data = (classes: string) => ({
  texts: Array.from(classes, (name, i) => `${name}${i}`),
  labels: Int32Array.from(classes, (name) => name.charCodeAt(0) - 'a'.charCodeAt(0)),
});

test('the last texts of each class are set aside, in their order', () => {
  const { train, validation } = setAside('test', data('aaaabbbb'), 0.25);
  expect(validation).toEqual({ texts: ['a3', 'b7'], labels: Int32Array.of(0, 1) });
  expect(train.texts).toEqual(['a0', 'a1', 'a2', 'b4', 'b5', 'b6']);
  expect([...train.labels]).toEqual([0, 0, 0, 1, 1, 1]);
});

test('it is the same texts whether classes are mixed or one behind the other', () => {
  const { validation } = setAside('test', data('abababab'), 0.25);
  expect(validation.texts).toEqual(['a6', 'b7']);
});

test('each class gives its share, however large it is', () => {
  const { validation } = setAside('test', data('aaaaaaaaaabbbbbccccc'), 0.2);
  expect(validation.texts).toEqual(['a8', 'a9', 'b14', 'c19']);
});

test('a class of one text is learned from', () => {
  const { train } = setAside('test', data('aaaabbbbc'), 0.25);
  expect(train.texts).toContain('c8');
});

test('there are as many as splitValidation sets aside', () => {
  for (const share of [0.1, 0.2, 0.5]) {
    const { train, validation } = setAside('test', data('aaaaaabbbbb'), share);
    expect(train.texts).toHaveLength(Math.floor(11 * (1 - share)));
    expect(validation.texts).toHaveLength(11 - train.texts.length);
  }
});

test('a part that would be empty is refused, and one of a single class told', () => {
  expect(() => setAside('TextClassifier.train', data('a'), 0.1)).toThrow(
    'TextClassifier.train: validationSplit 0.1 of 1 text leaves the training part empty',
  );
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  setAside('test', data('aabb'), 0.1);
  expect(warned.mock.calls[0]![0]).toContain(
    'validation accuracy says nothing about other classes',
  );
});
