/** A row of the benchmark: what was measured, by whom, and what it says beside its target. */
import { writeFileSync } from 'node:fs';
import type { Missing } from './contestant.js';
import { type Figures, median } from './in-turn.js';

/** A figure with its spread over the rounds. */
export interface Entry extends Figures {
  /** For example GFLOP/s. */
  note?: string;
}

/** A comparison that has a target, or is of interest without one. */
export interface Verdict {
  /** What is compared: `ours, Node 20 : PyTorch`. */
  what: string;
  value: number;
  /** The least and the greatest of the single rounds. */
  range?: readonly [number, number];
  /** `'×'` for a ratio, else the unit of the value. */
  unit: string;
  target?: { relation: 'at most' | 'at least'; value: number };
}

export interface Table {
  /** Empty where the row has one table only. */
  title: string;
  unit: string;
  entries: Entry[];
}

/** What a row's script finds out; npm run bench makes docs/benchmarks.md of all of them. */
export interface RowResult {
  row: string;
  title: string;
  /** Paths left out. */
  command: string;
  /** When, in UTC, and at what load of the machine. */
  measured: string;
  /** How it is measured, as Markdown. */
  method: string;
  tables: Table[];
  verdicts: Verdict[];
  /** What was found equal on both sides, so that the same work is compared. */
  checks: string[];
  missing: Missing[];
  versions: Record<string, string>;
}

/** The ratio of two medians, with the ratios of the single rounds as its range. */
export function ratio(
  what: string,
  ours: Figures | undefined,
  theirs: Figures | undefined,
  target?: Verdict['target'],
): Verdict[] {
  if (!ours || !theirs) return [];
  const rounds = ours.rounds.map((figure, i) => figure / theirs.rounds[i]!);
  const verdict: Verdict = {
    what,
    value: median(ours.rounds) / median(theirs.rounds),
    range: [Math.min(...rounds), Math.max(...rounds)],
    unit: '×',
  };
  return [target ? { ...verdict, target } : verdict];
}

/** Whether a verdict meets its target; undefined without one. */
export function met({ value, target }: Verdict): boolean | undefined {
  if (!target) return undefined;
  return target.relation === 'at most' ? value <= target.value : value >= target.value;
}

/** A figure with as many digits as say something. */
export function format(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3);
}

export function formatVerdict(verdict: Verdict): string {
  const { what, value, range, unit, target } = verdict;
  const rounds = range ? `, single rounds ${range.map(format).join(' to ')}` : '';
  const aim = target
    ? `; target ${target.relation} ${target.value}: ${met(verdict) ? 'met' : 'MISSED'}`
    : '';
  return `${what}: ${format(value)} ${unit}${rounds}${aim}`;
}

/** Prints a row and, where asked for, writes it down for the page. */
export function report(result: RowResult, json: string | undefined): void {
  for (const { title, unit, entries } of result.tables) {
    console.log(`${`${title} ${unit}`.trim().padEnd(40)}    median       min       max`);
    for (const { name, rounds, note } of entries) {
      const cells = [median(rounds), Math.min(...rounds), Math.max(...rounds)];
      const text = cells.map((cell) => format(cell).padStart(10)).join('');
      console.log(`${name.padEnd(40)}${text}  ${note ?? ''}`.trimEnd());
    }
    console.log('');
  }
  for (const verdict of result.verdicts) console.log(formatVerdict(verdict));
  for (const check of result.checks) console.log(`checked: ${check}`);
  for (const { name, why } of result.missing) console.log(`MISSING: ${name}: ${why}`);
  if (json) writeFileSync(json, JSON.stringify(result));
}
