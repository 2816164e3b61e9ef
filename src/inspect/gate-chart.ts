/** gateChart: the gates of a recurrent layer over the words that it reads. */
import { reject } from '../foundation/errors.js';
import { isList, requireInteger, requireKnownOptions } from '../foundation/option-checks.js';
import { tf } from '../foundation/tensorflow.js';
import { colourScale, columnNames, heatMap, type HeatRow } from './chart/heat-map.js';
import { titled } from './chart/titled.js';
import { requireSize } from './chart/size.js';
import type { GruTrace, LstmTrace, SimpleRnnTrace } from './trace/traces.js';

/** How {@link gateChart} draws. */
export interface GateChartOptions {
  /** The words of the steps, or what else they are; their numbers, from 1 on, when left out. */
  words?: readonly string[];
  /** Which sequence of the batch; 0 when left out. */
  sample?: number;
  /** One gate or state, each unit a row: `'forgetGate'`. All of them, over their units, when left out. */
  gate?: string;
  /** With `gate`: which units, in this order; all when left out. */
  units?: readonly number[];
  /** The heading; `gates` or the name of the gate when left out. */
  title?: string;
  /** In pixels; 720 when left out. */
  width?: number;
}

/** A trace of any layer. */
export type ChartedTrace = LstmTrace | GruTrace | SimpleRnnTrace;

const WHERE = 'gateChart';
const OPTIONS = ['words', 'sample', 'gate', 'units', 'title', 'width'];
const SMALLEST = 320;
const MARGIN = { top: 52, right: 48, left: 118, bottom: 16 };
const ROW = 22;
const UNIT_ROW = 14;
// Pixels that a letter takes, roughly.
const LETTER = 7.2;
const MOST_LETTERS = 14;

// Gates lie between 0 and 1; the rest, between any numbers.
const NAMES: Record<string, { name: string; isGate: boolean }> = {
  inputGate: { name: 'input gate', isGate: true },
  forgetGate: { name: 'forget gate', isGate: true },
  outputGate: { name: 'output gate', isGate: true },
  updateGate: { name: 'update gate', isGate: true },
  resetGate: { name: 'reset gate', isGate: true },
  candidate: { name: 'candidate', isGate: false },
  cellState: { name: 'cell state', isGate: false },
  hiddenState: { name: 'hidden state', isGate: false },
};

/** A gate or state of one sequence. */
interface Drawn {
  key: string;
  name: string;
  isGate: boolean;
  /** [time][units] */
  steps: Float32Array[];
}

/**
 * Draws the gates of a recurrent layer over the words that it reads, as a heat map in SVG.
 *
 * Each row is a gate, its mean over all units; candidate and states are the mean of their size,
 * and their row's largest one has the full colour. With `gate`, each row is one unit of it, blue above 0 and
 * orange below. Masked steps are grey. The picture needs no page, no style sheet and no font, and
 * follows the reader's preference for light or dark.
 *
 * @param trace What {@link traceLstm}, {@link traceGru} or {@link traceSimpleRnn} returned.
 * @param options The words, which sequence, which gate, the heading, the width.
 * @returns One `<svg>` element.
 * @throws RecurrentError for what is no trace, a gate or unit that it does not have, a sequence
 *   beyond the batch, words that are not as many as the steps, or a width below 320.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { gateChart, layers, traceLstm } from 'tfjs-recurrent';
 *
 * const trace = traceLstm(layers.lstm({ units: 4 }), tf.zeros([1, 3, 2]));
 * const svg = gateChart(trace, { words: ['not', 'bad', 'really'] });
 * console.log(svg.match(/input gate: .*? at \w+/)?.[0]);
 * // input gate: mean 0.5, highest 0.5 at not
 * ```
 */
export function gateChart(trace: ChartedTrace, options: GateChartOptions = {}): string {
  requireKnownOptions(WHERE, options, OPTIONS);
  const { sample = 0, gate, width = 720 } = options;
  requireSize(WHERE, 'width', width, SMALLEST);
  const { all, isKept } = readTrace(trace, sample);
  const time = isKept.length;
  const words = wordsOf(options.words, time);
  const chosen = gate === undefined ? null : gateOf(all, gate);
  const rows = chosen
    ? unitRows(chosen, unitsOf(options.units, chosen), words, isKept)
    : all.map((one) => meanRow(one, words, isKept));
  const title = options.title ?? chosen?.name ?? 'gates';

  const longest = words.reduce((most, word) => Math.max(most, word.length), 0);
  const top = MARGIN.top + Math.ceil(longest * LETTER) + 10;
  const cell = {
    width: (width - MARGIN.left - MARGIN.right) / time,
    height: chosen ? UNIT_ROW : ROW,
  };
  const plot = { left: MARGIN.left, top, ...cell };
  const height = top + rows.length * plot.height + MARGIN.bottom;
  const scale =
    chosen && !chosen.isGate
      ? { low: -largest(chosen), high: largest(chosen) }
      : { low: 0, high: 1 };
  return titled(
    { width, height, title, description: all.map((one) => describe(one, words, isKept)).join(' ') },
    colourScale(scale, width - MARGIN.right, 30),
    columnNames(words, plot, top - 8),
    heatMap(rows, plot),
  );
}

function readTrace(trace: unknown, sample: unknown): { all: Drawn[]; isKept: boolean[] } {
  const given = Object(trace) as Record<string, tf.Tensor3D | null>;
  const { hiddenState, mask } = given;
  if (!(hiddenState instanceof tf.Tensor) || hiddenState.rank !== 3) {
    reject({
      where: WHERE,
      expected: 'trace must be what traceLstm, traceGru or traceSimpleRnn returned',
      received: trace,
    });
  }
  const [batch, time, units] = hiddenState.shape;
  requireInteger(WHERE, 'sample', sample, 0);
  const row = sample as number;
  if (row >= batch) {
    reject({ where: WHERE, expected: `sample must be below the batch, ${batch}`, received: row });
  }
  const all = Object.keys(NAMES)
    .filter((key) => given[key] instanceof tf.Tensor)
    .map((key): Drawn => {
      const values = given[key]!.dataSync() as Float32Array;
      const steps = Array.from({ length: time }, (_, t) => {
        const at = (row * time + t) * units;
        return values.slice(at, at + units);
      });
      return { key, ...NAMES[key]!, steps };
    });
  const kept = mask?.dataSync();
  const isKept = Array.from({ length: time }, (_, t) => kept?.[row * time + t] !== 0);
  return { all, isKept };
}

function wordsOf(words: unknown, time: number): string[] {
  if (words === undefined) return Array.from({ length: time }, (_, t) => `${t + 1}`);
  if (!isList(words) || words.length !== time) {
    reject({
      where: WHERE,
      expected: `words must be as many as the steps, ${time}`,
      received: isList(words) ? words.length : words,
      remedy: 'Give an empty word for each step of padding.',
      see: 'uneven-data',
    });
  }
  return Array.from(words, (word) => {
    const letters = [...String(word)];
    return letters.length > MOST_LETTERS
      ? `${letters.slice(0, MOST_LETTERS - 1).join('')}…`
      : letters.join('');
  });
}

function gateOf(all: readonly Drawn[], gate: unknown): Drawn {
  const found = all.find(({ key }) => key === gate);
  if (found) return found;
  const known = all.map(({ key }) => key).join(', ');
  return reject({ where: WHERE, expected: `gate must be one of ${known}`, received: gate });
}

function unitsOf(units: unknown, { steps }: Drawn): number[] {
  const count = steps[0]?.length ?? 0;
  if (units === undefined) return Array.from({ length: count }, (_, unit) => unit);
  const chosen = isList(units) ? (Array.from(units) as number[]) : [];
  if (
    chosen.length > 0 &&
    chosen.every((unit) => Number.isInteger(unit) && unit >= 0 && unit < count)
  ) {
    return chosen;
  }
  const expected = `units must be a list of whole numbers below ${count}`;
  return reject({ where: WHERE, expected, received: units });
}

function unitRows(
  one: Drawn,
  units: readonly number[],
  words: readonly string[],
  isKept: readonly boolean[],
): HeatRow[] {
  const most = one.isGate ? 1 : largest(one);
  return units.map((unit) => ({
    name: `unit ${unit}`,
    values: one.steps.map((step, t) => (isKept[t] ? step[unit]! / most : null)),
    tell: (t) => `${words[t]}, unit ${unit}: ${tellOf(isKept[t]!, one.steps[t]![unit]!)}`,
  }));
}

function meanRow(one: Drawn, words: readonly string[], isKept: readonly boolean[]): HeatRow {
  const means = one.steps.map(one.isGate ? meanOf : meanSize);
  const most = one.isGate ? 1 : Math.max(...means.filter((_, t) => isKept[t]), Number.MIN_VALUE);
  return {
    name: one.isGate ? one.name : `|${one.name}|`,
    values: means.map((mean, t) => (isKept[t] ? mean / most : null)),
    tell: (t) => `${words[t]}, ${one.name}: ${tellOf(isKept[t]!, means[t]!)}`,
  };
}

const tellOf = (kept: boolean, value: number) => (kept ? show(value) : 'masked');
const show = (value: number) => String(Number(value.toPrecision(3)));
const meanOf = (values: Float32Array) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const meanSize = (values: Float32Array) => meanOf(values.map(Math.abs));

function largest({ steps }: Drawn): number {
  return (
    steps.reduce((most, step) => step.reduce((a, b) => Math.max(a, Math.abs(b)), most), 0) || 1
  );
}

/** For a reader who does not see: the mean, and where it is highest. */
function describe(one: Drawn, words: readonly string[], isKept: readonly boolean[]): string {
  const means = one.steps
    .map((step, t) => ({ t, mean: one.isGate ? meanOf(step) : meanSize(step) }))
    .filter(({ t }) => isKept[t]);
  if (means.length === 0) return `${one.name}: every step is masked.`;
  const mean = means.reduce((sum, step) => sum + step.mean, 0) / means.length;
  const highest = means.reduce((a, b) => (b.mean > a.mean ? b : a));
  return `${one.name}: mean ${show(mean)}, highest ${show(highest.mean)} at ${words[highest.t]}.`;
}
