import { crc32 as nodeCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32, crc32InScript } from '../../src/foundation/crc32.js';
import { seededRandom } from '../../src/foundation/random.js';

const random = seededRandom(1);
const bytes = Uint8Array.from({ length: 300 }, () => 256 * random());

describe.each([
  ['crc32', crc32],
  ['crc32InScript, as in a page', crc32InScript],
])('%s', (_, checksum) => {
  it('is the checksum of zip archives', () => {
    expect(checksum(new TextEncoder().encode('123456789'), 0)).toBe(0xcbf43926); // the check value of ISO 3309
    for (let length = 0; length < bytes.length; length++) {
      expect(checksum(bytes.subarray(0, length), 0)).toBe(nodeCrc32(bytes.subarray(0, length)));
    }
  });

  it('goes on from the checksum of what comes before', () => {
    const before = checksum(bytes.subarray(0, 100), 0);
    expect(checksum(bytes.subarray(100), before)).toBe(checksum(bytes, 0));
  });
});
