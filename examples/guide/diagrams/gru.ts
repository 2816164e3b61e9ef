/** Chapter 7: a GRU in the form that Keras has by default, with the reset gate after the product. */
import type { Say } from '../drawing/language.js';
import { arrow, box, joint, operation, picture, write } from '../drawing/marks.js';

const ROAD = { role: 'first', width: 3 } as const;
const ROAD_Y = 62;
const [UPDATE, RESET, CANDIDATE] = [140, 84, 262];
const GATES = 224;

export function gruCellDiagram(say: Say): string {
  return picture(
    {
      height: 322,
      title: say('A step of a GRU', 'GRU 的一步'),
      description: say(
        'The state runs straight from step t−1 to step t. It is multiplied by the update gate z, and one minus z times the candidate is added. The reset gate r multiplies what the candidate sees of the state before.',
        '状态从第 t−1 步笔直通向第 t 步：先乘以更新门 z，再加上 1 减 z 乘候选值。重置门 r 乘在候选值所看到的上一步状态上。',
      ),
    },
    write([200, 22], say('blue: the state · orange: the gates', '蓝色：状态 · 橙色：门'), {
      role: 'muted',
    }),
    write([24, ROAD_Y], 'h_{t−1}'),
    arrow(
      [
        [48, ROAD_Y],
        [358, ROAD_Y],
      ],
      ROAD,
    ),
    write([380, ROAD_Y], 'h_{t}'),
    // The update gate keeps, and its rest lets in.
    arrow([
      [UPDATE, GATES - 15],
      [UPDATE, ROAD_Y + 13],
    ]),
    operation([UPDATE, ROAD_Y], '×', 'first'),
    joint([UPDATE, 118]),
    arrow([
      [UPDATE, 118],
      [CANDIDATE - 13, 118],
    ]),
    box([198, 118], [42, 28], '1 −'),
    operation([CANDIDATE, 118], '×'),
    arrow([
      [CANDIDATE, GATES - 15],
      [CANDIDATE, 131],
    ]),
    arrow([
      [CANDIDATE, 105],
      [CANDIDATE, ROAD_Y + 13],
    ]),
    operation([CANDIDATE, ROAD_Y], '+', 'first'),
    // The state, seen through the reset gate.
    box([UPDATE, GATES], [46, 30], 'σ', { role: 'second' }),
    write([UPDATE + 12, GATES - 28], 'z_{t}', { anchor: 'start' }),
    write([UPDATE, GATES + 28], say('update', '更新门'), { role: 'muted' }),
    box([RESET - 30, GATES], [46, 30], 'σ', { role: 'second' }),
    write([RESET - 30, GATES + 28], say('reset', '重置门'), { role: 'muted' }),
    arrow([
      [RESET - 30, GATES - 15],
      [RESET - 30, 160],
      [333, 160],
      [333, GATES - 13],
    ]),
    write([RESET - 18, GATES - 28], 'r_{t}', { anchor: 'start' }),
    box([CANDIDATE, GATES], [56, 30], 'tanh', { role: 'second' }),
    write([CANDIDATE + 12, GATES - 28], 'g_{t}', { anchor: 'start' }),
    write([CANDIDATE - 10, GATES + 28], say('candidate', '候选值'), { role: 'muted' }),
    operation([333, GATES], '×'),
    arrow([
      [320, GATES],
      [CANDIDATE + 28, GATES],
    ]),
    write([333, 282], say('h_{t−1}·U + b′', 'h_{t−1}·U + b′')),
    arrow([
      [333, 270],
      [333, GATES + 13],
    ]),
    write(
      [200, 306],
      say(
        'σ and tanh also read x_{t}, the gates h_{t−1}',
        'σ 和 tanh 还读 x_{t}，两个门还读 h_{t−1}',
      ),
      {
        role: 'muted',
      },
    ),
  );
}
