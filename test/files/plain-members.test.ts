import { Parser, type ReadEntry } from 'tar';
import { describe, expect, it } from 'vitest';
import { PlainMembers, plainHeader } from '../../src/files/plain-members.js';
import { type Member, memberBytes, tarBytes } from './tar-bytes.js';

/** A member as somebody read it. */
type Read = [path: string, content: string];

/** The members of an archive by the parser alone. */
function byParser(bytes: Buffer): Read[] {
  const members: Read[] = [];
  const parser = parserInto(members);
  parser.write(bytes);
  parser.end();
  return members;
}

/** The same with {@link PlainMembers} before it, fed in chunks; also how many were plain. */
function byBoth(bytes: Buffer, chunk: number): { members: Read[]; plain: number } {
  const members: Read[] = [];
  let plain = 0;
  const parser = parserInto(members);
  const reader = new PlainMembers(
    ({ path, size }) => {
      plain++;
      if (path.endsWith('/') || path.includes('skip')) {
        members.push([path, path.endsWith('/') ? '' : `${size} bytes`]);
        return undefined;
      }
      return (content) => members.push([path, content.toString('latin1')]);
    },
    (part) => parser.write(part),
  );
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  parser.end();
  return { members, plain };
}

function parserInto(members: Read[]): Parser {
  const parser = new Parser({
    onReadEntry: (entry: ReadEntry) => {
      const parts: Buffer[] = [];
      entry.on('data', (part: Buffer) => parts.push(part));
      entry.on('end', () => {
        const content = Buffer.concat(parts);
        const skipped = entry.path.includes('skip');
        // One that was cut is told as an end as well.
        if (!skipped && content.length < entry.size) return;
        members.push([entry.path, skipped ? `${entry.size} bytes` : content.toString('latin1')]);
      });
    },
  });
  parser.on('warn', () => {});
  return parser;
}

const text = (length: number) => 'All work and no play. '.repeat(length / 20).slice(0, length);

const MEMBERS: Member[] = [
  { name: 'reviews/', type: '5' },
  { name: 'reviews/empty.txt' },
  { name: 'reviews/short.txt', content: 'A delight.' },
  { name: 'reviews/block.txt', content: text(512) },
  { name: 'reviews/skip.bin', content: text(1500) },
  { name: 'reviews/long.txt', content: text(5000) },
  { name: 'reviews/last.txt', content: text(513) },
];

/** An extended header (pax) that gives the next member another path. */
const pax = (path: string): Member => {
  const body = ` path=${path}\n`;
  return { name: 'PaxHeader', type: 'x', content: `${body.length + 2}${body}` };
};

describe('PlainMembers, with the parser behind it, reads what the parser reads', () => {
  it.each([1, 7, 511, 512, 513, 1500, 1 << 20])('in chunks of %i bytes', (chunk) => {
    const bytes = tarBytes(MEMBERS);
    const { members, plain } = byBoth(bytes, chunk);
    expect(members).toEqual(byParser(bytes));
    expect(plain).toBe(MEMBERS.length - 1);
  });

  it('from an extension of the format on', () => {
    const renamed = [...MEMBERS.slice(0, 3), pax('renamed.txt'), ...MEMBERS.slice(3)];
    const bytes = tarBytes(renamed);
    const { members, plain } = byBoth(bytes, 700);
    expect(members).toEqual(byParser(bytes));
    expect(members[3]).toEqual(['renamed.txt', text(512)]);
    expect(plain).toBe(2);
  });

  it('whatever a header says', () => {
    const whole = tarBytes(MEMBERS);
    const headers: number[] = [];
    for (let at = 0; at < whole.length - 1024; ) {
      headers.push(at);
      at += 512 + 512 * Math.ceil(plainHeader(whole, at)!.size / 512);
    }
    let stayedPlain = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = Buffer.from(whole);
      const header = headers[Math.floor(Math.random() * headers.length)]!;
      for (let change = 0; change < 1 + (round % 3); change++) {
        const at = header + Math.floor(Math.random() * 512);
        bytes[at] = [0, 0x20, 0x2f, 0x30, 0x35, 0x37, 0x78, 0x80, 0xff][
          Math.floor(Math.random() * 9)
        ]!;
      }
      // With the checksum of what it says now, or it would not be looked at further.
      if (round % 5 > 0) sign(bytes, header);
      const { members } = byBoth(bytes, 4096);
      expect(members).toEqual(byParser(bytes));
      if (plainHeader(bytes, header) !== undefined) stayedPlain++;
    }
    expect(stayedPlain).toBeGreaterThan(500);
    expect(stayedPlain).toBeLessThan(2500);
  });
});

describe('a header is not plain', () => {
  const plain = { name: 'a/b.txt', content: 'text' };
  const changed = (change: (header: Buffer) => void): Buffer => {
    const bytes = memberBytes(plain);
    change(bytes);
    sign(bytes, 0);
    return bytes;
  };

  it('unless nothing is wrong with it', () => {
    expect(plainHeader(memberBytes(plain), 0)).toEqual({ path: 'a/b.txt', size: 4 });
    const gnu = changed((header) => header.write('ustar  \0', 257, 'latin1'));
    expect(plainHeader(gnu, 0)).toEqual({ path: 'a/b.txt', size: 4 });
    const longest = memberBytes({ name: 'n'.repeat(100) });
    expect(plainHeader(longest, 0)?.path).toHaveLength(100);
  });

  it.each<[string, (header: Buffer) => void]>([
    ['of a link', (header) => header.write('2', 156)],
    ['of an extension', (header) => header.write('x', 156)],
    ['of a file as before POSIX', (header) => header.fill(0, 156, 157)],
    ['of another format', (header) => header.fill(0, 257, 265)],
    ['with a link target', (header) => header.write('x', 157)],
    ['with a prefix', (header) => header.write('dir', 345)],
    ['with a size in base 256', (header) => header.fill(0x80, 124, 125)],
    ['with an owner in base 256', (header) => header.fill(0x80, 108, 109)],
    ['with a size that does not end', (header) => header.write('7', 135)],
    ['with a name that goes on behind its end', (header) => header.write('x', 50)],
    ['with a control character in its name', (header) => header.write('\n', 2)],
    ['with a name that is not ASCII', (header) => header.write('é', 2)],
    ['without a name', (header) => header.fill(0, 0, 100)],
    ['of a file whose name ends like that of a folder', (header) => header.write('a/b.txt/', 0)],
    ['of a folder with content', (header) => header.write('a/b.txt/', 0) && header.write('5', 156)],
  ])('%s', (_, change) => {
    expect(plainHeader(changed(change), 0)).toBeUndefined();
  });

  it('with a checksum that does not fit', () => {
    const bytes = memberBytes(plain);
    bytes.write('b', 0);
    expect(plainHeader(bytes, 0)).toBeUndefined();
  });
});

/** Writes the checksum of the header at `at`. */
function sign(bytes: Buffer, at: number): void {
  bytes.fill(' ', at + 148, at + 156);
  const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
}
