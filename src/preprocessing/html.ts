import { decodeHTML } from 'entities/decode';
import { requireString } from '../foundation/option-checks.js';

/**
 * Removes HTML from a text: tags, comments, declarations, and all that stands in scripts and
 * style sheets. What remains has its entities decoded.
 *
 * Each of them becomes one space, so that the words around `<br />` do not merge. `<` only starts a
 * tag before a letter, `/`, `!` or `?`, and only when the tag is closed: "a < b", "<3" and a
 * stray "<b" stay. Time grows linearly with the length of the text, whatever it holds.
 *
 * @param text A text with or without HTML.
 * @returns The text without it. Spaces are not merged; {@link Tokenizer} does not mind them.
 * @throws RecurrentError when `text` is not a string.
 *
 * @example
 * ```ts
 * import { stripHtmlTags } from 'tfjs-recurrent';
 *
 * console.log(stripHtmlTags('Great fun!<br /><b>Tom &amp; Jerry</b> &lt;3'));
 * // Great fun!  Tom & Jerry  <3
 * ```
 */
export function stripHtmlTags(text: string): string {
  requireString(
    'stripHtmlTags',
    'text',
    text,
    'For a list of texts write texts.map(stripHtmlTags).',
  );
  let stripped = '';
  let kept = 0;
  const markup = new MarkupScanner(text);
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const end = markup.endOf(at);
    if (end === -1) {
      at++;
      continue;
    }
    stripped += `${text.slice(kept, at)} `;
    kept = end;
    at = end;
  }
  return decodeHTML(stripped + text.slice(kept));
}

const QUOTED_VALUE = /=\s*(["'])/y;

/**
 * Finds where markup ends. Everything it looks for in vain is looked for once only, which is
 * what keeps the whole linear.
 */
class MarkupScanner {
  private readonly text: string;
  private readonly lastClose: number;
  private commentsClose = true;
  private quotesClose = true;
  private readonly rawTextCloses = new Map([
    ['script', true],
    ['style', true],
  ]);

  constructor(text: string) {
    this.text = text;
    this.lastClose = text.lastIndexOf('>');
  }

  /** Where the markup that starts with the `<` at `start` ends, or -1 when it is plain text. */
  endOf(start: number): number {
    if (start > this.lastClose) return -1;
    const { text } = this;
    if (text.startsWith('<!--', start)) return this.endOfComment(start);
    const opener = text[start + 1] as string;
    if (opener === '!' || opener === '?') return text.indexOf('>', start) + 1;
    if (opener === '/') {
      return isLetter(text.charCodeAt(start + 2)) ? text.indexOf('>', start) + 1 : -1;
    }
    return isLetter(text.charCodeAt(start + 1)) ? this.endOfElement(start) : -1;
  }

  private endOfComment(start: number): number {
    // "<!-->" is a whole comment (HTML standard, 13.2.5.43), hence from its second character on.
    const close = this.commentsClose ? this.text.indexOf('-->', start + 2) : -1;
    if (close !== -1) return close + 3;
    this.commentsClose = false;
    return -1;
  }

  private endOfElement(start: number): number {
    const end = this.endOfStartTag(start + 1);
    const name = /[a-z]+/iy;
    name.lastIndex = start + 1;
    const element = (name.exec(this.text)?.[0] ?? '').toLowerCase();
    const follows = this.text[name.lastIndex] as string;
    if (!this.rawTextCloses.get(element) || !/[\s/>]/.test(follows)) return end;

    const closing = new RegExp(`</${element}(?=[\\s/>])`, 'gi');
    closing.lastIndex = end;
    const close = closing.test(this.text) ? this.text.indexOf('>', closing.lastIndex) : -1;
    if (close !== -1) return close + 1;
    this.rawTextCloses.set(element, false);
    return end;
  }

  /** A `>` in a quoted attribute does not end a tag, unless no other one does. */
  private endOfStartTag(from: number): number {
    const { text } = this;
    if (this.quotesClose) {
      let at = from;
      while (at !== 0 && at <= this.lastClose) {
        if (text[at] === '>') return at + 1;
        QUOTED_VALUE.lastIndex = at;
        const quote = text[at] === '=' ? QUOTED_VALUE.exec(text)?.[1] : undefined;
        at = quote === undefined ? at + 1 : text.indexOf(quote, QUOTED_VALUE.lastIndex) + 1;
      }
      this.quotesClose = false;
    }
    return text.indexOf('>', from) + 1;
  }
}

function isLetter(unit: number): boolean {
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
