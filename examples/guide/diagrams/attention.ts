/** Chapter 8: how a decoder looks at all states of the encoder. */
import type { Say } from '../drawing/language.js';
import { arrow, box, operation, picture, type Point, write } from '../drawing/marks.js';

const WORDS: readonly (readonly [english: string, chinese: string, weight: number])[] = [
  ['the', '那', 0.05],
  ['cat', '猫', 0.75],
  ['is', '是', 0.05],
  ['black', '黑的', 0.15],
];
const [SUM, WEIGHTS, STATES, TEXT] = [58, 128, 206, 252];
const FIRST = 60;
const SPACE = 76;
const TALLEST = 44;

export function attentionDiagram(say: Say): string {
  const x = (column: number) => FIRST + column * SPACE;
  const sum: Point = [x(1.5), SUM];
  return picture(
    {
      height: 272,
      title: say('Attention', '注意力'),
      description: say(
        'Each state of the encoder gets a weight; the weights add up to 1. The context is the sum of the states, each times its weight. Here the state of cat has most of it.',
        '编码器的每个状态得到一个权重，权重之和为 1。上下文向量是各状态乘以权重之和。这里“猫”的状态权重最大。',
      ),
    },
    write([sum[0] - 22, SUM - 32], say('context', '上下文'), { bold: true, anchor: 'end' }),
    arrow([
      [sum[0], SUM - 13],
      [sum[0], 12],
    ]),
    ...WORDS.flatMap(([english, chinese, weight], column) => [
      write([x(column), TEXT], say(english, chinese)),
      arrow([
        [x(column), TEXT - 12],
        [x(column), STATES + 16],
      ]),
      box([x(column), STATES], [44, 32], `h_{${column + 1}}`, { role: 'first' }),
      bar([x(column), WEIGHTS + TALLEST / 2], weight),
      arrow(
        [
          [x(column), WEIGHTS - 34],
          [sum[0] + (column - 1.5) * 9, SUM + 14],
        ],
        { width: 1 + 3 * weight },
      ),
    ]),
    operation(sum, 'Σ'),
    write([352, SUM + 8], say('weights', '权重'), { role: 'muted' }),
    write([352, SUM + 26], say('add up to 1', '之和为 1'), { role: 'muted' }),
    box([352, STATES], [50, 32], 's_{t}', { role: 'second' }),
    write([352, TEXT], say('asks', '提问'), { role: 'muted' }),
    arrow(
      [
        [352, STATES - 16],
        [352, WEIGHTS + 2],
        [x(3) + 26, WEIGHTS + 2],
      ],
      { role: 'second', dashed: true },
    ),
  );
}

function bar([x, bottom]: Point, weight: number): string {
  const height = Math.max(3, TALLEST * weight);
  return [
    box([x, bottom - height / 2], [28, height], '', { role: 'second' }),
    write([x, bottom - TALLEST - 6], weight.toFixed(2), { size: 13 }),
  ].join('');
}
