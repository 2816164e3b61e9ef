/** Which of the names that there are somebody may have meant. */

/**
 * The names nearest to one that there is not: the one that differs in case and underscores alone,
 * else those that are a few typing errors away, else those that hold its words, or the one whose
 * initials it is.
 *
 * @returns Some, the nearest alone where it is certain, or none.
 */
export function nearestNames(name: string, known: readonly string[]): readonly string[] {
  const plain = plainly(name);
  const same = known.find((candidate) => plainly(candidate) === plain);
  if (same !== undefined) return [same];

  const near = known
    .map((candidate) => ({ candidate, errors: typingErrors(plain, plainly(candidate)) }))
    // A third of a name is as far as a slip goes, or a letter too many beside a name of one.
    .filter(({ candidate, errors }) => {
      const isLetter = candidate.length === 1 && plain.length === 2;
      return 3 * errors <= Math.max(plain.length, candidate.length) || (isLetter && errors === 1);
    });
  const fewest = Math.min(...near.map(({ errors }) => errors));
  if (near.length > 0) {
    return near.filter(({ errors }) => errors === fewest).map(({ candidate }) => candidate);
  }
  const words = wordsOf(name);
  const holding = known.filter((candidate) => {
    const others = wordsOf(candidate);
    return holdsWords(others, words) || holdsWords(words, others);
  });
  if (holding.length > 0) return holding.slice(0, 3);
  return known.filter((candidate) => initials(candidate) === plain);
}

const plainly = (name: string) => name.replace(/[_-]/g, '').toLowerCase();

/** `batch_size` and `batchSize` are batch and size. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([A-Z]+)/g, ' $1')
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word !== '');
}

const initials = (name: string) => wordsOf(name).reduce((letters, word) => letters + word[0], '');

/** Whether all of `some` are words of `all`, or begin them, in their order. */
function holdsWords(all: readonly string[], some: readonly string[]): boolean {
  let at = 0;
  for (const word of all) {
    const wanted = some[at] ?? '';
    if (wanted.length > 2 && word.startsWith(wanted)) at++;
  }
  return some.length > 0 && at === some.length;
}

/**
 * How many letters have to be changed, left out, added or exchanged with their neighbours to make
 * one name of another: the restricted distance of F. Damerau (1964) and V. Levenshtein (1966).
 */
function typingErrors(name: string, other: string): number {
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= name.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = name[i - 1] === other[j - 1];
      row[j] = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (same ? 0 : 1));
      const exchanged = name[i - 1] === other[j - 2] && name[i - 2] === other[j - 1];
      if (i > 1 && j > 1 && exchanged) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = above;
    above = row;
  }
  return above[other.length]!;
}
