/** Tar archives byte by byte, so that tests can make the ones that no tool would. */

export interface Member {
  name: string;
  content?: string | Uint8Array;
  /** `0` a file, `1` a hard link, `2` a symbolic link, `3` a device, `5` a folder. */
  type?: string;
  link?: string;
  /** What the header says, where that is not the truth. */
  size?: number;
}

/** The members one after another, and the two empty blocks that close an archive. */
export function tarBytes(members: readonly Member[]): Buffer {
  return Buffer.concat([...members.map(memberBytes), Buffer.alloc(1024)]);
}

/** Header and padded content of one member, in the ustar format. */
export function memberBytes({ name, content = '', type = '0', link = '', size }: Member): Buffer {
  const body = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, '0');
  header.write(name, 0, 100);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size ?? body.length, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 7)}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
