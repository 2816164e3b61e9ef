import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from './chromium.js';
import { builtPage } from './pages.js';
import { ISOLATED, type Site } from './site.js';

const path = findChromium();
if (path === undefined) {
  console.warn(
    'THE BROWSER TEST DID NOT RUN: there is no Chromium on PATH. ' +
      'Install one (on Debian: apt-get install chromium) or set CHROME_PATH.',
  );
}

test.runIf(process.env.CI)('continuous integration has a Chromium', () => {
  expect(path, 'no Chromium on PATH, and CHROME_PATH names none').toEqual(expect.any(String));
});

describe.runIf(path)('the built package in headless Chromium', () => {
  let browser: Browser;
  let site: Pick<Site, 'serve'>;
  beforeAll(async () => {
    site = builtPage('examples/page/index.html');
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each([
    ['with SharedArrayBuffer', true],
    ['without SharedArrayBuffer', false],
  ])('%s', (_, isolated) => {
    let server: Awaited<ReturnType<Site['serve']>>;
    let onCpu: number[];
    beforeAll(async () => {
      server = await site.serve(isolated ? ISOLATED : {});
      onCpu = (await visit('cpu')).probabilities;
    });
    afterAll(() => server?.close());

    /** Trains for two steps on a backend; what the page shows, and whatever it complained about. */
    async function visit(backend: string) {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error.stack)));
      page.on('requestfailed', (request) => complaints.push(`not loaded: ${request.url()}`));
      await page.goto(`${server.address}?backend=${backend}&epochs=2`);
      const finished = page.waitForSelector('#status[data-finished]', { timeout: 180_000 });
      await Promise.race([finished, page.waitForEvent('pageerror')]).catch(() => undefined);
      const shown = {
        status: await page.textContent('#status'),
        isolated: await page.evaluate(() => crossOriginIsolated),
        probabilities: await page.$$eval('#predictions td:first-child', (cells) =>
          cells.map((cell) => Number(cell.textContent)),
        ),
        complaints,
      };
      await page.close();
      return shown;
    }

    test.each([
      ['cpu', 'one fused kernel'],
      ['wasm', 'one fused kernel'],
      ['webgl', 'composed operations'],
    ])('trains and predicts on %s, the LSTM as %s', async (backend, kernel) => {
      const shown = await visit(backend);
      expect(shown.complaints).toEqual([]);
      expect(shown.isolated).toBe(isolated);
      expect(shown.status).toContain(`Epoch 2 of 2`);
      expect(shown.status).toContain(`on ${backend}, the LSTM as ${kernel}.`);
      expect(new Set(shown.probabilities).size).toBe(9);
      shown.probabilities.forEach((probability, index) => {
        expect(Math.abs(probability - onCpu[index]!)).toBeLessThan(1e-4);
      });
    });
  });
});
