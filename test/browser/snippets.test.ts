import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Browser, Page as Tab } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createManyToOne,
  createSentimentLstm,
  fileSystem,
  fitWithSeed,
  SentimentClassifier,
  Tokenizer,
} from '../../src/node.js';
import '@tensorflow/tfjs-backend-cpu';
import { gzipSync } from 'node:zlib';
import { tarBytes } from '../datasets/tar-bytes.js';
import { type Example, examplesForPages, examplesOf, filesBeside } from '../docs/examples.js';
import { instrument, tidy } from '../docs/instrument.js';
import { bytesOf, recorded, textOf } from '../keras/reading/read-files.js';
import { findChromium, launch } from './chromium.js';
import { buildSite, type Page, type Site, writePages } from './site.js';

/** Looks by the clock: a page whose picture nobody sees may not be painted for a long time. */
const OFTEN = { polling: 50 };

/** A page shares its processors with all other tests. */
const PATIENCE = 180_000;

/** What a page needs besides its snippet, and what a visitor finds. */
interface Visit {
  body?: string;
  /** Runs behind the snippet, and sees what that has made. */
  behind?: string;
  /** Serves what the snippet asks for. */
  prepare?(tab: Tab, address: string): Promise<void>;
  check(tab: Tab): Promise<void>;
}

const { inputs, predictions } = recorded('lstm');
let classifier: SentimentClassifier;
let folder: string;

/** Says that the snippet listens to its inputs. */
const BEGUN = "document.body.dataset.begun = 'true';";

/** By the guide and the heading of the snippet. */
const VISITS: Record<string, Visit> = {
  'docs/sentiment.md, In a browser': {
    body: '<textarea></textarea><meter></meter>',
    async prepare(tab) {
      await tab.route('https://example.com/reviews/*', async (route) => {
        const path = join(folder, new URL(route.request().url()).pathname.split('/').pop()!);
        const headers = { 'access-control-allow-origin': '*' };
        await route.fulfill({ path, headers });
      });
    },
    async check(tab) {
      // Not waitForFunction, to which a promise is an answer.
      const kept = () =>
        tab.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
      await expect.poll(kept, { timeout: PATIENCE }).toContain('tensorflowjs');
      const review = 'Wise, warm and funny!';
      await tab.fill('textarea', review);
      await tab.waitForFunction(() => document.querySelector('meter')!.value > 0, null, OFTEN);
      const shown = await tab.$eval('meter', (meter) => (meter as HTMLMeterElement).value);
      expect(shown).toBeCloseTo((await classifier.predict(review)).probability, 5);
    },
  },
  'docs/keras.md, From Keras': {
    behind: `
      import * as tf from '@tensorflow/tfjs-core';
      const x = tf.tensor2d(${JSON.stringify(inputs)});
      const predicted = [model, same].map((one) => (one.predict(x) as tf.Tensor).arraySync());
      const sequences = tokenizer.textsToSequences(['a good film']);
      document.body.dataset.shown = JSON.stringify({ predicted, sequences });
    `,
    async prepare(tab, address) {
      const tokenizer = new Tokenizer();
      tokenizer.fitOnTexts(['a film', 'a good film']);
      const files: Record<string, string | Uint8Array> = {
        'model.keras': bytesOf('lstm.keras'),
        'model.json': textOf('lstm.keras3.json'),
        'weights.h5': bytesOf('lstm.weights_legacy.h5'),
        'tokenizer.json': JSON.stringify(tokenizer.toJson()),
      };
      for (const [name, content] of Object.entries(files)) {
        await tab.route(`${address}${name}`, (route) =>
          route.fulfill({ body: Buffer.from(content as string) }),
        );
      }
    },
    async check(tab) {
      await tab.waitForSelector('body[data-shown]', { state: 'attached' });
      const shown = JSON.parse((await tab.getAttribute('body', 'data-shown'))!);
      expect(shown.sequences).toEqual([[1, 3, 2]]);
      for (const predicted of shown.predicted as number[][][]) {
        predicted.forEach(([probability], i) => {
          expect(probability).toBeCloseTo(predictions[i]![0]!, 5);
        });
      }
    },
  },
  'docs/browser.md, Training in a worker': {
    body: '<input type="file"><button>Stop</button><output></output>',
    behind: BEGUN,
    async check(tab) {
      const review = (half: string, name: string, i: number) => ({
        name: `aclImdb/${half}/${name}/${i}_1.txt`,
        content: `${name === 'pos' ? 'warm and funny' : 'dull and slow'} ${i}`,
      });
      const members = ['train', 'test'].flatMap((half) =>
        ['pos', 'neg'].flatMap((name) => [1, 2, 3, 4, 5].map((i) => review(half, name, i))),
      );
      await tab.waitForSelector('body[data-begun]');
      const read = tab.waitForEvent('console', (message) => message.text().startsWith('read'));
      await tab.setInputFiles('input', {
        name: 'aclImdb_v1.tar.gz',
        mimeType: 'application/gzip',
        buffer: gzipSync(tarBytes(members)),
      });
      await read;
      await tab.waitForFunction(
        () => document.querySelector('output')!.textContent!.endsWith(' % positive'),
        null,
        OFTEN,
      );
    },
  },
  'docs/browser.md, A model of the page': {
    body: '<output></output>',
    async check(tab) {
      await tab.waitForFunction(
        () => document.querySelector('output')!.textContent !== '',
        null,
        OFTEN,
      );
      const model = createManyToOne({ vocabularySize: 10, units: 8, outputs: 2, seed: 1 });
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 2, 1], [4, 3]);
      const y = tf.tensor2d([[0], [1], [1], [0]]);
      const { history } = await fitWithSeed(model, x, y, { epochs: 20, seed: 1 });
      expect(await tab.textContent('output')).toBe(`loss ${history.loss!.at(-1)!.toFixed(3)}`);
    },
  },
  'docs/browser.md, Files': {
    body: '<input type="file"><output></output>',
    behind: BEGUN,
    async check(tab) {
      await tab.waitForSelector('body[data-begun]');
      await tab.setInputFiles('input', {
        name: 'reviews.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('review,sentiment\n"Warm, funny",1\nDull,0\n'),
      });
      const output = tab.locator('output');
      await expect
        .poll(() => output.textContent(), { timeout: PATIENCE })
        .toBe('2 rows of review, sentiment');
    },
  },
  'docs/works-with.md, Vite': {
    behind: `
    import * as tf from '@tensorflow/tfjs-core';
    const x = tf.tensor2d([Array.from({ length: 300 }, (_, i) => i)]);
    const predicted = (model.predict(x) as tf.Tensor).arraySync();
    document.body.dataset.shown = JSON.stringify({ predicted, backend: tf.getBackend() });
  `,
    async check(tab) {
      await tab.waitForSelector('body[data-shown]', { state: 'attached' });
      const { predicted, backend } = JSON.parse((await tab.getAttribute('body', 'data-shown'))!);
      expect(backend).toBe('wasm');
      const x = tf.tensor2d([Array.from({ length: 300 }, (_, i) => i)]);
      const here = (createSentimentLstm({ seed: 1 }).predict(x) as tf.Tensor2D).arraySync();
      expect(predicted[0][0]).toBeCloseTo(here[0]![0]!, 5);
    },
  },
};

/** The examples of the README that run anywhere run here, too, and print the same. */
const anywhere = examplesOf('README.md').filter(
  ({ kind, code }) => kind === 'ts' && !/tfjs-recurrent\/node|node:/.test(code),
);
const snippets = examplesForPages();
const titleOf = ({ where, heading }: Example) => `${where.split(':')[0]}, ${heading}`;

function pageOf(snippet: Example): Page {
  const { body = '', behind = '' } = VISITS[titleOf(snippet)] ?? {};
  return { body, script: `${snippet.code}\n${behind}`, files: filesBeside(snippet) };
}

const path = findChromium();

test('every snippet for pages has a visitor', () => {
  expect(snippets.map(titleOf).sort()).toEqual(Object.keys(VISITS).sort());
  expect(anywhere.length).toBeGreaterThan(0);
});

describe.runIf(path)('bundled by Vite, in headless Chromium,', () => {
  const all = [...snippets, ...anywhere];
  const names = new Map(all.map((snippet, i) => [snippet, `page-${i}`]));
  let browser: Browser;
  let site: Site;
  let server: Awaited<ReturnType<Site['serve']>>;
  let pages: ReturnType<typeof writePages>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'reviews-'));
    classifier = await SentimentClassifier.train(
      { texts: ['Warm and funny.', 'Dull and slow.', 'Wise.', 'A mess.'], labels: [1, 0, 1, 0] },
      { sequenceLength: 5, epochs: 3, learningRate: 0.01, validationSplit: 0, seed: 1 },
    );
    await classifier.save(fileSystem(folder));
    pages = writePages(Object.fromEntries(all.map((one) => [names.get(one)!, pageOf(one)])));
    site = await buildSite(pages.folder);
    server = await site.serve();
    browser = await launch(path!);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    site?.remove();
    pages?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the page of a snippet, and complains of whatever the page complains of. */
  async function visit(
    snippet: Example,
    look: (tab: Tab) => Promise<void>,
    prepare?: Visit['prepare'],
  ) {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(PATIENCE);
    const complaints: string[] = [];
    tab.on('pageerror', (error) => complaints.push(String(error.stack)));
    tab.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await prepare?.(tab, server.address);
    await tab.goto(`${server.address}${names.get(snippet)}.html`);
    const looked = look(tab).catch((error: Error) => error);
    const error = await Promise.race([looked, tab.waitForEvent('pageerror', { timeout: 0 })]);
    await tab.close();
    expect(complaints).toEqual([]);
    if (error instanceof Error) throw error;
  }

  test.each(snippets.map((snippet) => [titleOf(snippet), snippet] as const))(
    '%s does what the guide says',
    async (title, snippet) => {
      const { prepare, check } = VISITS[title]!;
      await visit(snippet, check, prepare);
    },
  );

  test.each(anywhere.map((snippet) => [snippet.where, snippet] as const))(
    '%s prints what its comments say',
    async (_, snippet) => {
      const { expected } = instrument(snippet.code, '');
      const promised = Object.entries(expected)
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, output]) => output)
        .join('\n');
      const printed: string[] = [];
      await visit(
        snippet,
        async () => {
          await expect.poll(() => tidy(printed.join('\n')), { timeout: 40_000 }).toBe(promised);
        },
        async (tab) => {
          tab.on('console', (message) => void printed.push(message.text()));
        },
      );
    },
  );
});
