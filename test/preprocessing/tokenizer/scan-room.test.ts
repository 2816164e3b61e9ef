import { describe, expect, test } from 'vitest';
import { ByteScanner } from '../../../src/preprocessing/tokenizer/byte-scanner.js';
import { LONGEST, type ScanRoom } from '../../../src/preprocessing/tokenizer/scan-room.js';
import { DEFAULT_FILTERS, WordScanner } from '../../../src/preprocessing/tokenizer/word-scanner.js';
import { WordTable } from '../../../src/preprocessing/tokenizer/word-table.js';
import { ROOMS } from './rooms.js';

function wordsIn(
  text: string,
  room: ScanRoom,
  { filters = DEFAULT_FILTERS, lower = true, split = ' ' } = {},
): string[] {
  const scanner = ByteScanner.for(filters, lower, split, room)!;
  scanner.scan(text);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return Array.from({ length: scanner.count }, (_, k) =>
    decoder.decode(room.bytes.slice(room.edges[2 * k], room.edges[2 * k + 1])),
  );
}

/** Texts of this many characters, out of letters of one to four bytes and separators. */
function* textsOf(lengths: Iterable<number>): Generator<string> {
  const characters = Array.from("aabcdefghijz019' \t.,-!~\0\u001fé日🍕\u007f\u0080AZQ@[`{");
  for (const length of lengths) {
    yield Array.from(
      { length },
      () => characters[Math.floor(Math.random() * characters.length)],
    ).join('');
  }
}

describe.each(ROOMS)('a text scanned by %s', (_, room) => {
  test('has the words that are found character by character', () => {
    const plain = new WordScanner(DEFAULT_FILTERS, true, ' ');
    for (let repeat = 0; repeat < 5; repeat++) {
      for (const text of textsOf(Array.from({ length: 300 }, (_, length) => length))) {
        expect(wordsIn(text, room)).toEqual(plain.words(text));
        const ascii = text.replace(/[^\0-\x7f]/gu, 'X');
        expect(wordsIn(ascii, room)).toEqual(plain.words(ascii));
      }
    }
  });

  test('may consist of words or of separators only, of any length', () => {
    for (let length = 1; length < 200; length++) {
      expect(wordsIn('x'.repeat(length), room)).toEqual(['x'.repeat(length)]);
      expect(wordsIn(' '.repeat(length), room)).toEqual([]);
      expect(wordsIn(` x`.repeat(length), room)).toEqual(Array(length).fill('x'));
    }
    expect(wordsIn('', room)).toEqual([]);
  });

  test('is in lower case, if it should be, also where that is longer or depends on what follows', () => {
    const all = String.fromCharCode(...Array(128).keys());
    expect(wordsIn(all, room, { filters: '', split: '.' }).join('.')).toBe(all.toLowerCase());
    for (const text of ['İİ İstanbul', 'ΟΔΟΣ ΣΑΣ', 'ȺȾ K Å', 'ÀÉ AE', 'STRASSE ẞ']) {
      expect(wordsIn(text, room)).toEqual(text.toLowerCase().split(' '));
    }
    const longest = 'İ'.repeat(LONGEST);
    expect(wordsIn(longest, room)).toEqual([longest.toLowerCase()]);

    const scanner = ByteScanner.for('', false, ' ', room)!;
    scanner.scan('Aa ÀB');
    expect(new TextDecoder().decode(room.bytes.slice(0, 6))).toBe('Aa ÀB');
  });

  test('leaves nothing for the next one', () => {
    wordsIn('left over words '.repeat(1000), room);
    expect(wordsIn('a', room)).toEqual(['a']);
    expect(wordsIn('', room)).toEqual([]);
  });

  test('is split by any ASCII character, and by no byte of another one', () => {
    const all = String.fromCharCode(...Array(128).keys());
    for (const separator of all) {
      const words = all.split(separator).filter((word) => word !== '');
      expect(wordsIn(all, room, { filters: '', lower: false, split: separator })).toEqual(words);
    }
    const others = String.fromCodePoint(...Array.from({ length: 2000 }, (_, i) => 128 + 27 * i));
    expect(wordsIn(others, room, { filters: all, lower: false })).toEqual([others]);
  });

  test('may be as long as scanned texts are, and all of three-byte letters', () => {
    expect(wordsIn('日'.repeat(LONGEST), room)).toEqual(['日'.repeat(LONGEST)]);
    const scanner = ByteScanner.for('', true, ' ', room)!;
    scanner.scan('x '.repeat(LONGEST / 2));
    expect(scanner.count).toBe(LONGEST / 2);
  });

  test('is one word if nothing in it separates', () => {
    const scanner = ByteScanner.for('', true, ' ', room)!;
    const whole = ['new', 'new york', ' new', 'new ', '', ' ', 'né'].map((word) =>
      scanner.scanWord(word),
    );
    expect(whole).toEqual([true, false, false, false, false, false, true]);
  });

  test('has words with keys that tell them apart', () => {
    const words = ['', 'x', 'y'].flatMap((end) =>
      Array.from({ length: 40 }, (_, length) => `${'a\0é'.repeat(length)}${end}`),
    );
    const different = [...new Set(words.filter((word) => word !== ''))];
    const scanner = ByteScanner.for('', true, ' ', room)!;
    const table = new WordTable(' ');
    const numbers = new Int32Array(different.length);
    for (let again = 0; again < 2; again++) {
      scanner.scan(different.join(' '));
      table.number(scanner, numbers, true);
      expect([...numbers]).toEqual([...different.keys()]);
    }
    expect(table.words()).toEqual(different);
    scanner.scan(`${different[70]} unknown ${different[3]}`);
    table.number(scanner, numbers, false);
    expect([...numbers.subarray(0, 3)]).toEqual([70, -1, 3]);
  });
});

test('a key begins with the bytes of the word and its length in both', () => {
  for (const text of textsOf([100, 500])) {
    const [plain, fast] = ROOMS.map(([, room]) => {
      const { length } = wordsIn(text, room);
      return Array.from({ length }, (_, k) => [...room.keys.subarray(4 * k, 4 * k + 3)]);
    });
    expect(plain).toEqual(fast);
  }
});

test('equal words have equal hashes, and others hardly ever', () => {
  for (const [, room] of ROOMS) {
    const words = Array.from({ length: 20_000 }, (_, i) => `${'word'.repeat(i % 7)}${i}`);
    const text = words.join(' ');
    const hashes = () => {
      const { length } = wordsIn(text, room);
      return Array.from({ length }, (_, k) => room.keys[4 * k + 3]);
    };
    const first = hashes();
    expect(hashes()).toEqual(first);
    // Of so many drawn at random from 2³² about 0.05 would be equal to another.
    expect(new Set(first).size).toBeGreaterThan(words.length - 20);
  }
});
