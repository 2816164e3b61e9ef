/** As much of a WebSocket as a browser's remote control takes: Node 20 has none. RFC 6455. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

const [CONTINUED, TEXT, CLOSE, PING, PONG] = [0x0, 0x1, 0x8, 0x9, 0xa] as const;
const LAST = 0x80;
const MASKED = 0x80;

/** A connection that is open. */
export interface WebSocketClient {
  send(text: string): void;
  close(): void;
}

/** Connects to `ws://…`; `onText` hears every message, `onEnd` that there will be none any more. */
export function connect(
  address: string,
  onText: (text: string) => void,
  onEnd: () => void,
): Promise<WebSocketClient> {
  return new Promise((resolve, reject) => {
    const asked = request(address.replace(/^ws/, 'http'), {
      headers: {
        ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
        'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      },
    });
    asked.on('error', reject);
    asked.on('response', ({ statusCode }) => reject(new Error(`${address} said ${statusCode}`)));
    asked.on('upgrade', (_, socket: Socket, head) => {
      socket.on('error', onEnd).on('close', onEnd);
      readFrames(socket, head, onText);
      resolve({
        send: (text) => void socket.write(frame(TEXT, Buffer.from(text))),
        close: () => void socket.end(frame(CLOSE, Buffer.alloc(0))),
      });
    });
    asked.end();
  });
}

function readFrames(socket: Socket, head: Buffer, onText: (text: string) => void): void {
  let unread = head;
  let message: Buffer[] = [];
  const read = () => {
    for (let length = frameLength(unread); length !== null; length = frameLength(unread)) {
      const kind = unread[0]! & 0xf;
      const content = unread.subarray(length.before, length.before + length.content);
      if (kind === PING) socket.write(frame(PONG, content));
      if (kind === TEXT || kind === CONTINUED) message.push(content);
      if (kind <= TEXT && unread[0]! & LAST) {
        onText(Buffer.concat(message).toString());
        message = [];
      }
      unread = unread.subarray(length.before + length.content);
    }
  };
  socket.on('data', (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes]);
    read();
  });
  read();
}

/** Bytes before the content of the first frame, and of its content; null while it is not there as a whole. */
function frameLength(bytes: Buffer): { before: number; content: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const before = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < before) return null;
  const long = () => (short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
  const content = before === 2 ? short : long();
  return bytes.length < before + content ? null : { before, content };
}

/** What a client sends is masked. */
function frame(kind: number, content: Buffer): Buffer {
  const { length } = content;
  const size = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  size[0] = LAST | kind;
  size[1] = MASKED | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (size.length === 4) size.writeUInt16BE(length, 2);
  if (size.length === 10) size.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  const masked = content.map((byte, i) => byte ^ mask[i % 4]!);
  return Buffer.concat([size, mask, masked]);
}
