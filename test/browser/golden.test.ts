/** The kernels of the built package in headless Chromium, on the numbers of Keras. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LayerCase, readLayerCases } from '../golden/read.js';
import { findChromium, launch } from './chromium.js';
import type { Outcome, Way } from './golden/main.js';
import { builtPage } from './pages.js';
import { ISOLATED, type Site } from './site.js';

const cases = readLayerCases();
const path = findChromium();

/** What kernels there are for; any other configuration is composed of operations. */
const canBeFused = ({ config }: LayerCase) =>
  config.recurrent_activation !== 'hard_sigmoid_keras3' &&
  (config.activation === 'tanh' || config.layer === 'SimpleRNN');

/**
 * Few, and of few steps: a GPU in software takes seconds to compile the programs of each.
 * `WEBGL_CASES=all npx vitest run test/browser/golden.test.ts -t webgl` runs all of them.
 */
const FOR_WEBGL = [
  'lstm_007',
  'lstm_038', // masked
  'lstm_050', // masked, with initial states
  'gru_067',
  'simplernn_096',
  'bidirectional_119',
];

describe.runIf(path)('recurrent layers in headless Chromium agree with Keras', () => {
  let browser: Browser;
  let site: Pick<Site, 'serve'>;
  beforeAll(async () => {
    site = builtPage('test/browser/golden/index.html');
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** What the cases come to in a page. */
  async function visit(some: LayerCase[], way: Way, headers: Record<string, string> = {}) {
    const server = await site.serve(headers);
    const page = await browser.newPage();
    await page.goto(server.address);
    await page.waitForFunction(() => globalThis.compareWithKeras !== undefined);
    const compare = (golden: LayerCase[]) =>
      page.evaluate(([of, by]) => globalThis.compareWithKeras!(of, by), [golden, way] as const);
    if (way.threads > 1) {
      await compare(some.slice(0, 1)); // what is computed first starts the threads
      await expect.poll(() => page.workers().length, { timeout: 60_000 }).toBeGreaterThan(1);
    }
    const outcomes = await compare(some);
    await page.close();
    await server.close();
    return outcomes;
  }

  const complaintsOf = (outcomes: Outcome[]) =>
    outcomes.flatMap(({ name, complaints }) => complaints.map((text) => `${name}: ${text}`));
  const isFused = ({ kernels }: Outcome) =>
    kernels.some((kernel) => /^(Recurrent|Bidirectional)/.test(kernel));

  test.each([
    ['cpu', 'on one thread', 1, {}],
    ['cpu', 'on three threads, where memory is shared', 3, ISOLATED],
    ['wasm', 'on one thread', 1, {}],
    ['wasm', 'on three threads, where memory is shared', 3, ISOLATED],
  ])('by kernels, backend %s, %s', async (backend, _, threads, headers) => {
    const outcomes = await visit(cases, { backend, threads, repeat: threads > 1 ? 5 : 1 }, headers);
    expect(complaintsOf(outcomes)).toEqual([]);
    expect(outcomes).toHaveLength(139);
    expect(outcomes.map(isFused)).toEqual(cases.map(canBeFused));
  });

  test('by operations, backend webgl', async () => {
    const all = process.env.WEBGL_CASES === 'all';
    const some = cases.filter(({ name }) => all || FOR_WEBGL.includes(name));
    const outcomes = await visit(some, { backend: 'webgl', threads: 1, repeat: 1 });
    expect(outcomes).toHaveLength(all ? cases.length : FOR_WEBGL.length);
    expect(complaintsOf(outcomes)).toEqual([]);
    expect(outcomes.filter(isFused)).toEqual([]);
  }, 1_200_000);

  test('the page notices a weight that is another', async () => {
    const [golden] = structuredClone(cases) as [LayerCase];
    golden.arrays.kernel!.values[0]! += 0.001;
    const outcomes = await visit([golden], { backend: 'cpu', threads: 1, repeat: 1 });
    expect(complaintsOf(outcomes)[0]).toMatch(/^lstm_000: output_0\[\d, \d\] is -?0\.\d+/);
  });
});
