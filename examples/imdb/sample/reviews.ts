import { expand, type Grammar, type Leaning } from './grammar.js';
import { type Random, seededRandom } from '../../shared/random.js';
import { CLOSINGS, GRAMMAR, OPENINGS, OPINIONS, OUTBURSTS, PLOT, TURNS } from './sentences.js';
import { FIRST_NAMES, SURNAMES, TITLE_ADJECTIVES, TITLE_NOUNS } from './words.js';

/** A review as the dataset keeps it: its text, and a rating from 1 to 10 without the middling 5 and 6. */
export interface Review {
  text: string;
  rating: number;
}

/** How sure a reviewer is of the verdict: the share of the opinions that agree with the rating. */
const AGREEMENT: Readonly<Record<number, number>> = {
  1: 0.98,
  2: 0.95,
  3: 0.9,
  4: 0.82,
  7: 0.82,
  8: 0.9,
  9: 0.95,
  10: 0.98,
};

/** How many sentences stand between the first and the last: most reviews are short, some fill a page. */
const LENGTHS: readonly (readonly [from: number, to: number])[] = [
  [2, 4],
  [2, 4],
  [5, 9],
  [5, 9],
  [10, 15],
  [16, 26],
];

/**
 * Writes `count` reviews, as many of praise as of blame and no two alike.
 *
 * @param count How many, an even number.
 * @param seed The same seed writes the same reviews.
 * @param taken Texts and titles that are used up; those written now are added.
 */
export function writeReviews(count: number, seed: number, taken: Set<string>): Review[] {
  const random = seededRandom(seed);
  const reviews: Review[] = [];
  while (reviews.length < count) {
    const good = reviews.length % 2 === 0;
    const rating = random.pick(good ? [7, 8, 9, 10] : [1, 2, 3, 4]);
    const film = inventFilm(random, taken);
    const text = dress(writeReview(film, rating, random), random);
    // Alike but for a comma or a capital is alike to the Tokenizer.
    const words =
      text
        .toLowerCase()
        .match(/[a-z0-9]+/g)
        ?.join(' ') ?? '';
    if (taken.has(words)) continue;
    taken.add(words);
    reviews.push({ text, rating });
  }
  return reviews;
}

/** The facts that every sentence of one review shares, as symbols of the grammar. */
function inventFilm(random: Random, taken: Set<string>): Grammar {
  const person = () => {
    const surname = random.pick(SURNAMES);
    return [`${random.pick(FIRST_NAMES)} ${surname}`, surname];
  };
  return {
    title: [inventTitle(random, taken)],
    director: person(),
    lead: person(),
    partner: person(),
    composer: person(),
    genre: [random.pick(GRAMMAR.genres ?? [])],
    place: [random.pick(GRAMMAR.elsewhere ?? [])],
    time: [random.pick(GRAMMAR.times ?? [])],
  };
}

function inventTitle(random: Random, taken: Set<string>): string {
  for (;;) {
    const adjective = random.pick(TITLE_ADJECTIVES);
    const [noun, other] = [random.pick(TITLE_NOUNS), random.pick(TITLE_NOUNS)];
    const name = random.pick(FIRST_NAMES);
    const title = random.pick([
      `The ${adjective} ${noun}`,
      `${noun} and ${other}`,
      `A(n) ${noun} for ${name}`,
      `${name} and the ${adjective} ${noun}`,
      `${adjective} ${noun}, ${adjective} ${other}`,
      `${name}'s ${noun}`,
    ]);
    // A film belongs to one review: a model cannot learn a title by heart.
    if (taken.has(title)) continue;
    taken.add(title);
    return title;
  }
}

function writeReview(film: Grammar, rating: number, random: Random): string[] {
  const leaning: Leaning = rating > 5 ? 'good' : 'bad';
  const opposite: Leaning = rating > 5 ? 'bad' : 'good';
  const grammar: Grammar = {
    ...GRAMMAR,
    ...film,
    rating: [`${rating}`],
    low: ['low', 'high', 'modest'],
  };
  const written = new Set<string>();
  const write = (templates: readonly string[], side: Leaning) => {
    // Reviewers seldom build two sentences alike; only a long review runs out of other ways.
    const fresh = templates.filter((template) => !written.has(template));
    const template = random.pick(fresh.length > 0 ? fresh : templates);
    written.add(template);
    return expand(template, side, grammar, random);
  };

  if (random.chance(0.12)) return [write(OUTBURSTS, leaning)];

  const agreement = AGREEMENT[rating] ?? 1;
  const sentences = [write(OPENINGS, leaning)];
  const [from, to] = random.pick(LENGTHS);
  for (let remaining = random.between(from, to); remaining > 0; remaining--) {
    const side = random.chance(agreement) ? leaning : opposite;
    const kind = random.pick([PLOT, PLOT, OPINIONS, OPINIONS, OPINIONS, TURNS]);
    const sentence = write(kind, side);
    if (!sentences.includes(sentence)) sentences.push(sentence);
  }
  if (random.chance(0.6)) sentences.push(write(CLOSINGS, leaning));
  return sentences;
}

/** Joins the sentences as they come from the web: line breaks, entities, shouting, careless lower case. */
function dress(sentences: readonly string[], random: Random): string {
  const paragraphs = random.chance(0.45);
  let text = '';
  for (const sentence of sentences) {
    const joint = paragraphs && random.chance(0.25) ? '<br /><br />' : ' ';
    text += text === '' ? sentence : joint + sentence;
  }
  if (random.chance(0.06)) text = text.replaceAll(' and ', ' &amp; ');
  if (random.chance(0.04)) text = text.replace(/\b(?:film|movie|picture)\b/g, '<i>$&</i>');
  if (random.chance(0.04)) text = text.replace(/\b(the) (\w+)\b/i, '$1 &quot;$2&quot;');
  if (random.chance(0.05)) text = text.toLowerCase();
  if (random.chance(0.02)) text = text.toUpperCase().replaceAll('<BR />', '<br />');
  return text;
}
