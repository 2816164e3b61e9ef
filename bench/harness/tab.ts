/** A contestant in Chromium: a page that lives as long as the bench. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { findChromium, launch } from '../../test/browser/chromium.js';
import { buildSite, ISOLATED, type Site } from '../../test/browser/site.js';
import type { InPage, Rows } from '../peers/browser/main.js';

const PAGE = fileURLToPath(new URL('../peers/browser', import.meta.url));

/** A Chromium with the page of bench/peers/browser. */
export class Tabs {
  readonly #servers: { close(): Promise<void> }[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly site: Site,
  ) {}

  static async open(): Promise<Tabs> {
    const path = findChromium();
    if (!path) throw new Error('There is no Chromium on PATH; install one or set CHROME_PATH.');
    return new Tabs(await launch(path), await buildSite(PAGE));
  }

  get version(): string {
    return this.browser.version();
  }

  /**
   * A page that has loaded the classifier of the inputs.
   *
   * @param threads More than one makes it cross-origin isolated.
   */
  async tab(name: string, inputs: string, threads: number): Promise<Tab> {
    const server = await this.site.serve(threads > 1 ? ISOLATED : {});
    this.#servers.push(server);
    const page = await this.browser.newPage();
    await page.route('**/classifier/*', (route) => {
      const file = new URL(route.request().url()).pathname.split('/').at(-1)!;
      return route.fulfill({ path: join(inputs, 'classifier', file) });
    });
    await page.goto(server.address);
    await page.waitForFunction(() => globalThis.inPage !== undefined);
    const loaded = await page.evaluate((count) => globalThis.inPage!.load(count), threads);
    if (loaded.isolated !== threads > 1) throw new Error(`${name} should be isolated.`);
    return new Tab(name, loaded.parameters, page);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await Promise.all(this.#servers.map((server) => server.close()));
    this.site.remove();
  }
}

/** One page. */
export class Tab {
  constructor(
    readonly name: string,
    readonly parameters: number,
    private readonly page: Page,
  ) {}

  async fit(rows: Rows, batch: number): ReturnType<InPage['fit']> {
    await this.page.bringToFront();
    return this.page.evaluate(([some, size]) => globalThis.inPage!.fit(some, size), [
      rows,
      batch,
    ] as const);
  }

  async one(texts: string[]): ReturnType<InPage['one']> {
    await this.page.bringToFront();
    return this.page.evaluate((some) => globalThis.inPage!.one(some), texts);
  }
}
