/** The messages that make up an object of an HDF5 file (specification, IV.A). */
import { type Cursor, damaged, type Source, unsupported } from './source.js';

/** Types of messages, by their numbers. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  groupInfo: 0x0a,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** One message; its content can be read again and again. */
export interface Message {
  type: number;
  open(): Cursor;
}

const SHARED = 0x02;
const HAS_TIMES = 0x20;
const HAS_ATTRIBUTE_LIMITS = 0x10;
const TRACKS_CREATION_ORDER = 0x04;
const CHECKSUM = 4;

/** A block of messages, the first one or a continuation. */
interface Block {
  address: number;
  length: number;
}

/** All messages of the object at `address`. */
export function readMessages(source: Source, address: number): Message[] {
  const start = source.at(address);
  return start.signature('OHDR') ? readVersion2(source, start) : readVersion1(source, start);
}

function readVersion1(source: Source, start: Cursor): Message[] {
  const version = start.u8();
  if (version !== 1) damaged(`an object has the unknown version ${version}`);
  start.skip(1);
  const count = start.u16();
  start.skip(4);
  const length = start.u32();
  start.skip(4); // up to a multiple of 8
  const blocks: Block[] = [{ address: start.position, length }];
  const messages: Message[] = [];
  for (const block of blocks) {
    const cursor = source.at(block.address, block.length);
    while (cursor.left >= 8 && messages.length < count) {
      const type = cursor.u16();
      const size = cursor.u16();
      const flags = cursor.u8();
      cursor.skip(3);
      addMessage(source, messages, blocks, { type, flags, content: cursor.part(size) });
    }
  }
  return messages;
}

function readVersion2(source: Source, start: Cursor): Message[] {
  const version = start.u8();
  if (version !== 2) damaged(`an object has the unknown version ${version}`);
  const flags = start.u8();
  if (flags & HAS_TIMES) start.skip(16);
  if (flags & HAS_ATTRIBUTE_LIMITS) start.skip(4);
  const length = start.unsigned(1 << (flags & 3));
  const blocks: Block[] = [{ address: start.position, length }];
  const messages: Message[] = [];
  const headLength = flags & TRACKS_CREATION_ORDER ? 6 : 4;
  for (const [i, block] of blocks.entries()) {
    const cursor = source.at(block.address, block.length);
    if (i > 0) cursor.expectSignature('OCHK');
    const after = i > 0 ? CHECKSUM : 0;
    while (cursor.left - after >= headLength) {
      const type = cursor.u8();
      const size = cursor.u16();
      const messageFlags = cursor.u8();
      cursor.skip(headLength - 4);
      const content = cursor.part(size);
      addMessage(source, messages, blocks, { type, flags: messageFlags, content });
    }
  }
  return messages;
}

function addMessage(
  source: Source,
  messages: Message[],
  blocks: Block[],
  { type, flags, content }: { type: number; flags: number; content: Cursor },
): void {
  source.spend(32);
  if (type === MESSAGE.continuation) {
    blocks.push({ address: content.address(), length: content.length() });
  }
  const { position, end } = content;
  messages.push({
    type,
    open() {
      if (flags & SHARED) unsupported('a shared datatype');
      return source.at(position, end - position);
    },
  });
}
