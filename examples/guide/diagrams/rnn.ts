/** Chapter 2: a recurrent layer over time, and what is inside one step of it. */
import type { Say } from '../drawing/language.js';
import { arrow, box, joint, operation, picture, write } from '../drawing/marks.js';

const STEPS = [174, 262, 350];
const ROW = 100;

export function rnnUnrolledDiagram(say: Say): string {
  return picture(
    {
      height: 200,
      title: say('A recurrent layer, unrolled over three steps', '循环层按时间展开为三步'),
      description: say(
        'On the left one cell whose state goes back into itself. On the right the same cell at steps 1, 2 and 3: each reads its input and the state of the step before.',
        '左边是一个细胞，状态又回到自身；右边是同一个细胞在第 1、2、3 步：每一步读入输入和上一步的状态。',
      ),
    },
    box([46, ROW], [52, 44], say('cell', '细胞'), { role: 'first' }),
    arrow([
      [46, 168],
      [46, 122],
    ]),
    write([46, 180], 'x_{t}'),
    arrow([
      [46, 78],
      [46, 40],
    ]),
    write([46, 28], 'h_{t}'),
    arrow(
      [
        [46, 60],
        [88, 60],
        [88, ROW],
        [72, ROW],
      ],
      { role: 'second', width: 2 },
    ),
    joint([46, 60], 'second'),
    write([108, ROW], '=', { size: 22 }),
    write([130, ROW - 13], 'h_{0}', { anchor: 'middle' }),
    arrow(
      [
        [122, ROW],
        [148, ROW],
      ],
      { role: 'second', width: 2 },
    ),
    ...STEPS.flatMap((x, index) => [
      box([x, ROW], [52, 44], say('cell', '细胞'), { role: 'first' }),
      arrow([
        [x, 168],
        [x, 122],
      ]),
      write([x, 180], `x_{${index + 1}}`),
      arrow([
        [x, 78],
        [x, 40],
      ]),
      write([x, 28], `h_{${index + 1}}`),
    ]),
    ...[0, 1].map((index) =>
      arrow(
        [
          [STEPS[index]! + 26, ROW],
          [STEPS[index + 1]! - 26, ROW],
        ],
        { role: 'second', width: 2 },
      ),
    ),
    ...[0, 1].map((index) => write([STEPS[index]! + 44, ROW - 13], `h_{${index + 1}}`)),
  );
}

export function rnnCellDiagram(say: Say): string {
  return picture(
    {
      height: 196,
      title: say('Inside a step of a SimpleRNN', 'SimpleRNN 一步的内部'),
      description: say(
        'The input times W, the state before times U, and the bias b are added; tanh of the sum is the new state.',
        '输入乘 W,上一步的状态乘 U,再加偏置 b;和的 tanh 就是新状态。',
      ),
    },
    write([30, 62], 'h_{t−1}'),
    write([30, 142], 'x_{t}'),
    arrow(
      [
        [54, 62],
        [88, 62],
      ],
      { role: 'second', width: 2 },
    ),
    arrow([
      [54, 142],
      [88, 142],
    ]),
    box([112, 62], [48, 36], '· U', { role: 'second' }),
    box([112, 142], [48, 36], '· W', { role: 'first' }),
    arrow([
      [136, 62],
      [190, 62],
      [190, 89],
    ]),
    arrow([
      [136, 142],
      [190, 142],
      [190, 115],
    ]),
    operation([190, 102], '+'),
    write([160, 102], 'b', { anchor: 'end' }),
    arrow([
      [164, 102],
      [177, 102],
    ]),
    arrow([
      [203, 102],
      [240, 102],
    ]),
    write([221, 88], 'z_{t}'),
    box([270, 102], [60, 40], 'tanh', { role: 'first' }),
    arrow(
      [
        [300, 102],
        [346, 102],
      ],
      { role: 'second', width: 2 },
    ),
    write([366, 102], 'h_{t}'),
    write([200, 20], say('the same W, U and b at every step', '每一步用的都是同一组 W、U、b'), {
      role: 'muted',
    }),
    write(
      [200, 180],
      say('from memory: orange · from the input: blue', '橙色：来自记忆 · 蓝色：来自输入'),
      {
        role: 'muted',
      },
    ),
  );
}
