/** Chapters 5 and 6: the main road of an LSTM, and its gates around it. */
import type { Say } from '../drawing/language.js';
import { arrow, box, joint, line, operation, picture, write } from '../drawing/marks.js';

const ROAD = { role: 'first', width: 3 } as const;

export function mainRoadDiagram(say: Say): string {
  return picture(
    {
      height: 190,
      title: say('The main road of an LSTM', 'LSTM 的主干道'),
      description: say(
        'The cell state runs straight from step t−1 to step t. On its way it is multiplied by the forget gate, and then input gate times candidate is added. Nothing else touches it.',
        '细胞状态从第 t−1 步笔直通向第 t 步，途中先乘以遗忘门，再加上输入门与候选值的乘积，此外没有任何东西碰它。',
      ),
    },
    write([200, 22], say('the cell state', '细胞状态'), { bold: true }),
    write([32, 66], 'c_{t−1}'),
    arrow(
      [
        [58, 66],
        [342, 66],
      ],
      ROAD,
    ),
    write([366, 66], 'c_{t}'),
    arrow(
      [
        [136, 132],
        [136, 79],
      ],
      { role: 'second' },
    ),
    operation([136, 66], '×', 'first'),
    write([136, 146], 'f_{t}', { bold: true }),
    write([136, 168], say('how much stays', '留下多少'), { role: 'muted' }),
    arrow(
      [
        [264, 132],
        [264, 79],
      ],
      { role: 'second' },
    ),
    operation([264, 66], '+', 'first'),
    write([264, 146], 'i_{t} ⊙ g_{t}', { bold: true }),
    write([264, 168], say('what comes in', '写入什么'), { role: 'muted' }),
  );
}

const GATES = 226;
const BUS = 276;
const COLUMNS = { forget: 74, input: 158, candidate: 236, output: 314 };
const [ROAD_Y, PRODUCT_Y, OUT_Y] = [62, 128, 178];

export function lstmCellDiagram(say: Say): string {
  const { forget, input, candidate, output } = COLUMNS;
  const middle = (input + candidate) / 2;
  const gate = (x: number, sign: string, letter: string, name: string) => [
    arrow([
      [x, BUS],
      [x, GATES + 15],
    ]),
    joint([x, BUS]),
    box([x, GATES], [46, 30], sign, { role: 'second' }),
    write([x + 12, GATES - 28], letter, { anchor: 'start' }),
    write([x, BUS + 18], name, { role: 'muted' }),
  ];
  return picture(
    {
      height: 336,
      title: say('A step of an LSTM', 'LSTM 的一步'),
      description: say(
        'Four small layers read the input and the state before: forget gate, input gate, candidate and output gate. The forget gate multiplies the cell state, input gate times candidate is added to it, and the output gate multiplies its tanh, which gives the new state h.',
        '四个小层读取输入和上一步的状态：遗忘门、输入门、候选值、输出门。遗忘门乘细胞状态；输入门乘候选值后加到细胞状态上；输出门乘它的 tanh，得到新状态 h。',
      ),
    },
    write([200, 22], say('blue: the cell state · orange: the gates', '蓝色：细胞状态 · 橙色：门'), {
      role: 'muted',
    }),
    write([24, ROAD_Y], 'c_{t−1}'),
    arrow(
      [
        [46, ROAD_Y],
        [362, ROAD_Y],
      ],
      ROAD,
    ),
    write([382, ROAD_Y], 'c_{t}'),
    // The forget gate.
    arrow([
      [forget, GATES - 15],
      [forget, ROAD_Y + 13],
    ]),
    operation([forget, ROAD_Y], '×', 'first'),
    // Input gate times candidate.
    arrow([
      [input, GATES - 15],
      [input, PRODUCT_Y],
      [middle - 13, PRODUCT_Y],
    ]),
    arrow([
      [candidate, GATES - 15],
      [candidate, PRODUCT_Y],
      [middle + 13, PRODUCT_Y],
    ]),
    arrow([
      [middle, PRODUCT_Y - 13],
      [middle, ROAD_Y + 13],
    ]),
    operation([middle, PRODUCT_Y], '×'),
    operation([middle, ROAD_Y], '+', 'first'),
    // What is shown of the cell.
    arrow([
      [output, ROAD_Y],
      [output, OUT_Y - 13],
    ]),
    joint([output, ROAD_Y], 'first'),
    box([output, 116], [46, 28], 'tanh'),
    arrow([
      [output, GATES - 15],
      [output, OUT_Y + 13],
    ]),
    operation([output, OUT_Y], '×'),
    arrow(
      [
        [output + 13, OUT_Y],
        [362, OUT_Y],
      ],
      { width: 2 },
    ),
    write([382, OUT_Y], 'h_{t}'),
    // What the gates read.
    line([
      [forget, BUS],
      [output, BUS],
    ]),
    ...gate(forget, 'σ', 'f_{t}', say('forget', '遗忘门')),
    ...gate(input, 'σ', 'i_{t}', say('input', '输入门')),
    ...gate(candidate, 'tanh', 'g_{t}', say('candidate', '候选值')),
    ...gate(output, 'σ', 'o_{t}', say('output', '输出门')),
    line([
      [44, 320],
      [30, 320],
      [30, BUS],
      [forget, BUS],
    ]),
    write(
      [50, 320],
      say('x_{t} and h_{t−1}, which all four read', 'x_{t} 和 h_{t−1}，四个小层都读它们'),
      {
        anchor: 'start',
      },
    ),
  );
}
