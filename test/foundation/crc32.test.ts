import { crc32 as nodeCrc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { crc32 } from '../../src/foundation/crc32.js';
import { seededRandom } from '../../src/foundation/random.js';

const random = seededRandom(1);
const bytes = Uint8Array.from({ length: 300 }, () => 256 * random());

it('is the checksum of zip archives', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926); // the check value of ISO 3309
  for (let length = 0; length < bytes.length; length++) {
    expect(crc32(bytes.subarray(0, length))).toBe(nodeCrc32(bytes.subarray(0, length)));
  }
});

it('goes on from the checksum of what comes before', () => {
  expect(crc32(bytes.subarray(100), crc32(bytes.subarray(0, 100)))).toBe(crc32(bytes));
});
