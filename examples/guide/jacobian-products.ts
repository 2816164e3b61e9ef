/**
 * Chapter 4: what a gradient is multiplied with on its way back, for networks that have not learned yet.
 * For hₜ = tanh(xₜ·W + hₜ₋₁·U + b), the gradient of hₜ₋₁ is (d ⊙ (1 − hₜ²))·Uᵀ, where d is that of hₜ
 * (Pascanu et al. 2013, equation 5). On the main road of an LSTM it is d ⊙ fₜ.
 */
import { scaleLinear } from 'd3-scale';
import { valueAxis, wholeNumberAxis } from '../../src/inspect/chart/axes.js';
import { curve, legend, type Series } from '../../src/inspect/chart/curve.js';
import type { Say } from './drawing/language.js';
import { picture, WIDTH, write } from './drawing/marks.js';
import { seededRandom } from '../shared/random.js';

const STEPS = 100;
const UNITS = 16;
const PLOT = { left: 62, right: WIDTH - 20, top: 132, bottom: 350 };
const LOWEST = -20;

export function jacobianProducts(say: Say): string {
  const series = [
    seriesOf(say('an LSTM, forget gate 0.99', 'LSTM，遗忘门 0.99'), 'first', false, powersOf(0.99)),
    seriesOf(
      say('an LSTM as Keras begins: 0.73', 'LSTM 初始时：0.73'),
      'first',
      true,
      powersOf(1 / (1 + Math.exp(-1))),
    ),
    seriesOf(
      say('a SimpleRNN as Keras begins', 'SimpleRNN 初始时'),
      'second',
      false,
      randomSimpleRnn(1),
    ),
    seriesOf(
      say('a SimpleRNN, U half as large', 'SimpleRNN，U 减半'),
      'second',
      true,
      randomSimpleRnn(0.5),
    ),
  ];
  const x = scaleLinear([0, STEPS], [PLOT.left, PLOT.right]);
  const y = scaleLinear([LOWEST, 0], [PLOT.bottom, PLOT.top]);
  return picture(
    {
      height: 400,
      title: say('What is left of a gradient', '梯度还剩多少'),
      description: series.map((one) => describe(one, say)).join(' '),
    },
    write([PLOT.left, 24], say('what is left of a gradient', '梯度还剩多少'), {
      anchor: 'start',
      bold: true,
    }),
    ...series.map((one, row) => legend([one], PLOT.left, 52 + 19 * row)),
    valueAxis(y, PLOT, say('factor, as a power of ten', '因子，10 的幂')),
    wholeNumberAxis(x, PLOT, say('steps back', '往回走的步数')),
    ...series.map((one) => curve(one, x, y)),
  );
}

function randomSimpleRnn(scale: number): number[] {
  const { next } = seededRandom(1);
  const u = orthogonal(UNITS, () => normal(next)).map((row) => row.map((value) => value * scale));
  // What Glorot's W makes of inputs of variance 1, roughly.
  const sums = Array.from({ length: STEPS }, () =>
    Array.from({ length: UNITS }, () => normal(next)),
  );
  return lengthsBack(u, sums);
}

/**
 * Lengths of a gradient behind 0, 1, 2, … steps back through a SimpleRNN; it begins with length 1, the
 * same number for each unit.
 *
 * @param u [units][units]
 * @param sums x·W + b of each step: [time][units]
 */
export function lengthsBack(
  u: readonly (readonly number[])[],
  sums: readonly (readonly number[])[],
): number[] {
  let h: readonly number[] = u.map(() => 0);
  const states = sums.map((sum) => {
    const before = h;
    h = sum.map((z, i) => Math.tanh(before.reduce((total, hk, k) => total + hk * u[k]![i]!, z)));
    return h;
  });
  let d = u.map(() => 1 / Math.sqrt(u.length));
  const lengths = states.toReversed().map((state) => {
    const dz = d.map((value, i) => value * (1 - state[i]! ** 2));
    d = u.map((row) => row.reduce((total, weight, i) => total + weight * dz[i]!, 0));
    return Math.hypot(...d);
  });
  return [1, ...lengths];
}

const powersOf = (factor: number) => Array.from({ length: STEPS + 1 }, (_, k) => factor ** k);

/** Rows of random numbers, each made perpendicular to those before it (Gram and Schmidt). */
function orthogonal(size: number, draw: () => number): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < size; i++) {
    let row = Array.from({ length: size }, draw);
    for (const other of rows) {
      const shared = row.reduce((sum, value, k) => sum + value * other[k]!, 0);
      row = row.map((value, k) => value - shared * other[k]!);
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

/** Box and Muller 1958. */
const normal = (next: () => number) =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

function seriesOf(
  name: string,
  role: Series['role'],
  dashed: boolean,
  factors: readonly number[],
): Series {
  const powers = factors.map((factor, epoch) => ({ epoch, value: Math.log10(factor) }));
  return { name, role, dashed, points: powers.filter(({ value }) => value >= LOWEST) };
}

function describe({ name, points }: Series, say: Say): string {
  const { epoch, value } = points.at(-1)!;
  const power = value.toFixed(1);
  return say(
    `${name}: 10 to the ${power} behind ${epoch} steps.`,
    `${name}：${epoch} 步之后为 10 的 ${power} 次方。`,
  );
}
