/** How large each norm is beside the last one: networks whose losses differ can be compared. */
export function relativeToLast(norms: Float32Array): number[] {
  const last = norms.at(-1)!;
  return Array.from(norms, (norm) => norm / last);
}

/** How many steps back from the last one stay above a share of it, without a gap. */
export function reach(norms: readonly number[], share = 0.01): number {
  let steps = 0;
  while (steps < norms.length && norms[norms.length - 1 - steps]! >= share) steps++;
  return steps;
}
