import {
  roomOfJavaScript,
  roomOfWebAssembly,
  type ScanRoom,
} from '../../../src/preprocessing/tokenizer/scan-room.js';

/** The rooms in which texts are scanned, for `describe.each`. */
export const ROOMS: [string, ScanRoom][] = [
  ['WebAssembly', roomOfWebAssembly()!],
  ['JavaScript', roomOfJavaScript()],
];
