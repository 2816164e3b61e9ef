/**
 * The playground on this machine: from loading to the first verdict, and what a key takes of the page's main
 * thread, in headless Chromium.
 *
 *     npx tsx bench/playground.ts [ROUNDS]
 *
 * A key stands for the tasks of the page until the next one, 300 ms later: the longest, and all that take more than
 * a millisecond. The time is that of the processor, so that other work on the machine counts little.
 */
import { fileURLToPath } from 'node:url';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { findChromium, launch } from '../test/browser/chromium.js';
import { serveBuilt } from '../test/browser/site.js';
import { line, spreadOf } from './medians.js';

const ROUNDS = Number(process.argv[2] ?? 9);
const TEXT = ', but the ending is a bore';
const PLAYGROUND = fileURLToPath(new URL('../examples/browser', import.meta.url));

const path = findChromium();
if (!path) throw new Error('There is no Chromium on PATH; install one or set CHROME_PATH.');
const outDir = mkdtempSync(join(tmpdir(), 'bench-playground-'));
await build({ root: PLAYGROUND, logLevel: 'error', build: { outDir, emptyOutDir: true } });
const server = await serveBuilt(PLAYGROUND, outDir);
const browser = await launch(path);
console.log(`npx tsx bench/playground.ts ${ROUNDS}\nChromium ${browser.version()}`);

const first: number[] = [];
const longest: number[] = [];
const keys: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  // A context of its own: nothing is kept from the visit before.
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  const begin = performance.now();
  await page.goto(server.address, { waitUntil: 'commit' });
  await page.waitForFunction(() =>
    /\d/.test(document.querySelector('.verdict')?.textContent ?? ''),
  );
  first.push(performance.now() - begin);
  await page.waitForSelector('#gates-chart svg');

  const box = page.locator('.panel textarea').first();
  await box.pressSequentially(' warm');
  for (const key of TEXT) {
    await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
    await page.evaluate(() => void performance.mark('begin'));
    await box.pressSequentially(key);
    await page.waitForTimeout(300);
    const { traceEvents } = JSON.parse(`${await browser.stopTracing()}`) as {
      traceEvents: {
        name: string;
        ph: string;
        pid: number;
        tid: number;
        ts: number;
        tdur?: number;
      }[];
    };
    const mark = traceEvents.find(({ name }) => name === 'begin')!;
    const tasks = traceEvents
      .filter(({ name, ph }) => ph === 'X' && name.endsWith('RunTask'))
      .filter(({ pid, tid, ts }) => pid === mark.pid && tid === mark.tid && ts > mark.ts)
      .map(({ tdur = 0 }) => tdur / 1000);
    longest.push(Math.max(...tasks));
    keys.push(tasks.filter((ms) => ms > 1).reduce((sum, ms) => sum + ms, 0));
  }
  await context.close();
}
await browser.close();
await server.close();
rmSync(outDir, { recursive: true });
console.log(`${''.padEnd(38)}  median   least    most`);
console.log(line('loading to the first verdict, ms', spreadOf(first)));
console.log(line('the longest task of a key, ms', spreadOf(longest)));
console.log(line('all tasks of a key, ms', spreadOf(keys)));
process.exit();
