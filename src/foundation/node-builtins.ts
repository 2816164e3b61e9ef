/** Modules that Node carries, for what it does at once and a page has to compute. */

interface Builtins {
  'node:buffer': { Buffer: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> } };
  // Since Node 20.15 and 22.2.
  'node:zlib': { crc32?: (bytes: Uint8Array, before: number) => number };
}

interface Process {
  getBuiltinModule?<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined;
}

/**
 * A module of Node, without an import that a bundler for pages would stumble over; `undefined` in a page, and
 * before Node 20.16.
 */
export function nodeBuiltin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  return (globalThis as { process?: Process }).process?.getBuiltinModule?.(name);
}
