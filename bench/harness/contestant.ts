/** A contestant: a process of its own that lives as long as the bench and answers when it is its turn. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a contestant says of itself when it is there. */
export interface Hello {
  /** Of what it runs on and with, by name: `{ torch: '2.13.0' }`. */
  versions: Record<string, string>;
}

/** A contestant that cannot take part, and why. */
export interface Missing {
  name: string;
  why: string;
}

// Libraries print what they like, so answers are marked.
const MARK = 'reply ';
const KEPT_ERRORS = 2000;

type Reply = { value: unknown } | { error: string } | { missing: string };

/** A process that speaks the protocol of peers/protocol.py and peers/protocol.ts. */
export class Contestant {
  readonly name: string;
  versions: Hello['versions'] = {};
  readonly #process: ChildProcess;
  #waiting: ((reply: Reply) => void) | undefined;
  #ended: string | undefined;
  #errors = '';

  private constructor(
    name: string,
    command: string,
    args: readonly string[],
    env: Record<string, string>,
  ) {
    this.name = name;
    this.#process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', ...env },
    });
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERRORS);
    });
    this.#process.stdin!.on('error', () => {}); // its end is told by 'close'
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      if (line.startsWith(MARK)) this.#answer(JSON.parse(line.slice(MARK.length)) as Reply);
    });
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('close', (code, signal) => {
      this.#end(`ended with ${signal ?? code}: ${this.#errors.trim() || 'it said nothing'}`);
    });
  }

  /** Starts a contestant and waits until it has imported what it needs. */
  static async start(
    name: string,
    command: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<Contestant | Missing> {
    const contestant = new Contestant(name, command, args, env);
    const reply = await contestant.#reply();
    if ('missing' in reply) return { name, why: reply.missing };
    if ('error' in reply) return { name, why: reply.error };
    contestant.versions = (reply.value as Hello).versions;
    return contestant;
  }

  /** Has it do something and waits for what came of it. */
  async ask<T>(operation: string, args: object = {}): Promise<T> {
    if (this.#ended === undefined) {
      this.#process.stdin!.write(`${JSON.stringify({ operation, args })}\n`);
    }
    const reply = await this.#reply();
    if ('value' in reply) return reply.value as T;
    const why = 'error' in reply ? reply.error : reply.missing;
    throw new Error(`${this.name} failed at ${operation}: ${why}`);
  }

  /** Of its process. */
  get pid(): number {
    return this.#process.pid!;
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stdin!.end();
    this.#process.kill();
  }

  #reply(): Promise<Reply> {
    if (this.#ended !== undefined) return Promise.resolve({ error: this.#ended });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #answer(reply: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(reply);
  }

  #end(why: string): void {
    this.#ended ??= why;
    this.#answer({ error: this.#ended });
  }
}
