/** Memory that one thread writes while another writes its own. */
import type { Workplace } from './call.js';

const ALIGNMENT = 128;
const SLACK = 16; // as in memory.ts: kernels may write one vector past an end

// A processor that sees a thread go through memory in order fetches what lies ahead, kilobytes of
// it, and so takes from another processor the lines that it is writing to. With what two threads
// write side by side, predicting took 15 to 30 % longer.
const AHEAD = 32_768;

/**
 * Scratch for a shard that writes the same few kilobytes all the time, far enough from that of any
 * other.
 *
 * @param bytes How much is needed of each; its values become their addresses.
 */
export function apart<Name extends string>(
  place: Workplace,
  bytes: Record<Name, number>,
): Record<Name, number> {
  let size = 0;
  for (const name in bytes) size += room(bytes[name]);
  let address = place.scratch(size + AHEAD);
  for (const name in bytes) {
    const taken = room(bytes[name]);
    bytes[name] = address;
    address += taken;
  }
  return bytes;
}

function room(bytes: number): number {
  return ALIGNMENT * Math.ceil((bytes + SLACK) / ALIGNMENT);
}
