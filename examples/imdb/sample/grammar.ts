import type { Random } from '../../shared/random.js';

/** What each symbol may become. `good.` and `bad.` start the names of symbols that judge. */
export type Grammar = Readonly<Record<string, readonly string[]>>;

/** Which way a sentence leans. */
export type Leaning = 'good' | 'bad';

const SLOT = /\{([^{}]+)\}/g;

/**
 * Writes one sentence from a template.
 *
 * A slot `{symbol}` becomes one of the symbol's choices, which may hold slots
 * themselves. `{same.x}` stands for `good.x` in a sentence of praise and
 * for `bad.x` in a complaint, `{other.x}` for the opposite: so that
 * `not {other.adjective}` serves both. `a(n)` takes the article that fits.
 *
 * @throws When a slot names no symbol of the grammar.
 */
export function expand(
  template: string,
  leaning: Leaning,
  grammar: Grammar,
  random: Random,
): string {
  const opposite = leaning === 'good' ? 'bad' : 'good';
  const said = new Set<string>();
  const fill = (text: string): string =>
    text.replace(SLOT, (_, slot: string) => {
      const symbol = slot.replace(/^same\./, `${leaning}.`).replace(/^other\./, `${opposite}.`);
      const choices = grammar[symbol];
      if (choices === undefined) throw new Error(`The sample grammar has no symbol {${symbol}}.`);
      // A sentence does not say the same thing twice when it can say another.
      const unsaid = choices.filter((choice) => !said.has(choice));
      const choice = random.pick(unsaid.length > 0 ? unsaid : choices);
      said.add(choice);
      return fill(choice);
    });
  return punctuate(fill(template));
}

function punctuate(text: string): string {
  return text
    .replace(/\b([Aa])\(n\) (\w+)/g, (_, article: string, word: string) => {
      return `${article}${/^(?:[aeiou]|hon)/i.test(word) ? 'n' : ''} ${word}`;
    })
    .replace(/(^|[.?!] )([a-z])/g, (_, before: string, letter: string) => {
      return before + letter.toUpperCase();
    });
}
