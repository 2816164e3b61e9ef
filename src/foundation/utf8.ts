/**
 * Text to UTF-8 and back, as the Encoding Standard has it (encoding.spec.whatwg.org, 8.1): half a
 * surrogate pair and bytes that are no UTF-8 become U+FFFD. By TextEncoder and TextDecoder where
 * there are any; Hermes, which runs React Native, comes without.
 */

const REPLACEMENT = 0xfffd;
const BYTE_ORDER_MARK = 0xfeff;

let encoder: TextEncoder | null | undefined;

/** The bytes of a text. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 * text.length); // no code unit takes more
  return bytes.slice(0, encodeUtf8Into(text, bytes));
}

/** Writes a text into `bytes`, which has room for it, and returns how many bytes it takes. */
export function encodeUtf8Into(text: string, bytes: Uint8Array): number {
  encoder ??= typeof TextEncoder === 'undefined' ? null : new TextEncoder();
  if (typeof encoder?.encodeInto !== 'function') return encodeInJavaScript(text, bytes);
  return encoder.encodeInto(text, bytes).written;
}

/**
 * The text of some bytes.
 *
 * @param options `ignoreBOM`: as in TextDecoder, whether a byte order mark at the start is text
 *   like any other; false by default, which leaves it out.
 */
export function decodeUtf8(bytes: Uint8Array, options: { ignoreBOM?: boolean } = {}): string {
  if (typeof TextDecoder === 'undefined') return decodeInJavaScript(bytes, options);
  return new TextDecoder('utf-8', options).decode(bytes);
}

/** {@link encodeUtf8Into} where there is no TextEncoder. */
export function encodeInJavaScript(text: string, bytes: Uint8Array): number {
  let at = 0;
  for (let unit = 0; unit < text.length; unit++) {
    let point = text.codePointAt(unit) as number;
    if (point >= 0x10000) unit++;
    else if (point >= 0xd800 && point < 0xe000) point = REPLACEMENT;
    if (point < 0x80) {
      bytes[at++] = point;
      continue;
    }
    // Six bits a byte behind the first, which says how many there are.
    const following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    bytes[at++] = ((0xff00 >> (following + 1)) & 0xff) | (point >> (6 * following));
    for (let k = following - 1; k >= 0; k--) bytes[at++] = 0x80 | ((point >> (6 * k)) & 0x3f);
  }
  return at;
}

// Arguments of a call are put on the stack, where there is no room for a whole file.
const UNITS_AT_ONCE = 4096;

/** {@link decodeUtf8} where there is no TextDecoder. */
export function decodeInJavaScript(
  bytes: Uint8Array,
  { ignoreBOM = false }: { ignoreBOM?: boolean } = {},
): string {
  const parts: string[] = [];
  const units = new Uint16Array(UNITS_AT_ONCE);
  let count = 0;
  const flush = () => {
    parts.push(String.fromCharCode(...units.subarray(0, count)));
    count = 0;
  };
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const lead = bytes[at++] as number;
    let point = lead;
    if (lead >= 0x80) {
      const following = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
      point = following === 0 ? REPLACEMENT : lead & (0x3f >> following);
      for (let k = 0; k < following; k++) {
        const byte = bytes[at] ?? 0;
        // What ends a character too early is not part of it, and is read again as the next.
        if (k === 0 ? !mayBeSecond(lead, byte) : (byte & 0xc0) !== 0x80) {
          point = REPLACEMENT;
          break;
        }
        point = (point << 6) | (byte & 0x3f);
        at++;
      }
    }
    if (start === 0 && point === BYTE_ORDER_MARK && !ignoreBOM) continue;
    if (count + 2 > UNITS_AT_ONCE) flush();
    if (point < 0x10000) units[count++] = point;
    else {
      units[count++] = 0xd7c0 + (point >> 10);
      units[count++] = 0xdc00 | (point & 0x3ff);
    }
  }
  flush();
  return parts.join('');
}

/** Whether a second byte makes neither a longer form than needed, nor a surrogate, nor too much. */
function mayBeSecond(lead: number, byte: number): boolean {
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= lowest && byte <= highest;
}
