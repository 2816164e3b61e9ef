/**
 * Pictures of the playground for README and docs: a desktop and a phone, light and dark.
 *
 *     npx tsx scripts/playground-pictures.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, launch } from '../test/browser/chromium.js';
import { PICTURES, takePicture } from '../test/browser/pictures.js';
import { buildSite } from '../test/browser/site.js';

const PLAYGROUND = fileURLToPath(new URL('../examples/browser', import.meta.url));
const DOCS = fileURLToPath(new URL('../docs', import.meta.url));

const path = findChromium();
if (!path) throw new Error('There is no Chromium on PATH; install one or set CHROME_PATH.');
const site = await buildSite(PLAYGROUND, join(PLAYGROUND, 'vite.config.ts'));
const server = await site.serve();
const browser = await launch(path);
for (const picture of PICTURES) {
  const png = await takePicture(browser, server.address, picture);
  writeFileSync(join(DOCS, `${picture.name}.png`), png);
}
await browser.close();
await server.close();
site.remove();
