/** The page without a bundler of docs/works-with.md, and a worker beside it, under a strict policy. */
import { execSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examplesOf } from '../docs/examples.js';
import { findChromium, launch } from './chromium.js';
import { serveBuilt } from './site.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const path = findChromium();

const fromGuide = (kind: string) =>
  examplesOf('docs/works-with.md').find(
    (example) => example.heading === 'A page without a bundler' && example.kind === kind,
  )!.code;

const PAGE = `
  import '@tensorflow/tfjs-backend-cpu';
  import * as tf from '@tensorflow/tfjs-core';
  import { createManyToOne, fitInWorker, fitWithSeed } from 'tfjs-recurrent';

  const x = tf.tensor2d([[1, 2, 3], [4, 5, 6], [7, 8, 9], [3, 2, 1]]);
  const y = tf.tensor2d([[0], [1], [1], [0]]);
  const make = () => createManyToOne({ vocabularySize: 10, units: 8, outputs: 2, seed: 1 });
  const [inWorker, inPage] = [make(), make()];
  const worker = new Worker('./fit.worker.js', { type: 'module' });
  await fitInWorker(worker, inWorker, x, y, { epochs: 3, seed: 1 }).finished;
  await fitWithSeed(inPage, x, y, { epochs: 3, seed: 1 });
  const { kernelNames } = await tf.profile(() => inPage.predict(x));
  const predicted = [inWorker, inPage].map((model) => Array.from(model.predict(x).dataSync()));
  const fused = kernelNames.includes('RecurrentLstm');
  document.querySelector('pre').textContent = JSON.stringify({ predicted, fused });
`;

describe.runIf(path)('a page without a bundler, in headless Chromium,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-import-map-'));
  let browser: Browser;
  beforeAll(async () => {
    const command = fromGuide('sh').replace('npx ', '').replace('=site/', `=${folder}/`);
    const PATH = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
    execSync(command, { cwd: ROOT, env: { ...process.env, PATH }, stdio: 'pipe' });
    const icon = '<link rel="icon" href="data:,">';
    const html = `<!doctype html><meta charset="utf-8">${icon}<pre></pre>${fromGuide('html')}`;
    writeFileSync(join(folder, 'index.html'), html);
    writeFileSync(join(folder, 'page.js'), PAGE);
    writeFileSync(join(folder, 'fit.worker.js'), fromGuide('js'));
    browser = await launch(path!);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('trains in a worker on one thread, under a policy with the hash of its import map', async () => {
    const [, map] = /<script type="importmap">(.*?)<\/script>/s.exec(fromGuide('html'))!;
    const hash = createHash('sha256').update(map!).digest('base64');
    const scripts = `script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`;
    const server = await serveBuilt(ROOT, folder, {
      'Content-Security-Policy': `default-src 'none'; img-src data:; ${scripts}`,
    });
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error.stack)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(server.address);
    await page.waitForSelector('pre:not(:empty)', { timeout: 180_000 });
    const { predicted, fused } = JSON.parse((await page.textContent('pre'))!);
    await page.close();
    await server.close();
    expect(complaints).toEqual([]);
    expect(fused).toBe(true);
    expect(predicted[0]).toHaveLength(8);
    expect(predicted[0]).toEqual(predicted[1]);
  });
});
