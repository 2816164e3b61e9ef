/** The playground in a Firefox: it opens, judges, and hears a key. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FirefoxPage, findFirefox } from './firefox.js';
import { builtPlayground } from './playground.js';
import type { Site } from './site.js';

const SOON = { timeout: 60_000 };

const path = findFirefox();
if (path === undefined) {
  console.warn(
    'THE TEST IN FIREFOX DID NOT RUN: there is none on PATH. ' +
      'Install one (on Debian: apt-get install firefox-esr) or set FIREFOX_PATH.',
  );
}

describe.runIf(path)('the playground in Firefox', () => {
  let server: Awaited<ReturnType<Site['serve']>>;
  let page: FirefoxPage;
  beforeAll(async () => {
    server = await builtPlayground().serve();
    page = await FirefoxPage.launch(path!);
  });
  afterAll(async () => {
    await page?.close();
    await server?.close();
  });

  const verdict = () =>
    page.evaluate<string>("document.querySelector('.verdict strong').textContent");

  test('says at every key what it thinks, and nothing to the console', async () => {
    await page.goto(`${server.address}#a=A+wonderful+film`);
    await expect
      .poll(() => page.evaluate("document.documentElement.dataset.ready ?? 'not yet'"), SOON)
      .toBe('true');
    expect(await verdict()).toMatch(/^positive: \d+ %$/);
    const before = await verdict();
    await page.evaluate("document.querySelector('.panel textarea').focus()");
    await page.type(', an awful ending');
    expect(await verdict()).not.toBe(before);
    await expect
      .poll(() => page.evaluate("document.querySelectorAll('.words .against').length"), SOON)
      .toBeGreaterThan(0);
    expect(page.complaints).toEqual([]);
  });
});
