/** Masks before they are computed: two masks are the same if they have the same key. */

/** A mask, by what it is made of. */
export interface Term {
  key: string;
  /** How many dimensions it has. */
  rank: number;
  /** Whether every step counts, which is no other than no mask. */
  all?: boolean;
}

/** Whether two masks leave the same steps out. */
export function sameMask(a: Term | null, b: Term | null): boolean {
  return that(a)?.key === that(b)?.key;
}

/** A mask, where it leaves something out. */
export function that(mask: Term | null): Term | null {
  return mask?.all ? null : mask;
}

/**
 * The mask of words that are not `value`, or of steps that have another value.
 *
 * @param id What it is made of.
 */
export function madeMask(id: string, rank: number, value: number, ofSteps: boolean): Term {
  return {
    key: `${ofSteps ? 'steps' : 'words'} of ${id} but ${value}`,
    rank: ofSteps ? rank - 1 : rank,
  };
}

function joined(kind: 'or' | 'and', terms: readonly Term[]): Term | null {
  const [first, ...others] = terms;
  if (first === undefined) return null;
  const keys = [...new Set(terms.map(({ key }) => key))].sort();
  if (keys.length === 1) return first;
  const rank = Math.max(first.rank, ...others.map((term) => term.rank));
  return { key: `${kind}(${keys.join(', ')})`, rank };
}

/** Where one of them counts; without a mask, where one has none. */
export function anyOf(masks: readonly (Term | null)[]): Term | null {
  const given = masks.filter((mask) => mask !== null);
  if (given.length < masks.length) return null;
  return given.find(({ all }) => all) ?? joined('or', given);
}

/** Where all of those count that have a mask. */
export function allOf(masks: readonly (Term | null)[]): Term | null {
  return joined(
    'and',
    masks.filter((mask) => mask !== null),
  );
}

/**
 * One behind the other; all steps count of what has no mask.
 *
 * @param ids What is concatenated.
 */
export function oneBehindTheOther(
  masks: readonly (Term | null)[],
  ids: readonly string[],
): Term | null {
  const rank = masks.find((mask) => mask !== null)?.rank;
  if (rank === undefined) return null;
  const keys = masks.map((mask, i) => that(mask)?.key ?? `all of ${ids[i]}`);
  return { key: `concat(${keys.join(', ')})`, rank, all: masks.every((mask) => !that(mask)) };
}

/** A mask of a shape that fits nothing, which layers of tf.layers make of several. */
export function brokenMask(masks: readonly (Term | null)[]): Term | null {
  const keys = masks.map((mask) => mask?.key ?? '');
  return masks.every((mask) => mask === null)
    ? null
    : { key: `broken(${keys.join(', ')})`, rank: 3 };
}
