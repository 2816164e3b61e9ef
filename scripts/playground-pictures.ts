/**
 * Pictures of the playground for README and docs: a desktop and a phone, light and dark.
 *
 *     npx tsx scripts/playground-pictures.ts
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, launch } from '../test/browser/chromium.js';
import { buildSite } from '../test/browser/site.js';

const PLAYGROUND = fileURLToPath(new URL('../examples/browser', import.meta.url));
const DOCS = fileURLToPath(new URL('../docs', import.meta.url));

const PICTURES = [
  { name: 'playground', colorScheme: 'light', width: 1000, height: 1360 },
  { name: 'playground-dark', colorScheme: 'dark', width: 1000, height: 1360 },
  { name: 'playground-phone', colorScheme: 'light', width: 360, height: 900 },
  { name: 'playground-phone-dark', colorScheme: 'dark', width: 360, height: 900 },
] as const;

const path = findChromium();
if (!path) throw new Error('There is no Chromium on PATH; install one or set CHROME_PATH.');
const site = await buildSite(PLAYGROUND, join(PLAYGROUND, 'vite.config.ts'));
const server = await site.serve();
const browser = await launch(path);
for (const { name, colorScheme, width, height } of PICTURES) {
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    locale: 'en-US',
  });
  await page.goto(server.address);
  await page.waitForSelector('.words button[aria-label]');
  // A second verdict: the first one tells how long the kernels take when they are new.
  await page.press('.panel textarea', 'End');
  await page.locator('.panel textarea').pressSequentially(' ');
  await page.locator('.panel textarea').blur();
  await page.locator('#kept:not([hidden])').waitFor();
  await page.screenshot({ path: join(DOCS, `${name}.png`) });
  await page.close();
}
await browser.close();
await server.close();
site.remove();
