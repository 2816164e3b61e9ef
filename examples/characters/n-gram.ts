/** What counting alone achieves: characters predicted from the few before them. */

/**
 * Bits per character of a text under a model that counted another one: the longest context of at most
 * `order` − 1 characters, mixed with shorter ones down to no context at all.
 *
 * How much each context counts is that of Witten and Bell: what was seen n times with k different
 * successors weighs n / (n + k). Below all stands an even chance for each character.
 *
 * Source: I. Witten and T. Bell, "The zero-frequency problem", 1991.
 *
 * @param order 1 for a unigram model, 3 for a trigram model.
 */
export function bitsPerCharacter(learned: string, text: string, order: number): number {
  const vocabulary = new Set(learned + text).size;
  const counts = Array.from({ length: order }, (_, context) => countAfter(learned, context));
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    let probability = 1 / vocabulary;
    for (let context = 0; context < order && context <= at; context++) {
      const seen = counts[context]!.get(text.slice(at - context, at));
      if (!seen) break;
      const own = seen.of.get(text[at]!) ?? 0;
      probability = (own + seen.of.size * probability) / (seen.all + seen.of.size);
    }
    bits -= Math.log2(probability);
  }
  return bits / text.length;
}

/** How often each character follows each context of some length. */
function countAfter(text: string, length: number) {
  const counts = new Map<string, { all: number; of: Map<string, number> }>();
  for (let at = length; at < text.length; at++) {
    const context = text.slice(at - length, at);
    let seen = counts.get(context);
    if (!seen) {
      seen = { all: 0, of: new Map() };
      counts.set(context, seen);
    }
    seen.all++;
    seen.of.set(text[at]!, (seen.of.get(text[at]!) ?? 0) + 1);
  }
  return counts;
}
