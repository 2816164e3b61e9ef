/** Checks that contestants do the same work. A failed one ends the row: its figures would mean nothing. */

/** What should be equal is not. */
export class Unequal extends Error {}

/** Requires that everyone has the same model, by its number of parameters. */
export function requireParameters(
  wanted: number,
  received: readonly { name: string; parameters: number }[],
): string {
  for (const { name, parameters } of received) {
    if (parameters !== wanted) {
      throw new Unequal(`${name} has ${parameters} parameters, not ${wanted}.`);
    }
  }
  return `everyone trains ${wanted.toLocaleString('en')} parameters`;
}

/** Requires that everyone finds the same numbers. */
export function requireClose(
  what: string,
  received: readonly { name: string; values: readonly number[] }[],
  tolerance: number,
): string {
  const [first, ...others] = received;
  let most = 0;
  for (const { name, values } of others) {
    const differences = values.map((value, i) => Math.abs(value - first!.values[i]!));
    const worst = Math.max(...differences);
    if (values.length !== first!.values.length || !(worst <= tolerance)) {
      throw new Unequal(`${name} and ${first!.name} differ by ${worst} in the ${what}.`);
    }
    most = Math.max(most, worst);
  }
  return `${first!.values.length} ${what}: equal to within ${most.toExponential(0)}`;
}

/** Requires that what must be equal to the last digit is. */
export function requireEqual(
  what: string,
  received: readonly { name: string; value: unknown }[],
): string {
  const [first, ...others] = received.map(({ name, value }) => ({
    name,
    text: JSON.stringify(value),
  }));
  for (const { name, text } of others) {
    if (text !== first!.text)
      throw new Unequal(`${name} and ${first!.name} differ in the ${what}.`);
  }
  return `the same ${what}`;
}

/** Requires that a contestant has learned and goes on learning. */
export function requireLoss(name: string, loss: number, most: number): void {
  if (!(loss <= most)) throw new Unequal(`${name} does not learn: its loss is ${loss}.`);
}
