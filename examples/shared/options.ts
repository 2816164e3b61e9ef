/** How examples read the options of their command lines. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line, or what it points to, is not as it should be: a message without a stack is enough. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The values of options by their names.
 *
 * @throws {UsageError} When an option is unknown or lacks its value.
 */
export function parseOptions<const Known extends Options>(args: readonly string[], options: Known) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(`${sentence?.replace(/\.$/, '')}. Run with --help for the options.`);
  }
}

/** Requires one of a few names. */
export function oneOf<const T extends string>(
  option: string,
  value: string,
  choices: readonly T[],
): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new UsageError(
    `--${option} must be ${choices.join(' or ')}, received ${JSON.stringify(value)}.`,
  );
}

/** Requires a whole number of at least `least`, where there is one. */
export function whole(
  option: string,
  value: string | undefined,
  least: number,
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(
    `--${option} must be a whole number from ${least} on, received ${JSON.stringify(value)}.`,
  );
}
