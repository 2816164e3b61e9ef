import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { md5 } from '../../src/preprocessing/md5.js';

describe('md5', () => {
  test.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ])('of %j is that of RFC 1321', (text, digest) => {
    expect(md5(text)).toBe(BigInt(`0x${digest}`));
  });

  test('agrees with OpenSSL at every length around the padding', () => {
    for (let length = 0; length < 140; length++) {
      const text = `${'x'.repeat(length)}é🍕`;
      const digest = createHash('md5').update(text, 'utf8').digest('hex');
      expect(md5(text)).toBe(BigInt(`0x${digest}`));
    }
  });
});
