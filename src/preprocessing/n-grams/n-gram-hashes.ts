/** N-grams as numbers: each run of one to n words of a text is a hash of 32 bits. */
import { mix32 } from '../../foundation/random.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const GOLDEN_RATIO = 0x9e3779b1;

/**
 * The hashes of all runs of one to `longest` words, in the order in which they end; those of one place
 * stand from the shortest to the longest. A run that occurs twice is there twice.
 *
 * A word's hash is FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo, 1991) over its UTF-16 code units. Each
 * further word to the left is mixed in by the finalizer of MurmurHash3, so that order counts.
 */
export function nGramHashes(words: readonly string[], longest: number): Int32Array {
  const ofWords = Int32Array.from(words, hashWord);
  const count = words.length;
  let total = 0;
  for (let n = 0; n < longest; n++) total += Math.max(0, count - n);
  const hashes = new Int32Array(total);
  let at = 0;
  for (let end = 0; end < count; end++) {
    let hash = 0;
    for (let back = 0; back < longest && back <= end; back++) {
      hash = mix32((Math.imul(hash, GOLDEN_RATIO) + ofWords[end - back]! + back) | 0);
      hashes[at++] = hash;
    }
  }
  return hashes;
}

function hashWord(word: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), FNV_PRIME);
  return mix32(hash);
}
