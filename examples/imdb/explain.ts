/** `--explain`: the words of a review in the colours of what they add, in the terminal and as a page. */
import { join } from 'node:path';
import { styleText } from 'node:util';
import { type Explanation, explain } from 'tfjs-recurrent';
import { saveText } from '../shared/run-folder.js';
import { inWords } from './predict.js';
import { explanationPage } from './report/explanation.js';
import type { Judge } from './run-folder.js';

const PAGE = 'explain.html';

/** Prints a review with its words in colours, and writes the page. */
export async function explainText(judge: Judge, text: string, out: string): Promise<void> {
  const classNames = ['negative', 'positive'];
  const explanation = explain({ ...judge, stripHtml: true, classNames }, text);
  await saveText(out, PAGE, explanationPage(explanation));
  const verdict = `${inWords(explanation.probability)}, says the model in ${out}.`;
  console.log(`${verdict}\n\n${colouredWords(explanation, hasColours())}\n`);
  console.log('Blue, or +: speaks for positive. Yellow, or -: against it. In logits.');
  console.log(`Open ${join(out, PAGE)} in a browser.`);
}

/** Whether the terminal shows colours; `NO_COLOR` and `FORCE_COLOR` count. */
const hasColours = (): boolean => process.stdout.isTTY === true && process.stdout.hasColors();

// Shares of the largest contribution.
const STRONG = 0.5;
const SEEN = 0.1;

/** The words in a line, those that count in colours, or with their numbers where there are none. */
export function colouredWords(
  { words, contributions }: Pick<Explanation, 'words' | 'contributions'>,
  colours: boolean,
): string {
  const most = contributions.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return words
    .map((word, i) => {
      const added = contributions[i]!;
      const share = Math.abs(added) / most;
      if (!(share >= SEEN)) return word;
      if (!colours) return `${word}(${added > 0 ? '+' : ''}${added.toFixed(1)})`;
      if (added > 0) return styleText(share < STRONG ? 'blue' : ['bgBlue', 'white'], word);
      return styleText(share < STRONG ? 'yellow' : ['bgYellow', 'black'], word);
    })
    .join(' ');
}
