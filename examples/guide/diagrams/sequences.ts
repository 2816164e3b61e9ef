/** Chapter 1: what a bag of words loses. */
import type { Say } from '../drawing/language.js';
import { arrow, box, picture, write } from '../drawing/marks.js';

const COLUMNS = [44, 116, 188];
const ROWS = [62, 118];

export function orderDiagram(say: Say): string {
  const sentences = [
    [say('dog', '狗'), say('bites', '咬'), say('man', '人')],
    [say('man', '人'), say('bites', '咬'), say('dog', '狗')],
  ];
  return picture(
    {
      height: 156,
      title: say('The same words in two orders', '同样的词，两种顺序'),
      description: say(
        'As sequences, dog bites man and man bites dog differ. As bags of words they are the same: each word once.',
        '作为序列,“狗咬人”与“人咬狗”不同；作为词袋，两句完全一样：每个词各一次。',
      ),
    },
    write([116, 24], say('sequences: different', '序列：不同'), { bold: true }),
    write([323, 24], say('bags: the same', '词袋：相同'), { bold: true }),
    ...sentences.flatMap((words, row) => [
      ...words.map((word, column) =>
        box([COLUMNS[column]!, ROWS[row]!], [58, 36], word, { role: 'first' }),
      ),
      ...[0, 1].map((column) =>
        arrow([
          [COLUMNS[column]! + 29, ROWS[row]!],
          [COLUMNS[column + 1]! - 29, ROWS[row]!],
        ]),
      ),
      arrow(
        [
          [224, ROWS[row]!],
          [256, ROWS[row]!],
        ],
        { dashed: true },
      ),
      box([323, ROWS[row]!], [130, 36], sentences[0]!.join('  '), { role: 'second' }),
    ]),
  );
}
