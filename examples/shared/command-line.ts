/** What the command lines of all examples have in common. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { enableProdMode, setBackend } from '@tensorflow/tfjs-core';
import { ready, RecurrentError } from 'tfjs-recurrent';
import type { Backend } from './backends.js';
import { UsageError } from './options.js';

/** Runs an example with what follows the script's name; an expected error is a message without a stack. */
export async function runExample(main: (args: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    // Not thrown on: the wasm backend would print its whole source before the error.
    const expected = error instanceof UsageError || error instanceof RecurrentError;
    console.error(expected ? error.message : error);
    process.exitCode = 1;
  }
}

/** Makes a backend and the kernels on it ready. */
export async function startBackend(name: Backend): Promise<void> {
  // Or the cpu backend greets with the advice to install a native one.
  enableProdMode();
  await setBackend(name);
  await ready();
}
