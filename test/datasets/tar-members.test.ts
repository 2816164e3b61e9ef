import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser, type ReadEntry } from 'tar';
import { describe, expect, it } from 'vitest';
import { TarMembers } from '../../src/datasets/tar-members.js';
import { type Member, memberBytes, tarBytes } from './tar-bytes.js';

/** A member as somebody read it. */
type Read = [path: string, type: string, content: string];

/** The members of an archive as the package tar reads them. */
function byTar(bytes: Buffer): Read[] {
  const members: Read[] = [];
  const take = (entry: ReadEntry) => {
    const parts: Buffer[] = [];
    entry.on('data', (part: Buffer) => parts.push(part));
    const read: Read = [entry.path, entry.type.replace(/^OldFile$/, 'File'), ''];
    members.push(read);
    entry.on('end', () => {
      read[2] = Buffer.concat(parts).toString('latin1');
    });
  };
  const parser = new Parser({ onReadEntry: take });
  parser.write(bytes);
  parser.end();
  return members;
}

/** The same by {@link TarMembers}, fed in chunks, and how the archive ended. */
function byOurs(bytes: Buffer, chunk = bytes.length) {
  const members: Read[] = [];
  const reader = new TarMembers(({ path, type }) => {
    const read: Read = [path, type, ''];
    members.push(read);
    return (content) => {
      read[2] = Buffer.from(content).toString('latin1');
    };
  });
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  return { members, end: reader.end() };
}

const text = (length: number) => 'All work and no play. '.repeat(length / 20).slice(0, length);

const MEMBERS: Member[] = [
  { name: 'reviews/', type: '5' },
  { name: 'reviews/empty.txt' },
  { name: 'reviews/short.txt', content: 'A delight.' },
  { name: 'reviews/block.txt', content: text(512) },
  { name: 'reviews/link.txt', type: '2', link: 'short.txt' },
  { name: 'reviews/long.txt', content: text(5000) },
  { name: 'reviews/last.txt', content: text(513) },
];

/** An extended header (pax) that gives the next member another path. */
const pax = (record: string): Member => {
  const body = ` ${record}\n`;
  return { name: 'PaxHeader', type: 'x', content: `${Buffer.byteLength(body) + 2}${body}` };
};

/** Writes the checksum of the header at `at`. */
function sign(bytes: Buffer, at: number): void {
  bytes.fill(' ', at + 148, at + 156);
  const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
}

describe('TarMembers reads what the package tar reads', () => {
  it.each([1, 7, 511, 512, 513, 1500, 1 << 20])('in chunks of %i bytes', (chunk) => {
    const bytes = tarBytes(MEMBERS);
    expect(byOurs(bytes, chunk)).toEqual({ members: byTar(bytes), end: 'whole' });
  });

  it('with the paths and sizes of extensions', () => {
    const bytes = tarBytes([...MEMBERS.slice(0, 3), pax('path=renämed.txt'), ...MEMBERS.slice(3)]);
    const { members, end } = byOurs(bytes, 700);
    expect(members).toEqual(byTar(bytes));
    expect(members[3]![0]).toBe('renämed.txt');
    expect(end).toBe('whole');
  });

  it.each(['gnu', 'pax', 'ustar', 'v7', 'oldgnu'])('as GNU tar writes the format %s', (format) => {
    const folder = mkdtempSync(join(tmpdir(), 'tar-members-'));
    try {
      // Longer than a name of v7 may be, and for ustar with a prefix.
      const deep = format === 'v7' ? 'deep' : `${'long'.repeat(20)}/${'folder'.repeat(10)}`;
      mkdirSync(join(folder, deep), { recursive: true });
      writeFileSync(join(folder, deep, 'è.txt'), 'Très bon.');
      writeFileSync(join(folder, deep, 'long.txt'), text(3000));
      const args = ['cf', 'all.tar', `--format=${format}`, '--sort=name', deep.split('/')[0]!];
      execFileSync('tar', args, { cwd: folder });
      const bytes = readFileSync(join(folder, 'all.tar'));
      const { members, end } = byOurs(bytes, 1000);
      expect(members).toEqual(byTar(bytes));
      expect(
        members
          .filter(([, type]) => type === 'File')
          .map(([path]) => path)
          .sort(),
      ).toEqual([`${deep}/long.txt`, `${deep}/è.txt`]);
      expect(end).toBe('whole');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('with a size in base 256', () => {
    const bytes = tarBytes([{ name: 'a.txt', content: text(700) }]);
    bytes.fill(0, 124, 136);
    bytes[124] = 0x80;
    bytes.writeUInt32BE(700, 132);
    sign(bytes, 0);
    expect(byOurs(bytes)).toEqual({ members: byTar(bytes), end: 'whole' });
  });
});

describe('TarMembers tells', () => {
  const whole = tarBytes(MEMBERS);

  it('an archive that was cut, within a member and between two', () => {
    for (const length of [whole.length - 512, whole.length - 1024, 2500, 1024]) {
      expect(byOurs(whole.subarray(0, length)).end).toBe('cut');
    }
  });

  it('one with a damaged header, and reads nothing behind it', () => {
    const bytes = Buffer.from(whole);
    bytes[512 + 3]! ^= 1;
    const { members, end } = byOurs(bytes);
    expect(end).toBe('damaged');
    expect(members.map(([path]) => path)).toEqual(['reviews/']);
  });

  it.each<[string, Member]>([
    ['whose length is no number', { ...pax(''), content: 'x path=a\n' }],
    ['that is longer than its extension', { ...pax(''), content: '99 path=a\n' }],
    ['without an equals sign', pax('path')],
    ['with a size that is no number', pax('size=1e3')],
    ['in an extension of absurd length', { ...pax('path=a'), size: 2 ** 30 }],
  ])('one with a record %s', (_, extension) => {
    const bytes = Buffer.concat([memberBytes(MEMBERS[0]!), memberBytes(extension), whole]);
    expect(byOurs(bytes).end).toBe('damaged');
  });

  it('what is none', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('<html>'), Buffer.alloc(2000, 'page')]) {
      expect(byOurs(bytes)).toEqual({ members: [], end: 'not a tar archive' });
    }
  });
});
