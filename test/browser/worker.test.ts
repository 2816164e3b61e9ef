import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from './chromium.js';
import { builtPage } from './pages.js';
import { ISOLATED, type Site } from './site.js';

const path = findChromium();

interface Shown {
  error?: string;
  threads: number;
  fused: boolean;
  probabilities: number[];
  epochs: number;
  isolated: boolean;
  cores: number;
  turnsOfEpochs: number[];
  longTasks: number[];
}

const WASM = "'wasm-unsafe-eval'";

describe.runIf(path)('training in a worker, in headless Chromium,', () => {
  let browser: Browser;
  let here: Shown;
  let site: Pick<Site, 'serve'>;
  beforeAll(async () => {
    site = builtPage('test/browser/pages/worker.html');
    browser = await launch(path!);
    here = (await visit(ISOLATED)).shown;
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
  });

  async function visit(headers: Record<string, string>, epochs = 2) {
    const server = await site.serve(headers);
    const tab = await browser.newPage();
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(String(error.stack)));
    tab.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await tab.goto(`${server.address}?epochs=${epochs}`);
    await tab.waitForSelector('pre:not(:empty)', { timeout: 200_000 });
    const shown = JSON.parse((await tab.textContent('pre'))!) as Shown;
    await tab.close();
    await server.close();
    return { shown, complaints };
  }

  const expectTheSame = ({ error, probabilities }: Shown) => {
    expect(error).toBeUndefined();
    probabilities.forEach((probability, i) => {
      expect(probability).toBeCloseTo(here.probabilities[i]!, 6);
    });
  };

  test('the kernels start threads where the page is isolated, and the page has its turns', async () => {
    const { shown, complaints } = await visit(ISOLATED, 8);
    expect(complaints).toEqual([]);
    expect(shown).toMatchObject({ fused: true, isolated: true, epochs: 8 });
    expect(shown.threads).toBe(Math.min(shown.cores, 16) - 1);
    expect(shown.turnsOfEpochs.filter((turns) => turns > 0).length).toBeGreaterThan(0);
    console.log(
      `long tasks of the page while a worker trained, ms: ${JSON.stringify(shown.longTasks)}`,
    );
  });

  test('one thread computes where it is not', async () => {
    const { shown, complaints } = await visit({});
    expect(complaints).toEqual([]);
    expectTheSame(shown);
    expect(shown).toMatchObject({ fused: true, isolated: false, threads: 0 });
  });

  test.each([
    ["script-src 'self'", { fused: false, threads: 0 }],
    [`script-src 'self' ${WASM}`, { fused: true }],
    [`script-src 'self' ${WASM}; worker-src 'self'`, { fused: true }],
    [`script-src 'self' ${WASM}; worker-src 'self' blob:`, { fused: true }],
  ])('it trains under %s', async (policy, expected) => {
    const rest = "default-src 'none'; img-src data:; connect-src 'self'";
    const headers = { ...ISOLATED, 'Content-Security-Policy': `${rest}; ${policy}` };
    const { shown, complaints } = await visit(headers);
    expectTheSame(shown);
    expect(shown).toMatchObject(expected);
    // The browser itself tells of a thread that it forbids.
    const others = complaints.filter((text) => !/Content Security Policy/.test(text));
    expect(others).toEqual([]);
    if (policy.includes('blob:')) expect(complaints).toEqual([]);
  });

  test('a policy without workers is an error that says so', async () => {
    const policy = `default-src 'none'; img-src data:; script-src 'self'; worker-src 'none'`;
    const { shown } = await visit({ 'Content-Security-Policy': policy });
    expect(shown.error).toMatch(
      /^RecurrentError: trainInWorker: the worker has failed\. Check that its file exists/,
    );
  });
});
