/** Chapter 9: from the text of a review to a verdict, with the shape of everything. */
import type { Say } from '../drawing/language.js';
import { arrow, box, picture, write } from '../drawing/marks.js';

const STEP = 66;
const TOP = 34;
const LEFT = 112;
const RIGHT = 226;

export function imdbPathDiagram(say: Say): string {
  const stages = [
    [say('text', '文本'), '"not a bad film"', say('a string', '字符串')],
    ['Tokenizer', '21 3 75 19', say('numbers of words', '词的编号')],
    ['padSequences', '0 0 … 21 3 75 19', '[batch, 300]'],
    ['Embedding', say('a point for each word', '每个词一个点'), '[batch, 300, 32]'],
    ['LSTM', say('the last state', '最后的状态'), '[batch, 32]'],
    ['Dense, relu', say('mixtures of it', '状态的组合'), '[batch, 256]'],
    ['Dense, sigmoid', say('probability: positive', '正面的概率'), '[batch, 1]'],
  ];
  return picture(
    {
      height: TOP * 2 + STEP * (stages.length - 1),
      title: say('From words to a verdict', '从文字到判断'),
      description: stages
        .map(([name, what, shape]) => `${name}: ${what}, ${shape}`)
        .join(say('. ', '；')),
    },
    ...stages.flatMap(([name, what, shape], row) => {
      const y = TOP + row * STEP;
      const isLayer = row > 2;
      return [
        ...(row > 0
          ? [
              arrow([
                [LEFT, y - STEP + 19],
                [LEFT, y - 19],
              ]),
            ]
          : []),
        box([LEFT, y], [176, 38], name!, { role: isLayer ? 'first' : 'second', bold: true }),
        write([RIGHT, y - 10], what!, { anchor: 'start' }),
        write([RIGHT, y + 11], shape!, { anchor: 'start', role: 'muted' }),
      ];
    }),
  );
}
