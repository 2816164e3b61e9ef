import { describe, expect, it } from 'vitest';
import { JoinedTexts } from '../../src/datasets/joined-texts.js';

const ascii = (length: number, start = 0) =>
  Array.from({ length }, (_, index) => String.fromCharCode(32 + ((start + index) % 95))).join('');

/** Adds texts and returns those that were handed out, by their place; null for one not taken. */
function join(texts: readonly string[]): { received: (string | null)[]; before: number } {
  const joined = new JoinedTexts();
  const received: (string | null)[] = texts.map(() => null);
  for (const [place, text] of texts.entries()) {
    const content = Buffer.from(text);
    joined.add(content, (given) => {
      received[place] = given;
    });
    content.fill(0); // What it was given may be overwritten.
  }
  const before = received.filter((text) => text !== null).length;
  joined.flush();
  return { received, before };
}

describe('JoinedTexts', () => {
  it('hands every text out as it was, at the flush', () => {
    const texts = [ascii(64), ascii(100, 7), ascii(2000, 3), ascii(64)];
    expect(join(texts)).toEqual({ received: texts, before: 0 });
  });

  it('leaves short and long ones, and those that are not ASCII, to others', () => {
    const texts = [ascii(63), `${ascii(100)}é`, `${ascii(100)}😀`, ascii(65_537), ascii(65_536)];
    expect(join(texts).received).toEqual([null, null, null, null, texts[4]]);
  });

  it('makes room when it is full', () => {
    const texts = Array.from({ length: 50 }, (_, index) => ascii(60_000, index));
    const { received, before } = join(texts);
    expect(received).toEqual(texts);
    expect(before).toBe(34); // two times seventeen in a megabyte
  });

  it('has nothing to hand out twice', () => {
    const joined = new JoinedTexts();
    let times = 0;
    joined.add(Buffer.from(ascii(80)), () => times++);
    joined.flush();
    joined.flush();
    expect(times).toBe(1);
  });
});
