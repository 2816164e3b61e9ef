/** Snippets that run in the page, which the site makes of those marked as editable. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { showValues } from '../../site/.vitepress/theme/editable/show-values.js';
import { editableExamples, examplesThatPrint } from './examples.js';

const PACKAGES = [
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  'tfjs-recurrent',
];

const editable = editableExamples();
const printing = new Set(examplesThatPrint().map(({ code }) => code));

test('the first pages have one', () => {
  const pages = editable.map(({ where }) => where.replace(/:\d+$/, ''));
  expect(pages).toEqual(
    expect.arrayContaining([
      ...['site/pages/index.md', 'site/pages/zh/index.md', 'docs/start.md', 'docs/zh/start.md'],
      ...['docs/from-keras.md', 'docs/choosing-a-cell.md', 'docs/guide/6-gates.md'],
    ]),
  );
});

describe.each(editable.map((example) => [example.where, example] as const))('%s', (_, example) => {
  test('is run by the tests, and asks for nothing that a page has not', () => {
    expect(printing.has(example.code)).toBe(true);
    const asked = [...example.code.matchAll(/^import (?:.* from )?'([^']+)'/gm)].map(
      ([, one]) => one,
    );
    expect(PACKAGES).toEqual(expect.arrayContaining(asked));
  });
});

describe('a page shows what console.log of Node shows:', () => {
  test.each([
    ['numbers', [1, -0, 0.5, Number.NaN, 12n]],
    ['nothing', [undefined, null, true]],
    [
      'a list of lists',
      [
        [
          [0, 0, 7],
          [2, 3, 4],
        ],
      ],
    ],
    ['a list of texts', [['good', "it's", 'a "quoted" one']]],
    ['an object', [{ label: 1, probability: 0.97, 'two words': [] }]],
    ['what lies deep', [{ a: { b: { c: { d: 1 } } } }, [[[[1]]]]]],
    ['a typed array', [new Float32Array([1, 2.5, 3])]],
    ['maps and sets', [new Map([['good', 1]]), new Set([1, 'two'])]],
    ['a function', [function train() {}, () => 1]],
    [
      'an instance',
      [
        new (class Model {
          units = 32;
        })(),
      ],
    ],
    ['an object too long for a line', [{ first: 'a'.repeat(40), second: 'b'.repeat(40) }]],
  ])('%s', (_, values: unknown[]) => {
    for (const value of values) expect(showValues([value])).toBe(inspect(value));
  });

  test('texts as they are, behind one another', () => {
    expect(showValues(['loss', 0.5, ['a']])).toBe("loss 0.5 [ 'a' ]");
  });
});
