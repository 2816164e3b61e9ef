/** healthChart: the measures of a network as one picture. */
import { requireKnownOptions } from '../foundation/option-checks.js';
import { heatMap, type HeatRow } from './chart/heat-map.js';
import { titled } from './chart/titled.js';
import { requireSize } from './chart/size.js';
import { element, escapeText } from './chart/svg.js';
import { fill, type Role } from './chart/theme.js';
import { GATE_NAMES, percent, show } from './health/findings.js';
import { nameOf } from './health/health-table.js';
import type { LayerHealth } from './health/layer-health.js';
import type { NetworkHealth } from './health/network-health.js';
import { requireHealth } from './health/require-health.js';

/** How {@link healthChart} draws. */
export interface HealthChartOptions {
  /** The heading; `health` when left out. */
  title?: string | undefined;
  /** In pixels; 640 when left out. */
  width?: number | undefined;
}

const WHERE = 'healthChart';
const SMALLEST = 320;
const MARGIN = { top: 76, right: 24, left: 138 };
const ROW = 22;
const GAP = 14;
// Powers of ten that a strip of gradients spans, from its largest down.
const DECADES = 6;

/**
 * Draws what {@link networkHealth} has measured, as SVG: for each layer a bar a gate, with the shares that are
 * closed and wide open, a bar of dead units, and over the steps of time the norms of states and gradients.
 *
 * In a strip of time, the largest norm of the row has the full colour; gradients are drawn by their powers of
 * ten, down to a millionth of the largest. The picture needs no page, no style sheet and no font, and
 * follows the reader's preference for light or dark.
 *
 * @param health What `networkHealth` returned.
 * @param options The heading, the width.
 * @returns One `<svg>` element, which carries the findings for screen readers.
 * @throws RecurrentError for what is no health, and for a width below 320.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { createManyToOne, healthChart, networkHealth } from 'tfjs-recurrent';
 *
 * const model = createManyToOne({ cell: 'gru', inputs: 1, units: 8, seed: 1 });
 * const svg = healthChart(networkHealth(model, tf.ones([4, 10, 1])));
 * console.log(svg.match(/aria-label="([^"]*)"/)?.[1]);
 * // health. 1 layer. Nothing is out of bounds.
 * ```
 */
export function healthChart(health: NetworkHealth, options: HealthChartOptions = {}): string {
  requireKnownOptions(WHERE, options, ['title', 'width']);
  const { title = 'health', width = 640 } = options;
  requireSize(WHERE, 'width', width, SMALLEST);
  const { layers, findings } = requireHealth(WHERE, health);
  const plotWidth = width - MARGIN.left - MARGIN.right;
  const drawn: string[] = [];
  let top = MARGIN.top;
  for (const layer of layers) {
    const text = { x: 16, y: top + 15, 'font-weight': 600, ...fill('text') };
    drawn.push(element('text', text, escapeText(nameOf(layer))));
    top += ROW;
    for (const bar of barsOf(layer)) {
      drawn.push(shareBar(bar, top, plotWidth));
      top += ROW;
    }
    const rows = stripsOf(layer);
    const cell = { width: plotWidth / layer.stateNorms.length, height: ROW };
    drawn.push(heatMap(rows, { left: MARGIN.left, top, ...cell }));
    top += rows.length * ROW + GAP;
  }
  const height = top + 6;
  const count = `${layers.length} layer${layers.length === 1 ? '' : 's'}.`;
  const said = findings.map((finding) => `${nameOf(finding)}: ${finding.message}.`);
  const description = [count, ...(said.length > 0 ? said : ['Nothing is out of bounds.'])].join(
    ' ',
  );
  return titled({ width, height, title, description }, key(), ...drawn);
}

/** A bar of shares, from its left end and from its right end. */
interface Bar {
  name: string;
  low: number;
  high: number;
  tell: string;
}

function barsOf({ gates, deadUnits, units, saturatedStates }: LayerHealth): Bar[] {
  const ofGates = Object.entries(gates).map(([name, { closed, open }]) => ({
    ...{ name: GATE_NAMES[name]!, low: closed, high: open },
    tell: `${GATE_NAMES[name]}: closed ${percent(closed)}, open ${percent(open)}`,
  }));
  const dead = deadUnits.length / units;
  const others = [{ name: 'dead units', low: dead, high: 0, tell: `dead: ${percent(dead)}` }];
  if (saturatedStates !== null) {
    const tell = `|h| > 0.95: ${percent(saturatedStates)}`;
    others.push({ name: '|h| > 0.95', low: 0, high: saturatedStates, tell });
  }
  return [...ofGates, ...others];
}

function shareBar({ name, low, high, tell }: Bar, top: number, width: number): string {
  const part = (role: Role, from: number, share: number) =>
    element('rect', {
      x: MARGIN.left + from * width,
      y: top,
      width: share * width,
      height: ROW - 6,
      ...fill(role),
    });
  const label = { x: MARGIN.left - 9, y: top + 13, 'text-anchor': 'end', ...fill('text') };
  return element(
    'g',
    {},
    element('title', {}, escapeText(tell)),
    element('text', label, escapeText(name)),
    part('grid', 0, 1),
    part('second', 0, low),
    part('first', 1 - high, high),
  );
}

function stripsOf({ stateNorms, cellNorms, gradientNorms }: LayerHealth): HeatRow[] {
  const linear = (value: number, largest: number) => value / largest;
  const powers = (value: number, largest: number) =>
    Math.max(0, 1 + Math.log10(value / largest) / DECADES);
  return [
    strip('norm of h', stateNorms, linear),
    ...(cellNorms ? [strip('norm of c', cellNorms, linear)] : []),
    ...(gradientNorms ? [strip('norm of ∂loss/∂h', gradientNorms, powers)] : []),
  ];
}

function strip(
  name: string,
  norms: Float32Array,
  of: (value: number, largest: number) => number,
): HeatRow {
  const isDrawn = (value: number) => Number.isFinite(value) && value > 0;
  const largest = norms.filter(isDrawn).reduce((a, b) => Math.max(a, b), 0);
  return {
    name,
    values: Array.from(norms, (value) =>
      Number.isFinite(value) ? (value > 0 ? of(value, largest) : 0) : null,
    ),
    tell: (t) => `${name}, step ${t + 1}: ${Number.isNaN(norms[t]) ? 'masked' : show(norms[t]!)}`,
  };
}

/** What the colours of the bars say. */
function key(): string {
  const entry = (x: number, role: Role, name: string) =>
    element('rect', { x, y: 45, width: 14, height: 12, ...fill(role) }) +
    element('text', { x: x + 20, y: 55, ...fill('muted') }, escapeText(name));
  return entry(16, 'second', 'closed, dead') + entry(126, 'first', 'open, saturated');
}
