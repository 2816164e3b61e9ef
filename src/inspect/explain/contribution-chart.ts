/** contributionChart: the words of an explanation, in the colours of what they contribute. */
import { reject } from '../../foundation/errors.js';
import { isList, requireKnownOptions } from '../../foundation/option-checks.js';
import { colourScale } from '../chart/heat-map.js';
import { titled } from '../chart/titled.js';
import { requireSize } from '../chart/size.js';
import { element, escapeText } from '../chart/svg.js';
import { textWidth } from '../chart/text-width.js';
import { fill, stroke } from '../chart/theme.js';
import type { Explanation } from './explain.js';

/** How {@link contributionChart} draws. */
export interface ContributionChartOptions {
  /** The heading; the class that the words speak for and against when left out. */
  title?: string;
  /** In pixels; 720 when left out. */
  width?: number;
}

const WHERE = 'contributionChart';
const SMALLEST = 320;
const MARGIN = { side: 16, words: 42, bottom: 4 };
const LINE = 18;
const WORD = { size: 15, line: 30, space: 7, inside: 3 };
// Letters stay readable on the strongest colour, light or dark.
const STRONGEST = 0.5;
// Below this share of the largest contribution, a word has no line.
const UNDERLINED = 0.1;
const SCALE = 90;
const TOLD = 5;

/**
 * Draws a text with each word in the colour of what it contributes, as SVG: blue over a solid line speaks for
 * the class, orange over a dashed one against it, the stronger the more. What the model does not read is grey.
 *
 * The picture needs no page, no style sheet and no font, and follows the reader's preference for light or dark.
 *
 * @param explanation What {@link explain} returned.
 * @param options The heading, the width.
 * @returns One `<svg>` element.
 * @throws RecurrentError for what is no explanation, and for a width below 320.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { contributionChart, createSentimentLstm, explain } from 'tfjs-recurrent';
 *
 * const model = createSentimentLstm({ vocabularySize: 9, sequenceLength: 4, seed: 1 });
 * const svg = contributionChart(explain(model, [0, 3, 5, 8]));
 * console.log(svg.match(/aria-label="([^.]*)/)?.[1]);
 * // Words for and against class 1
 * ```
 */
export function contributionChart(
  explanation: Explanation,
  options: ContributionChartOptions = {},
): string {
  requireKnownOptions(WHERE, options, ['title', 'width']);
  const { width = 720 } = options;
  requireSize(WHERE, 'width', width, SMALLEST);
  requireExplanation(explanation);
  const { words, indices, contributions, prefixProbabilities } = explanation;
  const title = options.title ?? `Words for and against ${explanation.className}`;
  const most = contributions.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const parts = summary(explanation);
  const isOneLine = textWidth(parts.join('; '), 13) <= width - 2 * MARGIN.side;
  const lines = isOneLine ? [parts.join('; ')] : parts;
  const scaleLine = 62 + lines.length * LINE;
  const { places, bottom } = placed(words, width, scaleLine + MARGIN.words);
  const height = bottom + MARGIN.bottom;
  const drawn = words.map((word, i) => {
    const share = most === 0 ? 0 : contributions[i]! / most;
    const told = indices[i] === 0 ? 'not read' : show(contributions[i]!);
    const behind = show(prefixProbabilities[i]!);
    const tell = `${word}: ${told}; probability behind it ${behind}`;
    return drawWord(word, places[i]!, indices[i] === 0, share, tell);
  });
  // As colourScale writes it.
  const low = String(Number((-most).toPrecision(2)));
  const scaleEnd = MARGIN.side + textWidth(low, 13) + 6 + SCALE;
  const unit = scaleEnd + 6 + textWidth(low, 13) + 12;
  return titled(
    { width, height, title, description: describe(explanation), left: MARGIN.side },
    ...lines.map((line, i) =>
      element('text', { x: MARGIN.side, y: 54 + i * LINE, ...fill('muted') }, escapeText(line)),
    ),
    ...(most === 0
      ? []
      : [colourScale({ low: -most, high: most }, scaleEnd, scaleLine, STRONGEST)]),
    ...(most === 0
      ? []
      : [element('text', { x: unit, y: scaleLine, ...fill('muted') }, 'added to the logit')]),
    ...drawn,
  );
}

/** Where a word begins and how wide it is, and the line that it stands on. */
interface Place {
  x: number;
  y: number;
  width: number;
}

/** Words one behind the other, in as many lines as they take. */
function placed(
  words: readonly string[],
  width: number,
  top: number,
): { places: Place[]; bottom: number } {
  let [x, y] = [MARGIN.side, top];
  const places = words.map((word) => {
    const room = width - 2 * MARGIN.side;
    const own = Math.min(room, textWidth(word, WORD.size) + 2 * WORD.inside);
    if (x > MARGIN.side && x + own > width - MARGIN.side) {
      x = MARGIN.side;
      y += WORD.line;
    }
    const place = { x, y, width: own };
    x += own + WORD.space;
    return place;
  });
  return { places, bottom: y + WORD.line / 2 };
}

function drawWord(
  word: string,
  { x, y, width }: Place,
  isUnread: boolean,
  share: number,
  tell: string,
): string {
  const role = share < 0 ? 'second' : 'first';
  const strength = Math.round(STRONGEST * Math.abs(share) * 1000) / 1000;
  const isUnderlined = Math.abs(share) >= UNDERLINED;
  const line = { x1: x + 1, x2: x + width - 1, y1: y + 6.5, y2: y + 6.5 };
  const dash = share < 0 ? '3 3' : undefined;
  return element(
    'g',
    {},
    element('title', {}, escapeText(tell)),
    element('rect', { x, y: y - 16, width, height: 22, ...fill(role), 'fill-opacity': strength }),
    ...(isUnderlined
      ? [element('line', { ...line, ...stroke(role), 'stroke-width': 2, 'stroke-dasharray': dash })]
      : []),
    element(
      'text',
      {
        x: x + WORD.inside,
        y,
        'font-size': WORD.size,
        textLength: width - 2 * WORD.inside,
        lengthAdjust: 'spacingAndGlyphs',
        ...fill(isUnread ? 'muted' : 'text'),
      },
      escapeText(word),
    ),
  );
}

const show = (value: number) => String(Number(value.toPrecision(3)));

function summary({ probability, output, baseline }: Explanation): [string, string] {
  const said = `probability ${show(probability)}, logit ${show(output)}`;
  return [said, `without words ${show(baseline)}`];
}

/** For a reader who does not see: what the model says, and the words that count most on either side. */
function describe(explanation: Explanation): string {
  const { words, contributions, className } = explanation;
  const order = [...words.keys()].sort((a, b) => contributions[b]! - contributions[a]!);
  const told = (list: number[]) => list.map((i) => `${words[i]} ${show(contributions[i]!)}`);
  const pro = told(order.filter((i) => contributions[i]! > 0).slice(0, TOLD));
  const con = told(
    order
      .reverse()
      .filter((i) => contributions[i]! < 0)
      .slice(0, TOLD),
  );
  return [
    `${className}: ${summary(explanation).join('; ')}.`,
    pro.length > 0 ? `For it: ${pro.join(', ')}.` : 'No word speaks for it.',
    con.length > 0 ? `Against it: ${con.join(', ')}.` : 'No word speaks against it.',
  ].join(' ');
}

function requireExplanation(given: unknown): void {
  const { words, contributions } = Object(given) as Partial<Explanation>;
  if (isList(words) && isList(contributions) && words.length === contributions.length) return;
  reject({
    where: WHERE,
    expected: 'explanation must be what explain returned',
    received: given,
  });
}
