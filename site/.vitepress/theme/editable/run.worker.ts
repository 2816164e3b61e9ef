/** Runs one example, away from the page, and says what it prints. */
import * as cpu from '@tensorflow/tfjs-backend-cpu';
import * as core from '@tensorflow/tfjs-core';
import * as tensorflowLayers from '@tensorflow/tfjs-layers';
import * as recurrent from 'tfjs-recurrent';
import type { FromWorker } from './run.js';
import { showValues } from './show-values.js';
import { lineOf, toJavascript } from './to-javascript.js';

const PACKAGES: Record<string, unknown> = {
  '@tensorflow/tfjs-backend-cpu': cpu,
  '@tensorflow/tfjs-core': core,
  '@tensorflow/tfjs-layers': tensorflowLayers,
  'tfjs-recurrent': recurrent,
};

/** A loop without an end must not fill the memory of the page. */
const MOST_LINES = 1000;

let printed = 0;
for (const name of ['log', 'info', 'warn', 'error'] as const) {
  console[name] = (...values: unknown[]) => {
    printed += 1;
    const text = showValues(values);
    if (printed > MOST_LINES) return;
    if (/^\s*<svg[\s>]/.test(text)) say({ kind: 'chart', svg: text });
    else if (printed === MOST_LINES) say({ kind: 'text', text: '…' });
    else say({ kind: 'text', text });
  };
}

addEventListener('message', async ({ data }: MessageEvent<string>) => {
  try {
    const example = toJavascript(data);
    const start = performance.now();
    await example(load);
    say({ kind: 'end', milliseconds: performance.now() - start });
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    say({ kind: 'error', message, line: lineOf(error) });
  }
});
say({ kind: 'loaded' });

function load(name: string): unknown {
  const found = PACKAGES[name];
  if (found !== undefined) return found;
  const known = Object.keys(PACKAGES).join(', ');
  throw new Error(`This page has no '${name}'. An example can import ${known}.`);
}

function say(message: FromWorker): void {
  postMessage(message);
}
