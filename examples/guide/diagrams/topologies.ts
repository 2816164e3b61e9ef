/** Chapter 3: the four ways in which recurrent networks read and write sequences. */
import type { Role } from '../../../src/inspect/chart/theme.js';
import type { Say } from '../drawing/language.js';
import { arrow, box, type Point, picture, write } from '../drawing/marks.js';

const PANEL = { width: 200, height: 196 };
const FIRST = 30;
const SPACE = 47;
const [OUT, STATE, IN] = [56, 112, 166];
const SIZE = [32, 30] as const;
const START = 'START';

/** A step: what goes in, what comes out, and which network it belongs to. */
interface Step {
  input?: string;
  output?: string;
  state: string;
  role?: Role;
}

export function topologiesDiagram(say: Say): string {
  return picture(
    {
      height: 2 * PANEL.height + 12,
      title: say('The four topologies', '四种拓扑结构'),
      description: say(
        'Many to one: three inputs, an output at the last step. One to many: a vector sets the first state, an output at each step. In step: an input and an output at each step. Encoder and decoder: two steps read, then three steps of another network write.',
        '多对一：三个输入，最后一步一个输出。一对多：一个向量设定初始状态，每一步一个输出。同步多对多：每一步一个输入和一个输出。编码器与解码器：两步读入，随后另一个网络的三步写出。',
      ),
    },
    ...panel([0, 0], say('many to one', '多对一'), [
      { input: 'x_{1}', state: 'h_{1}' },
      { input: 'x_{2}', state: 'h_{2}' },
      { input: 'x_{3}', state: 'h_{3}' },
      { input: 'x_{4}', state: 'h_{4}', output: 'y' },
    ]),
    ...panel([1, 0], say('one to many', '一对多'), [
      { input: 'v', state: 'h_{0}' },
      { input: START, state: 'h_{1}', output: 'y_{1}', role: 'second' },
      { state: 'h_{2}', output: 'y_{2}', role: 'second' },
      { state: 'h_{3}', output: 'y_{3}', role: 'second' },
    ]),
    ...panel([0, 1], say('many to many, in step', '多对多，同步'), [
      { input: 'x_{1}', state: 'h_{1}', output: 'y_{1}' },
      { input: 'x_{2}', state: 'h_{2}', output: 'y_{2}' },
      { input: 'x_{3}', state: 'h_{3}', output: 'y_{3}' },
      { input: 'x_{4}', state: 'h_{4}', output: 'y_{4}' },
    ]),
    ...panel([1, 1], say('encoder and decoder', '编码器与解码器'), [
      { input: 'x_{1}', state: 'h_{1}' },
      { input: 'x_{2}', state: 'h_{2}' },
      { input: START, state: 's_{1}', output: 'y_{1}', role: 'second' },
      { state: 's_{2}', output: 'y_{2}', role: 'second' },
    ]),
  );
}

function panel([column, row]: Point, name: string, steps: readonly Step[]): string[] {
  const [left, top] = [column * PANEL.width, row * PANEL.height + 6];
  const at = (step: number, y: number): Point => [left + FIRST + step * SPACE, top + y];
  const up = (step: number, from: number, to: number) =>
    arrow([at(step, from - SIZE[1] / 2), at(step, to + SIZE[1] / 2)]);
  return [
    write([left + PANEL.width / 2, top + 18], name, { bold: true }),
    ...steps.flatMap(({ input, output, state, role = 'first' }, step) => [
      ...(step > 0 ? [across(at(step - 1, STATE), at(step, STATE))] : []),
      ...(input
        ? [
            write(at(step, IN), input, { size: input === START ? 11 : undefined }),
            up(step, IN, STATE),
          ]
        : []),
      ...(output ? [write(at(step, OUT), output), up(step, STATE, OUT)] : []),
      box(at(step, STATE), SIZE, state, { role }),
    ]),
    ...feedback(steps, at),
  ];
}

/** What was written goes into the next step, where nothing else does. */
function feedback(steps: readonly Step[], at: (step: number, y: number) => Point): string[] {
  return steps.flatMap(({ input, output, role }, step) => {
    const before = steps[step - 1];
    if (input || role !== 'second' || !output || !before?.output) return [];
    const half = (at(step, 0)[0] - at(step - 1, 0)[0]) / 2;
    const middle = at(step, 0)[0] - half;
    return [
      arrow(
        [
          [at(step - 1, OUT)[0] + 12, at(step, OUT)[1]],
          [middle, at(step, OUT)[1]],
          [middle, at(step, IN - 8)[1]],
          [at(step, IN)[0], at(step, IN - 8)[1]],
          [at(step, IN)[0], at(step, STATE)[1] + SIZE[1] / 2],
        ],
        { dashed: true },
      ),
    ];
  });
}

function across([fromX, y]: Point, [toX]: Point): string {
  return arrow(
    [
      [fromX + SIZE[0] / 2, y],
      [toX - SIZE[0] / 2, y],
    ],
    { width: 2 },
  );
}
