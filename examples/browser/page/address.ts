/** What the page's address keeps, so that whoever opens the link sees the same. */
export interface Shared {
  /** The first text, and the second where two are compared. */
  texts: string[];
  /** Which words of each are left out, by their place. */
  leftOut: number[][];
  gate: string;
  language: string | null;
}

/** Reads the part of the address behind #. */
export function readAddress(hash: string): Shared {
  const found = new URLSearchParams(hash.replace(/^#/, ''));
  const texts = [found.get('a') ?? '', found.get('b')].filter((text) => text !== null);
  return {
    texts,
    leftOut: ['a-out', 'b-out'].map((key) => numbersIn(found.get(key))),
    gate: found.get('gate') ?? '',
    language: found.get('lang'),
  };
}

// Browsers refuse a page that writes it more often than a hundred times in half a minute, and draw its icon
// anew each time: it waits until a visitor has stopped to type.
const PAUSE = 500; // milliseconds

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Writes it behind the next pause, without a new entry in the history of the browser. */
export function writeAddress(shared: Shared): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => history.replaceState(null, '', `#${addressOf(shared)}`), PAUSE);
}

function addressOf({ texts, leftOut, gate, language }: Shared): URLSearchParams {
  const kept = new URLSearchParams();
  ['a', 'b'].forEach((name, i) => {
    if (texts[i] !== undefined) kept.set(name, texts[i]);
    if (leftOut[i]?.length) kept.set(`${name}-out`, leftOut[i].join('.'));
  });
  if (gate) kept.set('gate', gate);
  if (language) kept.set('lang', language);
  return kept;
}

function numbersIn(list: string | null): number[] {
  return (list ?? '').split('.').filter(Boolean).map(Number).filter(Number.isInteger);
}
