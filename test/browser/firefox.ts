/**
 * A Firefox of the system, by WebDriver BiDi (https://w3c.github.io/webdriver-bidi): playwright-core
 * drives only one that it has patched, or newer than what Debian has.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from './chromium.js';
import { connect, type WebSocketClient } from './web-socket.js';

/** FIREFOX_PATH, or the first Firefox on PATH. */
export const findFirefox = () => findOnPath(process.env.FIREFOX_PATH, ['firefox', 'firefox-esr']);

type Reply = { id: number; result?: unknown; message?: string; error?: string };
type Event = { method: string; params: { level: string; text: string | null } };

/** One page of it. */
export class FirefoxPage {
  /** Errors and warnings of the console, and what was thrown and not caught. */
  readonly complaints: string[] = [];
  #context = '';
  #asked = 0;
  #socket!: WebSocketClient;
  readonly #waiting = new Map<number, (reply: Reply) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
  ) {}

  /** Starts a headless Firefox with a profile of its own. */
  static async launch(path: string): Promise<FirefoxPage> {
    const profile = mkdtempSync(join(tmpdir(), 'tfjs-recurrent-firefox-'));
    writeFileSync(join(profile, 'user.js'), QUIET);
    const args = [
      '--headless',
      '--no-remote',
      '--profile',
      profile,
      '--remote-debugging-port',
      '0',
    ];
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const page = new FirefoxPage(child, profile);
    try {
      const address = await page.#address();
      page.#socket = await connect(
        `${address}/session`,
        (text) => page.#hear(JSON.parse(text) as Reply | Event),
        () => page.#end('the connection has ended'),
      );
      await page.#ask('session.new', { capabilities: {} });
      await page.#ask('session.subscribe', { events: ['log.entryAdded'] });
      const { contexts } = await page.#ask<{ contexts: { context: string }[] }>(
        'browsingContext.getTree',
        {},
      );
      page.#context = contexts[0]!.context;
      return page;
    } catch (error) {
      await page.close();
      throw error;
    }
  }

  /** Opens an address and waits until it has loaded. */
  async goto(url: string): Promise<void> {
    await this.#ask('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** The value of an expression in the page, once its promise is fulfilled. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#ask<{
      result?: { value: T };
      exceptionDetails?: { text: string };
    }>('script.evaluate', {
      ...{ expression, awaitPromise: true, target: { context: this.#context } },
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result!.value;
  }

  /** Presses keys, one after the other, in whatever has the focus. */
  async type(text: string): Promise<void> {
    const actions = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    const keyboard = { type: 'key', id: 'keyboard', actions };
    await this.#ask('input.performActions', { context: this.#context, actions: [keyboard] });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('close', resolve));
    this.#socket?.close();
    if (this.process.exitCode === null && this.process.kill()) await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** What it says to its standard error, once it listens. */
  #address(): Promise<string> {
    return new Promise((resolve, reject) => {
      let said = '';
      this.process.stderr!.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const address = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
        if (address) resolve(address);
      });
      this.process.once('error', reject);
      this.process.once('close', (code) =>
        reject(new Error(`Firefox ended with ${code}: ${said}`)),
      );
    });
  }

  #ask<T>(method: string, params: object): Promise<T> {
    const id = ++this.#asked;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error, message }) => {
        if (error === undefined) resolve(result as T);
        else reject(new Error(`${method}: ${error}: ${message}`));
      });
    });
  }

  #hear(said: Reply | Event): void {
    if ('id' in said) {
      this.#waiting.get(said.id)?.(said);
      this.#waiting.delete(said.id);
    } else if (said.method === 'log.entryAdded') {
      const { level, text } = said.params;
      if (level === 'error' || level === 'warn') this.complaints.push(`${level}: ${text}`);
    }
  }

  #end(message: string): void {
    for (const [id, answer] of this.#waiting) answer({ id, error: 'closed', message });
    this.#waiting.clear();
  }
}

/** Nothing of its own on the network, no first page, English. */
const QUIET = Object.entries({
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'intl.accept_languages': 'en-US',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': '',
  'toolkit.telemetry.enabled': false,
})
  .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
  .join('');
