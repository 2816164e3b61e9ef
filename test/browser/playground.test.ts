/** The playground in headless Chromium: what a visitor does, and what the page says to it. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import '@tensorflow/tfjs-backend-cpu';
import type { Browser, Page } from 'playwright-core';
import { createSentimentLstm, saveKerasModel, Tokenizer } from 'tfjs-recurrent';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tarBytes } from '../datasets/tar-bytes.js';
import { findChromium, launch } from './chromium.js';
import { builtPlayground } from './playground.js';
import type { Site } from './site.js';

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
const MOST_BYTES = 2_500_000;
const SOON = { timeout: 30_000 };

const path = findChromium();

describe.runIf(path)('the playground', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<Site['serve']>>;
  beforeAll(async () => {
    server = await builtPlayground().serve();
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** The page once its network reads; it may not complain until the test has finished. */
  async function open(hash = '', options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage({ locale: 'en-US', ...options });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error.stack)));
    onTestFinished(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });
    await page.goto(server.address + hash);
    await page.waitForSelector('html[data-ready]');
    return page;
  }

  const write = (page: Page, text: string) => page.fill('.panel textarea >> nth=0', text);
  const percent = async (page: Page) =>
    Number(/(\d+) %/.exec((await page.textContent('.verdict strong'))!)?.[1]);
  const word = (page: Page, text: string) => page.locator('.words button', { hasText: text });

  test('takes 2.5 MB at most, the model included', async () => {
    const page = await browser.newPage();
    const sizes: Promise<number>[] = [];
    page.on('response', (response) => sizes.push(response.body().then(({ length }) => length)));
    await page.goto(server.address);
    await page.waitForSelector('html[data-ready]');
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    await page.close();
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  test('says at every key what it thinks, and colours the words that count', async () => {
    const page = await open();
    await write(page, 'A wonderful film');
    expect(await percent(page)).toBeGreaterThan(60);
    await page.waitForSelector('.words button.for');
    await page.locator('.panel textarea').first().pressSequentially(', an awful ending');
    expect(await percent(page)).toBeLessThan(60);
    await expect.poll(() => word(page, 'awful').getAttribute('class'), SOON).toBe('against');
    expect(await word(page, 'awful').getAttribute('aria-label')).toMatch(/^awful: -\d/);
  });

  test('tells what it does not know', async () => {
    const page = await open();
    await write(page, 'zzyzx film');
    await expect
      .poll(() => word(page, 'zzyzx').getAttribute('aria-label'), SOON)
      .toBe('zzyzx: not in the vocabulary');
    await write(page, '');
    expect(await page.textContent('.verdict strong')).toBe('Write something.');
  });

  test('leaves words out and replaces them, by the keyboard alone', async () => {
    const page = await open('#a=an+awful+film');
    const before = await percent(page);
    await word(page, 'awful').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('wonderful');
    await page.keyboard.press('Enter');
    expect(await page.inputValue('.panel textarea >> nth=0')).toBe('an wonderful film');
    const replaced = await percent(page);
    expect(replaced).toBeGreaterThan(before);

    await word(page, 'wonderful').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await word(page, 'wonderful').getAttribute('class')).toContain('left-out');
    expect(await percent(page)).toBeLessThan(replaced);
  });

  test('keeps texts, words left out and the gate in its address', async () => {
    const page = await open();
    await write(page, 'an awful film');
    await page.click('#compare');
    await page.fill('.panel textarea >> nth=1', 'a fine film');
    await page.selectOption('#gate', 'forgetGate');
    await word(page, 'awful').click();
    await page.click('#leave-out');
    await expect.poll(() => page.url(), SOON).toContain('a-out=1');
    const again = await open(new URL(page.url()).hash);
    expect(await again.inputValue('.panel textarea >> nth=0')).toBe('an awful film');
    expect(await again.inputValue('.panel textarea >> nth=1')).toBe('a fine film');
    expect(await word(again, 'awful').getAttribute('class')).toContain('left-out');
    expect(await again.inputValue('#gate')).toBe('forgetGate');
  });

  test('shows the gates over the words that the network reads', async () => {
    const page = await open('#a=not+zzyzx+bad');
    const chart = page.locator('#gates-chart svg');
    await chart.waitFor();
    expect(await chart.getAttribute('aria-label')).toMatch(/forget gate: mean 0\.\d+/);
    expect(await chart.locator('rect title', { hasText: 'forget gate' }).count()).toBe(2);
    await page.selectOption('#gate', 'cellState');
    expect(await chart.locator('rect title', { hasText: 'unit 31' }).count()).toBe(2);
  });

  test('trains on made-up reviews beside the page, and lets the network read', async () => {
    const page = await open();
    await page.click('#start');
    await page.waitForSelector('#trained:not([hidden])');
    expect(await page.textContent('#train-status')).toMatch(
      /^Done in [\d.]+ s\. Right on \d\d % of 600 texts that it has not seen\.$/,
    );
    expect(await page.getAttribute('#history svg', 'aria-label')).toMatch(/in epoch 4/);
    await page.click('#use');
    expect(await page.textContent('#reader-name')).toBe('the network that you have trained here');
    await page.click('#first-reader');
    expect(await page.textContent('#reader-name')).toContain('an LSTM of 32 units');
  });

  test('trains on two kinds of texts of the visitor, stands still and goes on', async () => {
    const page = await open('#a=plant+the+old+roses');
    await page.check('[value=own]');
    await page.fill('#name-0', '');
    await page.click('#start');
    await expect
      .poll(() => page.textContent('#train-status'), SOON)
      .toMatch(/Give both kinds a name\./);
    await page.fill('#name-0', 'house');
    // So many that training does not end before it is told to stand still.
    const lines = (await page.inputValue('#texts-0')).split('\n');
    await page.fill('#texts-0', Array.from({ length: 100 }, () => lines.join('\n')).join('\n'));
    await page.click('#start');
    await page.click('#pause');
    await expect.poll(() => page.textContent('#train-status'), SOON).toBe('Paused.');
    await page.click('#pause');
    await page.waitForSelector('#trained:not([hidden])');
    await page.click('#use');
    expect(await page.textContent('.verdict strong')).toMatch(/^garden: (100|[89]\d) %$/);
  });

  test('trains on an archive that lies in a file', async () => {
    const members = ['train', 'test'].flatMap((half) =>
      Array.from({ length: 20 }, (_, i) => ({
        name: `aclImdb/${half}/${i % 2 ? 'pos' : 'neg'}/${i}_${i % 2 ? 9 : 2}.txt`,
        content: `${i % 2 ? 'fine' : 'dull'} film number ${i}`,
      })),
    );
    const page = await open();
    await page.check('[value=archive]');
    const archive = file('aclImdb_v1.tar.gz', gzipSync(tarBytes(members)));
    await page.setInputFiles('#archive-file', archive);
    await page.click('#start');
    await page.waitForSelector('#trained:not([hidden])');
    expect(await page.textContent('#train-status')).toMatch(/^Done in/);
  });

  test('opens a model of Keras with its words', async () => {
    const tokenizer = new Tokenizer({ numWords: 20 });
    tokenizer.fitOnTexts(['one two three']);
    const tiny = { vocabularySize: 20, sequenceLength: 4, embeddingDim: 4, lstmUnits: 4 };
    const model = createSentimentLstm({ ...tiny, denseUnits: 4, seed: 1 });
    const bytes = await saveKerasModel(model, { format: 'h5' });
    const page = await open('#a=one+two');
    await page.setInputFiles('#model-file', file('model.h5', Buffer.from(bytes)));
    expect(await page.textContent('#own-status')).toBe('Now choose the file with its words.');
    await page.setInputFiles('#tokenizer-file', file('tokenizer.json', tokenizer.toJson()));
    await expect.poll(() => page.textContent('#own-status'), SOON).toBe('It reads above.');
    expect(await page.textContent('#reader-name')).toBe('the model of your file');
    expect(await percent(page)).toBeGreaterThan(0);
    await page.setInputFiles('#tokenizer-file', file('tokenizer.json', '{}'));
    await expect.poll(() => page.textContent('#own-status'), SOON).toMatch(/^That did not work\./);
  });

  test('speaks Chinese, and finds the words of Chinese texts', async () => {
    const page = await open('#a=这部电影很好', { locale: 'zh-CN' });
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    expect(await page.textContent('h1')).toBe('循环神经网络读到了什么');
    expect(await page.locator('.words button').count()).toBeGreaterThan(2);
    await page.click('#language');
    expect(await page.textContent('h1')).toBe('What a recurrent network reads');
  });

  test.each([
    ['en-US', 'light', 1200],
    ['zh-CN', 'dark', 360],
  ] as const)(
    'axe finds nothing to complain of: %s, %s, %i pixels',
    async (locale, scheme, width) => {
      const page = await open('#a=an+awful+zzyzx+film&a-out=0&b=fine', {
        ...{ locale, colorScheme: scheme, viewport: { width, height: 800 } },
      });
      await page.waitForSelector('.words button[aria-label]');
      await page.check('[value=own]');
      await page.addScriptTag({ path: AXE });
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
        return (await axe.run()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      });
      expect(violations).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    },
  );

  test('opens without a network once it has been there', async () => {
    const context = await browser.newContext({ locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(server.address);
    await page.waitForSelector('html[data-ready]');
    await page.waitForSelector('#kept:not([hidden])');
    await context.setOffline(true);
    await page.reload();
    await page.waitForSelector('html[data-ready]');
    await write(page, 'a wonderful film');
    expect(await percent(page)).toBeGreaterThan(60);
    await context.close();
  });
});

const file = (name: string, contents: Buffer | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(contents),
});
