import { transform } from 'sucrase';

/** The name of an example in stacks, by which a line of it is found again. */
const NAME = 'example.ts';

/** Lines that a function made of text has before its first own one. */
const LINES_BEFORE = 2;

// Constructors of async functions have no name of their own.
const AsyncFunction = (async () => {}).constructor as new (
  ...parts: string[]
) => (load: (name: string) => unknown) => Promise<void>;

/** An example as a function of what it imports from. Each statement keeps its line. */
export function toJavascript(example: string): (load: (name: string) => unknown) => Promise<void> {
  const { code } = transform(example, {
    transforms: ['typescript', 'imports'],
    disableESTransforms: true,
    preserveDynamicImport: true,
  });
  return new AsyncFunction('require', `${code}\n//# sourceURL=${NAME}`);
}

/** The line of an example that threw an error, if its stack or its message has it. */
export function lineOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const thrown = /example\.ts:(\d+):\d+/.exec(error.stack ?? '')?.[1];
  if (thrown !== undefined) return Number(thrown) - LINES_BEFORE;
  const misspelt = /\((\d+):\d+\)$/.exec(error.message)?.[1];
  return misspelt === undefined ? undefined : Number(misspelt);
}
