import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/foundation/random.js';
import {
  decodeInJavaScript,
  decodeUtf8,
  encodeInJavaScript,
  encodeUtf8,
  encodeUtf8Into,
} from '../../src/foundation/utf8.js';

const encoded = (text: string) => {
  const bytes = new Uint8Array(3 * text.length);
  return bytes.slice(0, encodeInJavaScript(text, bytes));
};
const native = (text: string) => new Uint8Array(new TextEncoder().encode(text));

describe('without TextEncoder and TextDecoder', () => {
  test('every code point becomes the bytes of the standard, and these the code point', () => {
    for (let first = 0; first < 0x110000; first += 0x1000) {
      const points = Array.from({ length: 0x1000 }, (_, k) => first + k);
      const text = String.fromCodePoint(...points);
      const bytes = encoded(text);
      // Element by element, a matcher would take a minute.
      expect(Buffer.from(bytes).equals(native(text))).toBe(true);
      expect(decodeInJavaScript(bytes) === new TextDecoder().decode(bytes)).toBe(true);
    }
  });

  test('half a surrogate pair becomes U+FFFD', () => {
    for (const text of ['\ud800', 'a\udc00b', '\ud800\ud800\udc00', '\udc00\ud800', 'é\ud83d']) {
      expect(encoded(text)).toEqual(native(text));
    }
  });

  test.each([true, false])('bytes that are no UTF-8 are read as the standard does: %s', (bom) => {
    const options = { ignoreBOM: bom };
    const decoder = new TextDecoder('utf-8', options);
    const random = seededRandom(8);
    // Those at which the rules change, so that chance meets every pair and most triples of them.
    const edges = [
      ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf],
      ...[0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
    ];
    let replaced = 0;
    for (let round = 0; round < 50_000; round++) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 8) }, () =>
        random() < 0.8 ? edges[Math.floor(random() * edges.length)]! : Math.floor(random() * 256),
      );
      const text = decodeInJavaScript(bytes, options);
      if (text !== decoder.decode(bytes)) {
        expect([[...bytes], text]).toEqual([[...bytes], decoder.decode(bytes)]);
      }
      if (text.includes('\ufffd')) replaced++;
    }
    expect(replaced).toBeGreaterThan(10_000);
  });

  test('a byte order mark is left out at the start alone, unless it is to be kept', () => {
    const bytes = native('\ufeffa\ufeff');
    expect(decodeInJavaScript(bytes)).toBe('a\ufeff');
    expect(decodeInJavaScript(bytes, { ignoreBOM: true })).toBe('\ufeffa\ufeff');
  });

  test('long texts are read in pieces without a seam', () => {
    for (const letter of ['a', 'é', '漢', '😀', '\ufffd']) {
      for (const length of [4095, 4096, 4097, 10_000]) {
        const text = letter.repeat(length);
        expect(decodeInJavaScript(encoded(text))).toBe(text);
      }
    }
  });

  test('an encoder without encodeInto, as polyfills have, is passed over', async () => {
    const { TextEncoder: whole, TextDecoder: reader } = globalThis;
    try {
      Object.assign(globalThis, { TextEncoder: class {}, TextDecoder: undefined });
      const again: string = '../../src/foundation/utf8.ts?again'; // other tests keep theirs
      const fresh: typeof import('../../src/foundation/utf8.js') = await import(again);
      const bytes = fresh.encodeUtf8('naïve 漢字 😀');
      expect([...bytes]).toEqual([...Buffer.from('naïve 漢字 😀')]);
      expect(fresh.decodeUtf8(bytes)).toBe('naïve 漢字 😀');
    } finally {
      Object.assign(globalThis, { TextEncoder: whole, TextDecoder: reader });
    }
  });
});

test('with them the same comes out', () => {
  const room = new Uint8Array(64);
  const text = 'naïve \ud800 漢字 😀';
  expect(room.slice(0, encodeUtf8Into(text, room))).toEqual(encoded(text));
  expect(encodeUtf8(text)).toEqual(encoded(text));
  expect(decodeUtf8(encoded(text))).toBe('naïve \ufffd 漢字 😀');
});
