/** Modules that Node carries, for what only it has, or does at once where a page has to compute it. */

interface Builtins {
  'node:buffer': { Buffer: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> } };
  'node:os': { availableParallelism(): number };
  // Who asks for these knows more of them.
  'node:worker_threads': { Worker: unknown; parentPort: unknown };
  'node:v8': { setFlagsFromString(flag: string): void };
  // Since Node 20.15 and 22.2.
  'node:zlib': { crc32?: (bytes: Uint8Array, before: number) => number };
}

interface Process {
  getBuiltinModule?<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined;
}

/**
 * A module of Node. Looked up instead of imported, so that ours load in pages, too; `undefined` in a page, and
 * before Node 20.16.
 */
export function nodeBuiltin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  return (globalThis as { process?: Process }).process?.getBuiltinModule?.(name);
}
