/** The pictures of docs/ show the playground as it is. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from './chromium.js';
import { differenceOf, FONT, fontOf, PICTURES, takePicture } from './pictures.js';
import { builtPlayground } from './playground.js';
import type { Site } from './site.js';

/** Of the squares: letters that are drawn another way make 0.02, words without their colours 0.05. */
const MOST = 0.03;

const path = findChromium();
const committed = (name: string) =>
  readFileSync(new URL(`../../docs/${name}.png`, import.meta.url));

describe.runIf(path)('the playground in headless Chromium', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<Site['serve']>>;
  let font: string;
  beforeAll(async () => {
    server = await builtPlayground().serve();
    browser = await launch(path!);
    font = await fontOf(browser, server.address);
    if (font !== FONT) {
      console.warn(`THE PICTURES ARE NOT COMPARED: they were taken in ${FONT}, here is ${font}.`);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const HINT = 'if the page is to look so: npx tsx scripts/playground-pictures.ts';

  test.for(PICTURES)('looks as the picture in docs: $name', async (picture, { skip }) => {
    skip(font !== FONT, `the font is ${font}`);
    const taken = await takePicture(browser, server.address, picture);
    const difference = await differenceOf(browser, taken, committed(picture.name));
    expect(difference, HINT).toBeLessThan(MOST);
  });

  test.for([
    ['words are not coloured', '.words button { all: unset; }'],
    ['the chart of the gates is gone', '#gates-chart { display: none; }'],
    ['everything is moved by a line', 'body { margin-top: 24px; }'],
  ] as const)('a picture tells when %s', async ([, style], { skip }) => {
    skip(font !== FONT, `the font is ${font}`);
    const [picture] = PICTURES;
    const broken = await takePicture(browser, server.address, picture, style);
    const difference = await differenceOf(browser, broken, committed(picture.name));
    expect(difference).toBeGreaterThan(MOST);
  });
});
