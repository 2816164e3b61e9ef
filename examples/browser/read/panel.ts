/** A text and what the network says of it: at every key the verdict, right behind it the reasons. */
import { say } from '../page/language.js';
import { type Piece, piecesOf } from './pieces.js';
import { prefixCurve } from './prefix-curve.js';
import type { Reader, Verdict } from './reader.js';
import { openWordMenu } from './word-menu.js';
import { colourWords, drawWords } from './words-view.js';

// Reasons take the time of many verdicts: they wait for a pause between two keys. So do the gates,
// and the page has a turn between the two.
const PAUSE = 80; // milliseconds

export class Panel {
  readonly element: HTMLElement;
  pieces: Piece[] = [];
  readonly #leftOut = new Set<number>();
  readonly #textarea: HTMLTextAreaElement;
  readonly #onChange: () => void;
  #reader: Reader | undefined;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  /** @param onChange Is called when the text or what is left out of it has changed, and its reasons are there. */
  constructor(onChange: () => void) {
    const template = document.querySelector<HTMLTemplateElement>('#panel')!;
    this.element = (template.content.cloneNode(true) as DocumentFragment).querySelector('article')!;
    this.#textarea = this.element.querySelector('textarea')!;
    this.#onChange = onChange;
    this.#textarea.addEventListener('input', () => {
      this.#leftOut.clear();
      this.#verdict();
    });
  }

  get text(): string {
    return this.#textarea.value;
  }

  get leftOut(): number[] {
    return [...this.#leftOut].sort((a, b) => a - b);
  }

  /** Shows another text. */
  show(text: string, leftOut: readonly number[] = []): void {
    this.#textarea.value = text;
    this.#leftOut.clear();
    for (const place of leftOut) this.#leftOut.add(place);
    this.#verdict();
  }

  /** Has a network read it. */
  readBy(reader: Reader): void {
    this.#reader = reader;
    this.#verdict();
  }

  /** Names its parts anew, in the language of the page. */
  speak(name: string): void {
    this.element.querySelector('.panel-name')!.textContent = name;
    this.#verdict();
  }

  #verdict(): void {
    clearTimeout(this.#waiting);
    const reader = this.#reader;
    if (!reader) return;
    const start = performance.now();
    this.pieces = piecesOf(this.text, reader.tokenizer, this.#leftOut);
    const isEmpty = this.pieces.every(({ indices, leftOut }) => leftOut || indices.length === 0);
    const verdict = isEmpty ? null : reader.read(this.pieces);
    const took = performance.now() - start;
    drawWords(this.#find('.words'), this.pieces, (place, button) => this.#choose(place, button));
    this.#showVerdict(reader, verdict, took);
    this.#waiting = setTimeout(() => {
      if (verdict) this.#showReasons(reader, verdict);
      else this.#find('.prefixes').replaceChildren();
      this.#waiting = setTimeout(this.#onChange);
    }, PAUSE);
  }

  #showVerdict(reader: Reader, verdict: Verdict | null, took: number): void {
    const { classIndex, probability } = verdict ?? { classIndex: 1, probability: 0.5 };
    const name = className(reader, classIndex);
    const percent = Math.round(100 * probability);
    const bar = this.#find('.bar');
    bar.style.transform = `scaleX(${probability})`;
    bar.classList.toggle('positive', probability > 0.5);
    this.#find('.verdict strong').textContent = verdict
      ? say('sure', { name, percent })
      : say('empty');
    this.#find('.verdict small').textContent = verdict ? say('took', { ms: took.toFixed(1) }) : '';
  }

  #showReasons(reader: Reader, verdict: Verdict): void {
    const { contributions, prefixes } = reader.reasons(this.pieces, verdict);
    colourWords(this.#find('.words'), this.pieces, contributions);
    this.#find('.prefixes').innerHTML = prefixCurve(prefixes);
  }

  #choose(place: number, button: HTMLButtonElement): void {
    const piece = this.pieces[place]!;
    openWordMenu(button, piece, {
      replace: (text) => {
        const { start, text: old } = piece;
        this.show(this.text.slice(0, start) + text + this.text.slice(start + old.length));
      },
      leaveOut: (isOut) => {
        if (isOut) this.#leftOut.add(place);
        else this.#leftOut.delete(place);
        this.#verdict();
      },
    });
  }

  #find(selector: string): HTMLElement {
    return this.element.querySelector<HTMLElement>(selector)!;
  }
}

/** In the language of the page where it is one that the page knows. */
function className({ classNames }: Reader, index: number): string {
  const name = classNames[index] ?? String(index);
  return name === 'positive' || name === 'negative' ? say(name) : name;
}
