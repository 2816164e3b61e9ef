/** What every row's script begins with: its options, the reviews, and who takes part. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Contestant, type Missing } from './contestant.js';
import { type Inputs, openInputs, prepareInputs } from './inputs.js';
import { report, type RowResult } from './row.js';

const OPTIONS = {
  data: { type: 'string' },
  python: { type: 'string' },
  node24: { type: 'string' },
  backend: { type: 'string' },
  rounds: { type: 'string' },
  inputs: { type: 'string' },
  json: { type: 'string' },
} as const;

const USAGE = `  --data PATH      the folder aclImdb, or aclImdb_v1.tar.gz
  --python PATH    the Python that has the peers; else the variable PYTHON, else python3
  --node24 PATH    a newer Node to run beside this one
  --backend NAME   cpu (default) or wasm: the backend of TensorFlow.js that ours runs on
  --rounds N       how often everyone has a turn`;

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));

interface PeerOptions {
  /** The Node that runs a peer in JavaScript. */
  node?: string | undefined;
  environment?: Record<string, string>;
}

/** A row that is being measured. */
export class Bench {
  readonly rounds: number;
  readonly backend: string;
  readonly data: string | undefined;
  readonly python: string;
  readonly node24: string | undefined;
  /** Who could not take part. */
  readonly missing: Missing[] = [];
  readonly versions: Record<string, string> = { node: process.version };
  readonly command: string;

  readonly #began = new Date().toISOString().slice(0, 16).replace('T', ' ');
  readonly #load = loadavg()[0]!;
  readonly #json: string | undefined;
  #inputs: string | undefined;
  readonly #contestants: Contestant[] = [];
  readonly #folders: string[] = [];

  /** @param row The name of the script in bench/rows. */
  constructor(
    readonly row: string,
    defaults: { rounds: number; needsData?: boolean },
  ) {
    const values = readOptions(row);
    this.rounds = Number(values.rounds ?? defaults.rounds);
    this.backend = values.backend ?? 'cpu';
    this.data = values.data;
    this.python = values.python ?? process.env.PYTHON ?? 'python3';
    this.node24 = values.node24;
    this.#json = values.json;
    this.#inputs = values.inputs;
    if (!Number.isInteger(this.rounds) || this.rounds < 1) fail(row, '--rounds is at least 1.');
    if (defaults.needsData && !this.data) fail(row, 'This row needs --data.');
    const { data, python, node24, backend, rounds } = values;
    const others = Object.entries({ backend, rounds });
    this.command = [
      `npx tsx bench/rows/${row}.ts`,
      ...(data ? ['--data PATH'] : []),
      ...(python ? ['--python PATH'] : []),
      ...(node24 ? ['--node24 PATH'] : []),
      ...others.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`])),
    ].join(' ');
    console.log(this.command);
    console.log(`${machine()}; load ${this.#load.toFixed(1)}\n`);
  }

  /** The reviews as numbers, a model's weights and some texts, in files that everyone reads. */
  async inputs(): Promise<Inputs> {
    if (this.#inputs) return openInputs(this.#inputs);
    this.#inputs = this.folder();
    return prepareInputs(this.data!, this.#inputs);
  }

  /** A folder that is gone when the bench ends. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), `bench-${this.row}-`));
    this.#folders.push(folder);
    return folder;
  }

  /** Ours in a process of its own, on this Node or another. */
  async ours(
    name: string,
    options: { node?: string; backend?: string; threads?: number; wideVectors?: boolean } = {},
  ) {
    return this.#join(name, options.node ?? process.execPath, [
      ...['--import', 'tsx', join(PEERS, 'ours.ts')],
      options.backend ?? this.backend,
      `${options.threads ?? 'auto'}`,
      ...(options.wideVectors ? ['wide'] : []),
    ]);
  }

  /** Ours on this Node and, where there is one, on the newer one. */
  async oursOnEachNode(): Promise<Contestant[]> {
    const here = await this.oursOnly();
    const newer = this.node24 ? await this.ours('ours, Node 24', { node: this.node24 }) : undefined;
    if (newer) this.versions['newer node'] = newer.versions.node!;
    else if (!this.node24) this.missing.push({ name: 'ours, Node 24', why: 'no --node24 PATH' });
    return newer ? [here, newer] : [here];
  }

  /** Ours on the newer Node, asked for vectors of 256 bits. */
  async oursWide(): Promise<Contestant | undefined> {
    if (!this.node24) return undefined;
    return this.ours('ours, Node 24, 256-bit', { node: this.node24, wideVectors: true });
  }

  /** Ours on this Node, without which there is nothing to measure. */
  async oursOnly(): Promise<Contestant> {
    const here = await this.ours(`ours, Node ${major(process.version)}`);
    if (!here) throw new Error(this.missing.at(-1)!.why);
    return here;
  }

  /** A peer of bench/peers: Python where its name ends so. */
  async peer(
    name: string,
    file: string,
    args: string[] = [],
    { node = process.execPath, environment }: PeerOptions = {},
  ): Promise<Contestant | undefined> {
    const script = join(PEERS, file);
    return file.endsWith('.py')
      ? this.#join(name, this.python, ['-u', script, ...args], environment)
      : this.#join(name, node, ['--import', 'tsx', script, ...args], environment);
  }

  /** PyTorch as it is installed, and with an allocator that keeps what is freed. */
  async pytorch(): Promise<Contestant[]> {
    const script = ['-u', join(PEERS, 'pytorch_peer.py')];
    const both = [
      await this.#join('PyTorch', this.python, script),
      await this.#join('PyTorch, memory kept', this.python, script, KEEP_MEMORY),
    ];
    return both.filter((one) => one !== undefined);
  }

  /** Prints the row, ends everyone and leaves nothing behind; returns what was printed. */
  finish(
    result: Pick<RowResult, 'title' | 'method' | 'tables' | 'verdicts' | 'checks'>,
  ): RowResult {
    const { row, command, versions } = this;
    const measured = `${this.#began}, load ${this.#load.toFixed(1)} before it`;
    const missing = this.missing.map(({ name, why }) => ({ name, why: this.#withoutPaths(why) }));
    const whole = { row, command, measured, ...result, missing, versions };
    report(whole, this.#json);
    this.close();
    return whole;
  }

  close(): void {
    for (const contestant of this.#contestants) contestant.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  // The page is for readers on other machines.
  #withoutPaths(why: string): string {
    return Object.entries({ PYTHON: this.python, NODE24: this.node24, DATA: this.data })
      .reduce((text, [name, path]) => (path ? text.replaceAll(path, name) : text), why)
      .replace(/ imported from .*/, '')
      .trim()
      .split('\n')
      .at(-1)!;
  }

  async #join(
    name: string,
    command: string,
    args: string[],
    env: Record<string, string> = {},
  ): Promise<Contestant | undefined> {
    const started = await Contestant.start(name, command, args, env);
    if (!(started instanceof Contestant)) {
      this.missing.push(started);
      return undefined;
    }
    const { node, ...versions } = started.versions;
    Object.assign(this.versions, versions);
    this.#contestants.push(started);
    return started;
  }
}

/** How a page says what `ours, 256-bit` is. */
export const WIDE_NOTE = '256-bit: `ready({ wideVectors: true })`.';

// 4 GB: glibc otherwise gives large tensors back to the system at every step and asks for them
// again, page by page, which can be most of a step where pages are dear, as in virtual machines.
export const KEEP_MEMORY = {
  MALLOC_TRIM_THRESHOLD_: '4000000000',
  MALLOC_MMAP_THRESHOLD_: '4000000000',
};

/** How a page says what `PyTorch, memory kept` is. */
export const KEPT_NOTE =
  'PyTorch, memory kept: with `MALLOC_TRIM_THRESHOLD_` and `MALLOC_MMAP_THRESHOLD_` at 4 GB, so ' +
  'that glibc does not return the memory of large tensors to the system at every step, which is ' +
  'dear where page faults are, as in many virtual machines.';

/** Runs a row's script; whatever happens, nothing is left behind. */
export async function runRow(bench: Bench, measure: () => Promise<void>): Promise<void> {
  try {
    await measure();
  } finally {
    bench.close();
  }
}

export const major = (version: string): string => version.replace(/^v(\d+).*/, '$1');

export function machine(): string {
  return `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'processor'}, Node ${process.version}`;
}

function readOptions(row: string) {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    return fail(row, (error as Error).message);
  }
}

function fail(row: string, message: string): never {
  console.error(`${message}\nnpx tsx bench/rows/${row}.ts [options]\n${USAGE}`);
  process.exit(1);
}
