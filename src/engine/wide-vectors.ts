/**
 * Vectors of 256 bits, which WebAssembly does not have: V8 on x64 can join two of 128 that lie
 * side by side (assembly/arithmetic/wide.ts), behind a flag that it calls experimental.
 */
import { nodeBuiltin } from '../foundation/node-builtins.js';

interface Process {
  arch?: string;
  execArgv?: readonly string[];
  versions?: Partial<Record<string, string>>;
}

const FLAG = '--experimental-wasm-revectorize';

// Those of Node 24 and 26, where test/package/wide-vectors.test.ts runs. Others may not know the
// flag, and V8 promises nothing of flags that change under way.
const TESTED = ['13.6', '14.6'];

/**
 * Whether V8 joins vectors in modules that are compiled from now on: because Node was started with
 * the flag, which V8 does not tell, or because it is `asked` to.
 */
export function joinsVectors(asked: boolean): boolean {
  const { process } = globalThis as { process?: Process };
  const { execArgv = [] } = process ?? {};
  if (execArgv.includes(FLAG)) return true;
  if (!asked || !process || !knows(process)) return false;
  if (execArgv.some((flag) => /no-experimental-wasm-revectorize|freeze-flags/.test(flag))) {
    return false;
  }
  const v8 = nodeBuiltin('node:v8');
  // For good: V8 compiles a function once it has proved hot, whenever that is. To have it compile
  // all at once instead takes more flags, and setting those while another thread compiles a module
  // has ended the process in tests.
  v8?.setFlagsFromString(FLAG);
  return v8 !== undefined;
}

function knows({ arch, versions = {} }: Process): boolean {
  const [major, minor] = versions.v8?.split('.') ?? [];
  const isNode = !versions.electron && !versions.bun && !versions.deno;
  return isNode && arch === 'x64' && TESTED.includes(`${major}.${minor}`);
}
