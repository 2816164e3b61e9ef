/** Which members of an archive are reviews of the IMDb dataset, and how its halves are made of them. */
import { FileError } from '../foundation/errors.js';
import { rejectFile } from '../foundation/reject-file.js';
import type { ArchiveTexts } from './archive-members.js';
import type { ClassFolder, LabelledTexts } from './labelled-texts.js';
import { isTextName, shareOfLimit } from './text-file.js';

/** The Large Movie Review Dataset: both halves, positive reviews (label 1) before negative (0). */
export interface Imdb {
  /** The half to learn from. */
  train: LabelledTexts;
  /** The half to evaluate on. */
  test: LabelledTexts;
}

export type Half = 'train' | 'test';

/** As published: the positive reviews first, though their label is the higher one. */
export function classesOf(half: Half): ClassFolder[] {
  return [
    { folder: `${half}/pos`, label: 1 },
    { folder: `${half}/neg`, label: 0 },
  ];
}

const REVIEW = /^(?:aclImdb\/)?((?:train|test)\/(?:pos|neg)\/([^/]+))$/;

/** `train/pos/0_9.txt` for a labelled review, below `aclImdb` or not; undefined for the rest. */
export function reviewKey(member: string): string | undefined {
  const match = REVIEW.exec(member);
  return match !== null && isTextName(match[2]!) ? match[1] : undefined;
}

/** Who asks for the reviews of which archive, and how many of each half. */
export interface ImdbRequest {
  where: string;
  /** The archive, as messages call it. */
  path: string;
  limit: number | undefined;
  /** What to do about an archive of something else. */
  remedy: string;
}

/**
 * Both halves, from the texts that {@link reviewKey} has selected.
 *
 * @throws FileError where a class has no reviews, or one that is wanted is no text.
 */
export function imdbFrom(found: ArchiveTexts, request: ImdbRequest): Imdb {
  const { where, path, limit, remedy } = request;
  const keys = [...found.keys()];
  const halfOf = (half: Half): LabelledTexts => {
    const texts: LabelledTexts = { texts: [], labels: [], paths: [] };
    for (const [index, { folder, label }] of classesOf(half).entries()) {
      const inFolder = keys.filter((key) => key.startsWith(`${folder}/`));
      if (inFolder.length === 0) {
        const expected = `${path} must hold .txt files in ${folder}`;
        rejectFile(path, { where, expected, remedy, see: 'wrong-folder' });
      }
      for (const key of inFolder.sort().slice(0, shareOfLimit(limit, 2, index))) {
        addText(texts, found, key, label);
      }
    }
    return texts;
  };
  return { train: halfOf('train'), test: halfOf('test') };
}

function addText(into: LabelledTexts, found: ArchiveTexts, path: string, label: number): void {
  const text = found.get(path)!;
  if (text instanceof FileError) throw text;
  into.texts.push(text);
  into.labels.push(label);
  into.paths.push(path);
}
