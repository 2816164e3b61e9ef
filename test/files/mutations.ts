import { seededRandom } from '../../src/foundation/random.js';

/** A text that something has damaged: the mutation of this number, always the same. */
export function mutate(text: string, number: number): string {
  const random = seededRandom(number);
  const below = (end: number) => Math.floor(end * random());
  const at = below(text.length);
  const put = (from: number, to: number, by: string) => text.slice(0, from) + by + text.slice(to);
  const value = /(?<=[:[,] ?)(?:-?\d[\d.e+-]*|true|false|null|"[^"]*")(?=[,\]}])/g;
  const values = [...text.matchAll(value)];
  const one = values[below(values.length)]!;
  const other = values[below(values.length)]!;
  const senseless = [
    'null',
    '-1',
    '0',
    '1e9',
    '3000000000',
    '0.5',
    '""',
    '[]',
    '{}',
    'true',
    '[[]]',
  ];
  switch (below(7)) {
    case 0: // a bit
      return put(at, at + 1, String.fromCharCode(text.charCodeAt(at) ^ (1 << below(7))));
    case 1: // a character
      return put(at, at + 1, String.fromCharCode(32 + below(95)));
    case 2: // a stretch that is missing
      return put(at, at + 1 + below(20), '');
    case 3: // the end
      return text.slice(0, at);
    case 4: // a value that is that of another place
      return put(one.index, one.index + one[0].length, other[0]);
    case 5: // a value that makes no sense
      return put(one.index, one.index + one[0].length, senseless[below(senseless.length)]!);
    default: {
      // a key that is missing
      const keys = [...text.matchAll(/"[a-z_A-Z]+": ?(?:-?[\d.]+|true|false|null|"[^"]*"),/g)];
      const key = keys[below(keys.length)]!;
      return put(key.index, key.index + key[0].length, '');
    }
  }
}
