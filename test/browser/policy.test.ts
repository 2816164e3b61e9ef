import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from './chromium.js';
import { builtPage } from './pages.js';
import { ISOLATED, type Site } from './site.js';

const path = findChromium();

const REST = "default-src 'none'; style-src 'self'; img-src data:; connect-src 'self'";
const WASM = "'wasm-unsafe-eval'";

describe.runIf(path)('under a Content-Security-Policy, in headless Chromium,', () => {
  let browser: Browser;
  let site: Pick<Site, 'serve'>;
  beforeAll(async () => {
    site = builtPage('test/browser/pages/policy.html');
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
  });

  interface Shown {
    sequences: number[][];
    probabilities: number[];
    fused: boolean;
    error?: string;
  }

  /** What the page shows, how many threads it has, and what the console says of ours. */
  async function visit(policy: string, backend = 'cpu', isolation: object = ISOLATED) {
    const headers: Record<string, string> = { ...isolation };
    if (policy !== '') headers['Content-Security-Policy'] = `${REST}; ${policy}`;
    const server = await site.serve(headers);
    const tab = await browser.newPage();
    const warnings: string[] = [];
    tab.on('console', (message) => {
      if (message.text().startsWith('tfjs-recurrent')) warnings.push(message.text());
    });
    await tab.goto(`${server.address}?backend=${backend}`);
    await tab.waitForSelector('pre:not(:empty)', { timeout: 180_000 });
    if (policy.includes('blob:') && tab.workers().length === 0) {
      await tab.waitForEvent('worker', { timeout: 5000 }).catch(() => undefined);
    }
    const shown = JSON.parse((await tab.textContent('pre'))!) as Shown;
    const [threads, cores] = [
      tab.workers().length,
      await tab.evaluate(() => navigator.hardwareConcurrency),
    ];
    await tab.close();
    await server.close();
    return { ...shown, threads, cores, warnings };
  }

  let free: Awaited<ReturnType<typeof visit>>;
  beforeAll(async () => {
    free = await visit('');
    expect(free).toMatchObject({ fused: true, warnings: [], sequences: [[1, 4]] });
  });

  const expectTheSame = ({ sequences, probabilities }: Shown) => {
    expect(sequences).toEqual(free.sequences);
    probabilities.forEach((probability, i) => {
      expect(probability).toBeCloseTo(free.probabilities[i]!, 6);
    });
  };

  test('layers fall back to composed operations where WebAssembly is forbidden, with one warning', async () => {
    const shown = await visit("script-src 'self'");
    expectTheSame(shown);
    expect(shown.fused).toBe(false);
    expect(shown.error).toBe(
      "RecurrentError: layers.lstm: kernel: 'fused' was asked for, but WebAssembly is forbidden " +
        "here; a page allows it with 'wasm-unsafe-eval' in the script-src of its " +
        "Content-Security-Policy. With kernel: 'auto' the layer falls back to TensorFlow.js operations.\n" +
        'https://github.com/OWNER/tfjs-recurrent/blob/HEAD/docs/troubleshooting.md#no-fused-kernel',
    );
    expect(shown.warnings).toEqual([
      "tfjs-recurrent: WebAssembly is forbidden here; a page allows it with 'wasm-unsafe-eval' in " +
        'the script-src of its Content-Security-Policy. Layers run as much slower operations until then.',
    ]);
  });

  test('ready says which line helps where no backend can start without WebAssembly', async () => {
    const { error } = await visit("script-src 'self'", 'wasm');
    expect(error).toBe(
      'RecurrentError: ready: no backend of TensorFlow.js could start, and WebAssembly is ' +
        "forbidden here; a page allows it with 'wasm-unsafe-eval' in the script-src of its " +
        "Content-Security-Policy. Or import '@tensorflow/tfjs-backend-cpu', which needs none.\n" +
        'https://github.com/OWNER/tfjs-recurrent/blob/HEAD/docs/troubleshooting.md#no-webassembly',
    );
  });

  test.each([
    ['is as strict as for scripts', `script-src 'self' ${WASM}`],
    ['allows files alone', `script-src 'self' ${WASM}; worker-src 'self'`],
    ['allows nothing', `script-src 'self' ${WASM}; worker-src 'none'`],
  ])('one thread computes where the policy of workers %s', async (_, policy) => {
    const shown = await visit(policy);
    expectTheSame(shown);
    expect(shown).toMatchObject({ fused: true, threads: 0, warnings: [] });
    expect(shown.error).toBeUndefined();
  });

  test('the two lines of docs/works-with.md are enough for kernels and threads', async () => {
    const shown = await visit(`script-src 'self' ${WASM}; worker-src blob:`);
    expectTheSame(shown);
    expect(shown).toMatchObject({ fused: true, warnings: [] });
    expect(shown.threads > 0).toBe(shown.cores > 1);
  });

  test('one thread computes where memory cannot be shared', async () => {
    const shown = await visit('', 'cpu', {});
    expectTheSame(shown);
    expect(shown).toMatchObject({ fused: true, threads: 0, warnings: [] });
  });
});
