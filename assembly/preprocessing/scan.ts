// Where the words of a text begin and end, what a table of words looks for, and what it finds; a
// binary of its own, not part of index.ts. Compares 16 bytes at a time and writes down only the
// places where the kind of byte changes (the method of Langdale and Lemire, "Parsing Gigabytes of
// JSON per Second", 2019, for classes of characters and for the places of set bits).

/** The addresses of src/preprocessing/tokenizer/scan-room.ts; memory is as large as they need. */
const SETS: usize = 0; // 16 bytes: for each low half of a byte the high halves that separate, as bits
const FACTOR_1: usize = 16; // two odd u64
const FACTOR_2: usize = 24;
const TEXT: usize = 64;
const EDGES: usize = TEXT + 3 * (1 << 18) + 64; // i32
const KEYS: usize = EDGES + 4 * 3 * (1 << 18) + 64; // i32 [word, 4]
const SLOTS: usize = KEYS + 16 * (3 * (1 << 17) + 1); // i32 [slot, 4]: 8 bytes, length or 0 if free, index
const REST: usize = SLOTS + 16 * (1 << 19); // usize [slot]: the address of all bytes of the word

/** Bit k is set where byte k of 64 separates words. */
// @ts-ignore: decorator
@inline
function separators(at: usize): u64 {
  const sets = v128.load(SETS);
  return <u64>separators16(at, sets) | (<u64>separators16(at + 16, sets) << 16)
    | (<u64>separators16(at + 32, sets) << 32) | (<u64>separators16(at + 48, sets) << 48);
}

// @ts-ignore: decorator
@inline
function separators16(at: usize, sets: v128): u32 {
  const bytes = v128.load(at);
  const highs = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0); // no byte from 128 on separates
  const set = i8x16.swizzle(sets, v128.and(bytes, i8x16.splat(15)));
  const bit = i8x16.swizzle(highs, i8x16.shr_u(bytes, 4));
  return i8x16.bitmask(i8x16.ne(v128.and(set, bit), i8x16.splat(0)));
}

/**
 * Writes where each word of the text begins and ends, and its key, and returns how many there are.
 * `lower` is for ASCII.
 */
export function scan(length: i32, separator: i32, lower: i32): i32 {
  if (lower) toLowerCase(TEXT + <usize>length);
  memory.fill(TEXT + <usize>length, <u8>separator, 64);
  let edge = EDGES;
  let before: u64 = 1;
  for (let at = 0; at <= length; at += 64) {
    const now = separators(TEXT + <usize>at);
    let changes = now ^ ((now << 1) | before);
    before = now >>> 63;
    const next = edge + (<usize>popcnt(changes) << 2);
    // Eight at a time, whether there are as many or not, so that few branches are mispredicted.
    for (; changes; edge += 32) {
      for (let k: usize = 0; k < 32; k += 4) {
        store<i32>(edge + k, at + <i32>ctz(changes));
        changes &= changes - 1;
      }
    }
    edge = next;
  }
  const words = <i32>((edge - EDGES) >> 3);
  writeKeys(words);
  return words;
}

function toLowerCase(end: usize): void {
  for (let at = TEXT; at < end; at += 16) {
    const bytes = v128.load(at);
    const upper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26));
    v128.store(at, v128.or(bytes, v128.and(upper, i8x16.splat(0x20))));
  }
}

// A key is the first eight bytes of a word, its length and a hash of all its bytes: multiplicative
// hashing (Knuth, TAOCP 3, 6.4), of which the high half is kept.
function writeKeys(words: i32): void {
  const factor = load<u64>(FACTOR_1), lastFactor = load<u64>(FACTOR_2);
  let edge = EDGES, key = KEYS;
  for (const end = key + (<usize>words << 4); key < end; key += 16) {
    const start = load<i32>(edge), length = load<i32>(edge, 4) - start;
    const word = TEXT + <usize>start;
    const first = eightBytes(word, length);
    let hash = first * factor;
    for (let at = 8; at < length; at += 8) {
      hash = (hash ^ (hash >>> 32) ^ eightBytes(word + <usize>at, length - at)) * factor;
    }
    hash = (hash ^ (hash >>> 32) ^ <u64>length) * lastFactor;
    store<u64>(key, first);
    store<i32>(key, length, 8);
    store<i32>(key, <i32>(hash >>> 32), 12);
    edge += 8;
  }
}

/** The bytes at an address of which `left` belong to the word; zeros for the others. */
// @ts-ignore: decorator
@inline
function eightBytes(at: usize, left: i32): u64 {
  return load<u64>(at) & (<u64>-1 >>> <u64>(64 - (min(left, 8) << 3)));
}

/**
 * Writes the index of each word of the text in place of the edges, leaving out what is below zero,
 * and returns how many they are. The table has 2^bits slots.
 */
export function lookUp(words: i32, bits: i32, unknown: i32): i32 {
  const shift = 32 - bits, end = SLOTS + (<usize>16 << bits);
  let key = KEYS, edge = EDGES, out = EDGES;
  for (const last = key + (<usize>words << 4); key < last; key += 16) {
    const first = load<u64>(key), length = load<i32>(key, 8), word = TEXT + <usize>load<i32>(edge);
    let slot = SLOTS + (<usize>(load<u32>(key, 12) >>> shift) << 4), index = unknown;
    for (let taken = load<i32>(slot, 8); taken; taken = load<i32>(slot, 8)) {
      if (load<u64>(slot) == first && taken == length && (length <= 8 || restIs(slot, word, length))) {
        index = load<i32>(slot, 12);
        break;
      }
      slot += 16;
      if (slot == end) slot = SLOTS;
    }
    // Whether it is kept is as good as random for a processor: no branch.
    store<i32>(out, index);
    out += (~index >>> 31) << 2;
    edge += 8;
  }
  return <i32>((out - EDGES) >> 2);
}

/** Whether the word in a slot has the bytes at `word` from the ninth on. */
function restIs(slot: usize, word: usize, length: i32): bool {
  const known = load<usize>(REST + ((slot - SLOTS) >> 2));
  for (let at = 8; at < length; at += 8) {
    if (eightBytes(known + <usize>at, length - at) != eightBytes(word + <usize>at, length - at)) return false;
  }
  return true;
}
