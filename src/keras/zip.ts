/**
 * Takes members out of a zip archive, such as Keras 3's `.keras`, without trusting it:
 * sizes are known and bounded before anything is inflated, and checksums are compared.
 *
 * Source: "APPNOTE.TXT - .ZIP File Format Specification" 6.3.10, sections 4.3.7 to 4.3.16.
 */
import { crc32 } from '../foundation/crc32.js';
import { reject, show } from '../foundation/errors.js';
import { decodeUtf8 } from '../foundation/utf8.js';

const END_SIGNATURE = 0x06054b50;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
const MEMBER_SIGNATURE = 0x02014b50;
const MEMBER_LENGTH = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

/** An archive may hold this much, and this many times its own length, once inflated. */
const ALWAYS_ALLOWED = 16 * 2 ** 20;
const ALLOWED_RATIO = 20;

interface Member {
  name: string;
  method: number;
  checksum: number;
  compressedSize: number;
  size: number;
  offset: number;
}

/** Whether these are the first bytes of a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === LOCAL_SIGNATURE;
}

/** An archive in memory. */
export interface Zip {
  names: readonly string[];
  has(name: string): boolean;
  /** The content of a member. */
  read(name: string): Promise<Uint8Array>;
}

/**
 * Reads the list of members.
 *
 * @throws RecurrentError for a damaged archive, for a member whose path climbs out, for two
 *   members of one name, and for members that would inflate beyond all measure.
 */
export function openZip(bytes: Uint8Array): Zip {
  const members = new Map<string, Member>();
  for (const member of listMembers(bytes)) {
    requireInside(member.name);
    if (members.has(member.name)) damaged(`it holds ${show(member.name)} twice`);
    members.set(member.name, member);
  }
  const total = [...members.values()].reduce((sum, { size }) => sum + size, 0);
  if (total > ALWAYS_ALLOWED + ALLOWED_RATIO * bytes.length) {
    reject({
      where: 'loadKerasModel',
      expected: `the archive of ${bytes.length} bytes would unfold into ${total}, more than is plausible`,
      remedy: 'Keras stores without compression. Save the model in Keras again.',
      see: 'damaged-keras-file',
    });
  }
  return {
    names: [...members.keys()],
    has: (name) => members.has(name),
    async read(name) {
      const member = members.get(name);
      if (member === undefined) damaged(`it holds no ${name}`);
      const content = await unfold(name, member, contentOf(bytes, member));
      if (content.length !== member.size || crc32(content) !== member.checksum) {
        damaged(`${name} has changed since it was written`);
      }
      return content;
    },
  };
}

function listMembers(bytes: Uint8Array): Member[] {
  const view = viewOf(bytes);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  let position = view.getUint32(end + 16, true);
  if (count === 0xffff || position === 0xffffffff) {
    reject({
      where: 'loadKerasModel',
      expected: 'archives beyond 4 GB cannot be read',
      remedy: 'Give the architecture as JSON and the weights as .weights.h5.',
      see: 'damaged-keras-file',
    });
  }
  return Array.from({ length: count }, () => {
    if (position + MEMBER_LENGTH > end || view.getUint32(position, true) !== MEMBER_SIGNATURE) {
      damaged('its list of members is broken');
    }
    const nameLength = view.getUint16(position + 28, true);
    const lengths = nameLength + view.getUint16(position + 30, true);
    const nameStart = position + MEMBER_LENGTH;
    if (nameStart + lengths > end) damaged('its list of members is broken');
    const name = decodeUtf8(bytes.subarray(nameStart, nameStart + nameLength));
    if (view.getUint16(position + 8, true) & ENCRYPTED) damaged(`${show(name)} is encrypted`);
    const member = {
      name,
      method: view.getUint16(position + 10, true),
      checksum: view.getUint32(position + 16, true),
      compressedSize: view.getUint32(position + 20, true),
      size: view.getUint32(position + 24, true),
      offset: view.getUint32(position + 42, true),
    };
    position = nameStart + lengths + view.getUint16(position + 32, true);
    return member;
  });
}

/** Where the record at the end begins; a comment may follow it. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_LENGTH - LONGEST_COMMENT);
  for (let at = view.byteLength - END_LENGTH; at >= first; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  damaged('its end is missing');
}

function contentOf(bytes: Uint8Array, { name, offset, compressedSize }: Member): Uint8Array {
  const view = viewOf(bytes);
  if (offset + LOCAL_LENGTH > bytes.length || view.getUint32(offset, true) !== LOCAL_SIGNATURE) {
    damaged(`${show(name)} is not where it should be`);
  }
  const lengths = view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  const start = offset + LOCAL_LENGTH + lengths;
  if (start + compressedSize > bytes.length) damaged(`${show(name)} ends too early`);
  return bytes.subarray(start, start + compressedSize);
}

async function unfold(name: string, { method, size }: Member, content: Uint8Array) {
  if (method === STORED) return content;
  if (method !== DEFLATED) damaged(`${name} is compressed by the unknown method ${method}`);
  const { inflateSync } = await import('fflate');
  try {
    // Into a buffer of the promised size, which it does not exceed.
    return inflateSync(content, { out: new Uint8Array(size) });
  } catch {
    damaged(`${name} cannot be inflated`);
  }
}

function requireInside(name: string): void {
  const climbs = name.split(/[\\/]/).includes('..') || /^([\\/]|[a-z]:)/i.test(name);
  if (!climbs && !name.includes('\0')) return;
  reject({
    where: 'loadKerasModel',
    expected: 'the members of an archive must stay inside it',
    received: name,
    remedy: 'This archive was not written by Keras; do not trust it.',
    see: 'damaged-keras-file',
  });
}

function damaged(how: string): never {
  reject({
    where: 'loadKerasModel',
    expected: `the .keras archive is damaged: ${how}`,
    remedy: 'Copy or download it again, or save it once more in Keras.',
    see: 'damaged-keras-file',
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
