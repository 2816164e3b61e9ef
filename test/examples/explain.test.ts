import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { colouredWords } from '../../examples/imdb/explain.js';

const found = {
  words: ['not', 'a', 'dull', 'film', 'by', 'Ozu'],
  contributions: [2, 0.1, -1.4, 0.3, -0.5, 0],
};

describe('coloured words', () => {
  it('stand out by how much they add, in the colour of their side', () => {
    const coloured = [
      ...[styleText(['bgBlue', 'white'], 'not'), 'a', styleText(['bgYellow', 'black'], 'dull')],
      ...[styleText('blue', 'film'), styleText('yellow', 'by'), 'Ozu'],
    ];
    expect(colouredWords(found, true)).toBe(coloured.join(' '));
  });

  it('have numbers where there are no colours', () => {
    expect(colouredWords(found, false)).toBe('not(+2.0) a dull(-1.4) film(+0.3) by(-0.5) Ozu');
  });

  it('are plain where nothing adds anything', () => {
    expect(colouredWords({ words: ['what', 'now'], contributions: [0, 0] }, true)).toBe('what now');
  });
});
