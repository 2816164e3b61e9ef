/** The site as `npm run site` builds it: every page in Chromium, and the search. */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from './chromium.js';
import { playWithExample, runEditableExamples } from './editable-examples.js';
import { folderOfPlayground } from './playground.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(root, 'site/dist');
const AXE = join(root, 'node_modules/axe-core/axe.min.js');
const TABS = 4;
// What a page says and where it leads does not depend on how much of it is painted.
const WINDOW = { width: 320, height: 200 };

const path = findChromium();

describe.runIf(path && process.env.CI)('the site', () => {
  let browser: Browser;
  let server: Server;
  let address: string;
  let pages: string[];
  beforeAll(async () => {
    const stdio = ['ignore', 'ignore', 'inherit'] as const;
    execFileSync('node', ['site/build.mjs', folderOfPlayground()], {
      cwd: root,
      stdio: [...stdio],
    });
    pages = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.html') && !/^(404|playground)/.test(name))
      .map((name) => `/${name.replaceAll('\\', '/').replace(/(index)?\.html$/, '')}`);
    server = createServer((request, response) => {
      const file = fileOf(decodeURI(request.url!.split(/[?#]/)[0]!));
      if (!file) response.writeHead(404).end();
      else {
        // Kept by the browser: all pages share their scripts.
        const kept = { 'cache-control': 'max-age=3600' };
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain', ...kept });
        createReadStream(file).pipe(response);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launch(path!);
  }, 1_200_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test('every page opens without a complaint, and each of its links leads somewhere', async () => {
    expect(pages.length).toBeGreaterThan(200);
    const complaints: string[] = [];
    const links = new Set<string>();
    const anchors = new Set<string>();
    const waiting = [...pages];
    // One context: the tabs share what has been fetched and compiled, as those of a visitor do.
    const context = await browser.newContext({ viewport: WINDOW });
    const visit = async () => {
      const page = await context.newPage();
      // Else each page fetches all that it links to beforehand.
      await page.addInitScript(() => {
        Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
      });
      let here = '';
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${here}: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`${here}: ${error.message}`));
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        here = next;
        await page.goto(address + here, { waitUntil: 'domcontentloaded' });
        await page.waitForSelector('#app main, #VPContent');
        const [found, ids] = await page.evaluate(() => [
          [...document.querySelectorAll<HTMLAnchorElement>('a[href]')].map(({ href }) => href),
          [...document.querySelectorAll('[id]')].map(({ id }) => id),
        ]);
        for (const link of found!) if (link.startsWith(address)) links.add(decodeURI(link));
        for (const id of ids!) anchors.add(`${address}${here}#${id}`);
      }
      await page.close();
    };
    await Promise.all(Array.from({ length: TABS }, visit));
    await context.close();
    const dead = [...links].filter((link) => {
      const { pathname, hash } = new URL(link);
      if (!fileOf(decodeURI(pathname))) return true;
      const isPage = pages.includes(decodeURI(pathname));
      return isPage && hash !== '' && !anchors.has(link);
    });
    expect(complaints).toEqual([]);
    expect(dead).toEqual([]);
  }, 1_200_000);

  test('the search finds padSequences', async () => {
    const page = await browser.newPage();
    await page.goto(address);
    await page.click('.VPNavBarSearch button');
    await page.fill('#localsearch-input', 'padSequences');
    await page.waitForSelector('.result');
    const found = await page.$$eval('a.result', (all) =>
      all.map((link) => link.getAttribute('href')),
    );
    expect(found.some((link) => link?.includes('/functions/padSequences'))).toBe(true);
    await page.close();
  });

  test('every editable example prints in the page what its comments say', async () => {
    await runEditableExamples(browser, address);
  }, 1_200_000);

  test('an example can be edited, stopped and reset, and shows errors and charts', async () => {
    await playWithExample(browser, address);
  }, 1_200_000);

  test('the other language leads to the same page where it is there, else to its first page', async () => {
    const page = await browser.newPage();
    const other = '.VPNavBarTranslations .items a';
    await page.goto(`${address}/guide/6-gates`);
    expect(await page.locator(other).getAttribute('href')).toBe('/zh/guide/6-gates');
    await page.goto(`${address}/zh/start`);
    expect(await page.locator(other).getAttribute('href')).toBe('/start');
    await page.goto(`${address}/benchmarks`);
    expect(await page.locator(other).getAttribute('href')).toBe('/zh/');
    await page.close();
  });

  test.each(['/', '/start', '/guide/6-gates', '/reference/', '/zh/', '/zh/start', '/zh/guide/'])(
    'axe has nothing serious against %s',
    async (place) => {
      const page = await browser.newPage();
      await page.goto(address + place);
      await page.waitForSelector('#app main, #VPContent');
      await page.addScriptTag({ path: AXE });
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
        const { violations: all } = await axe.run(
          // The playground has a test of its own. The button's name leaves out its keys, as VitePress has it.
          { exclude: ['iframe', '.DocSearch-Button'] },
          { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
        );
        return all.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      });
      expect(violations).toEqual([]);
      await page.close();
    },
  );
});

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
};

/** The file of an address, as servers find it that leave .html out. */
function fileOf(address: string): string | undefined {
  const candidates = [address, `${address}.html`, join(address, 'index.html')];
  return candidates
    .map((name) => join(DIST, name))
    .find((file) => existsSync(file) && statSync(file).isFile());
}
