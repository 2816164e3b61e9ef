import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { attentionChart, contributionChart, type Explanation } from '../../../src/index.js';

const WORDS = ['This', 'film', 'by', 'Kaurismäki', 'is', 'not', 'bad', 'at', 'all', '<b>'];

/** Numbers that a reviewer can follow: one word for, one against, one that the model does not know. */
const explanation: Explanation = {
  words: WORDS,
  indices: WORDS.map((word, i) => (word === 'Kaurismäki' ? 0 : i + 1)),
  contributions: [0.05, 0.2, 0, 0, -0.02, 1.2, -0.9, 0.03, 0.6, 0],
  prefixProbabilities: [0.5, 0.55, 0.55, 0.55, 0.54, 0.6, 0.4, 0.41, 0.7, 0.7],
  method: 'integratedGradients',
  classIndex: 0,
  className: 'positive',
  baseline: -0.31,
  output: 0.85,
  probability: 0.7006,
  completenessError: 0.002,
};

const expectPicture = (svg: string, name: string) =>
  expect(svg).toMatchFileSnapshot(`snapshots/${name}.svg`);
const labelOf = (svg: string) => /aria-label="([^"]*)"/.exec(svg)![1];

describe('contributionChart', () => {
  test('colours words by what they contribute, with a line, and leaves unknown ones grey', async () => {
    await expectPicture(contributionChart(explanation), 'contributions');
  });

  test('wraps a long text where the picture ends', async () => {
    const long = (list: readonly unknown[]) => Array.from({ length: 4 }, () => list).flat();
    const parts = ['words', 'indices', 'contributions', 'prefixProbabilities'] as const;
    const many = Object.fromEntries(parts.map((name) => [name, long(explanation[name])]));
    const svg = contributionChart({ ...explanation, ...many }, { width: 320, title: 'A <review>' });
    expect(svg).toContain('A &lt;review&gt;');
    await expectPicture(svg, 'contributions-narrow');
  });

  test('says the strongest words to who does not see', () => {
    expect(labelOf(contributionChart(explanation))).toBe(
      'Words for and against positive. positive: probability 0.701, logit 0.85; without words -0.31. ' +
        'For it: not 1.2, all 0.6, film 0.2, This 0.05, at 0.03. Against it: bad -0.9, is -0.02.',
    );
    const nothing = { ...explanation, contributions: WORDS.map(() => 0) };
    expect(labelOf(contributionChart(nothing))).toContain('No word speaks for it. No word speaks');
  });

  test('tells of each word what it adds and what the model says behind it', () => {
    const svg = contributionChart(explanation);
    expect(svg).toContain('<title>bad: -0.9; probability behind it 0.4</title>');
    expect(svg).toContain('<title>Kaurismäki: not read; probability behind it 0.55</title>');
    expect(svg).toContain('<title>&lt;b&gt;: 0; probability behind it 0.7</title>');
  });

  test('draws nothing else', () => {
    expect(() => contributionChart({} as never)).toThrow(
      'contributionChart: explanation must be what explain returned',
    );
    expect(() => contributionChart(explanation, { width: 100 })).toThrow('at least 320');
    expect(() => contributionChart(explanation, { colour: 'red' } as never)).toThrow(
      'there is no option colour',
    );
  });
});

describe('attentionChart', () => {
  const weights = [
    [0.7, 0.2, 0.1],
    [0.05, 0.15, 0.8],
  ];

  test('has a row for each step that was written and a column for each that was read', async () => {
    const svg = attentionChart(weights, { source: ['4', ' ', '<'], target: ['0', '&'] });
    expect(svg).toContain('<title>&amp; looks at &lt;: 0.8</title>');
    expect(labelOf(svg)).toBe(
      'attention. 0 looks most at 4 (0.7). &amp; looks most at &lt; (0.8).',
    );
    await expectPicture(svg, 'attention');
  });

  test('turns words that are wider than their columns, and shortens long ones', async () => {
    const source = ['a', 'wonderful', 'incomprehensibilities'];
    const svg = attentionChart(weights, { source, target: ['ein', 'Wunder'], title: 'Words' });
    expect(svg).toContain('incomprehensibi…');
    await expectPicture(svg, 'attention-words');
  });

  test('says what does not fit', () => {
    const names = { source: ['a', 'b', 'c'], target: ['d', 'e'] };
    expect(() => attentionChart([[1, 0, 0]], names)).toThrow(
      'attentionChart: weights must have a list for each of target, 2, received 1.',
    );
    expect(() => attentionChart([[1], [0]], names)).toThrow(
      'weights[0] must have a number for each of source, 3, received 1.',
    );
    expect(() => attentionChart([weights[0]!, [0, 2, 0]], names)).toThrow(
      'weights[1] must hold numbers from 0 to 1, received 2.',
    );
    expect(() => attentionChart(weights, { ...names, source: [] })).toThrow(
      'source must be a list of words or characters, at least one',
    );
    expect(() => attentionChart(weights, { ...names, width: 10 })).toThrow('at least 320');
    expect(() => attentionChart(weights, undefined as never)).toThrow('source must be a list');
  });
});
