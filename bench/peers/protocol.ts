/** The contestant's side of harness/contestant.ts: a request a line comes in, a reply goes out. */
import { createInterface } from 'node:readline';

/** What a contestant can be asked for, by name. */
export type Operations = Record<string, (args: never) => unknown>;

const reply = (value: object) => process.stdout.write(`reply ${JSON.stringify(value)}\n`);

/** Says that this contestant cannot take part. */
export function missing(why: unknown): never {
  reply({ missing: String(why instanceof Error ? why.message : why) });
  process.exit(0);
}

/** Answers requests until standard input ends. */
export async function serve(
  versions: Record<string, string>,
  operations: Operations,
): Promise<void> {
  reply({ value: { versions } });
  for await (const line of createInterface({ input: process.stdin })) {
    const { operation, args } = JSON.parse(line) as { operation: string; args: never };
    try {
      reply({ value: (await operations[operation]!(args)) ?? null });
    } catch (error) {
      reply({ error: String((error as Error).stack ?? error) });
    }
  }
  process.exit(0);
}

/** Milliseconds that something takes, and what it returns. */
export async function timed<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}
