import { writeFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Review, writeReviews } from './sample/reviews.js';

/** How many reviews each half of the sample holds. */
export const SAMPLE_SIZE = { train: 3000, test: 1000 } as const;

/** The two halves of a corpus, each with as many positive as negative reviews. */
export interface SampleCorpus {
  train: Review[];
  test: Review[];
}

/**
 * Invents film reviews to try the example with: no download, and small enough
 * to learn in seconds. No text and no film occurs twice, neither within a half
 * nor across the two.
 *
 * @param seed The same seed invents the same reviews. Default 1.
 */
export function inventSampleCorpus(seed = 1): SampleCorpus {
  const taken = new Set<string>();
  return {
    train: writeReviews(SAMPLE_SIZE.train, seed, taken),
    test: writeReviews(SAMPLE_SIZE.test, seed + 0x5eed, taken),
  };
}

/**
 * Writes the sample as the Large Movie Review Dataset comes unpacked:
 * `train/pos/0_9.txt`, `<number>_<rating>.txt`, one review a file.
 *
 * @param directory Replaced when it exists: name one that holds nothing else.
 * @param seed See {@link inventSampleCorpus}.
 */
export async function writeSampleCorpus(directory: string, seed = 1): Promise<void> {
  // Written beside its place and moved there, so that no half corpus is left behind.
  const draft = `${directory}.${process.pid}.tmp`;
  try {
    for (const [half, reviews] of Object.entries(inventSampleCorpus(seed))) {
      await writeHalf(join(draft, half), reviews);
    }
    await rm(directory, { recursive: true, force: true });
    await rename(draft, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function writeHalf(directory: string, reviews: readonly Review[]): Promise<void> {
  const numbers = { pos: 0, neg: 0 };
  for (const label of ['pos', 'neg']) await mkdir(join(directory, label), { recursive: true });
  for (const { text, rating } of reviews) {
    const label = rating > 5 ? 'pos' : 'neg';
    // At once: thousands of small files take several times as long one promise after the other.
    writeFileSync(join(directory, label, `${numbers[label]++}_${rating}.txt`), text);
  }
}
