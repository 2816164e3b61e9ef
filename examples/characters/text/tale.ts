/** Sentences of a tale, in a small grammar with memory: pronouns stand for whom the tale is about. */
import type { Random } from '../../shared/random.js';
import {
  ANIMALS,
  HANDLED,
  HOW,
  MET,
  MOVED,
  PEOPLE,
  PLACES,
  QUALITIES,
  THINGS,
  WHEN,
  WHERE,
} from './lexicon.js';

type Pronoun = 'he' | 'she' | 'it';

const OTHER_CASES = {
  he: { them: 'him', their: 'his' },
  she: { them: 'her', their: 'her' },
  it: { them: 'it', their: 'its' },
} as const;

/** Writes a tale of a few sentences about one person or animal. */
export function tale(random: Random): string {
  const pronoun = random.pick<Pronoun>(['he', 'he', 'she', 'she', 'it']);
  const noun = random.pick(pronoun === 'it' ? ANIMALS : PEOPLE[pronoun]);
  const teller = new Teller(random, noun, pronoun);
  const count = random.between(2, 5);
  return Array.from({ length: count }, (_, at) => teller.sentence(at === 0)).join(' ');
}

class Teller {
  readonly #random: Random;
  readonly #noun: string;
  readonly #pronoun: Pronoun;

  constructor(random: Random, noun: string, pronoun: Pronoun) {
    this.#random = random;
    this.#noun = noun;
    this.#pronoun = pronoun;
  }

  sentence(isFirst: boolean): string {
    const random = this.#random;
    const { their } = OTHER_CASES[this.#pronoun];
    const when = random.chance(isFirst ? 0.5 : 0.25) ? `${random.pick(WHEN)} ` : '';
    const subject = isFirst
      ? withArticle(this.#described(this.#noun))
      : random.pick([this.#pronoun, this.#pronoun, `the ${this.#noun}`]);
    const first = `${subject} ${this.#deed()}`;
    const rest = random.pick<() => string>([
      () => '',
      () => ` and ${this.#deed()}`,
      () => `, but ${this.#other()} ${this.#deed()}`,
      () => `, because ${their} ${random.pick(THINGS)} was ${random.pick(QUALITIES)}`,
      () => `, so that ${this.#pronoun} ${this.#deed()} ${random.pick(HOW)}`,
      () => `, and ${this.#speech()}`,
    ])();
    const whole = `${when}${first}${rest}`;
    const end = /["]$/.test(whole) ? '' : '.';
    return `${whole[0]!.toUpperCase()}${whole.slice(1)}${end}`;
  }

  /** What someone does: with a thing, somewhere, or to another. */
  #deed(): string {
    const random = this.#random;
    const how = random.chance(0.3) ? ` ${random.pick(HOW)}` : '';
    const place = () => `${random.pick(WHERE)} the ${this.#described(random.pick(PLACES))}`;
    return random.pick<() => string>([
      () => `${random.pick(HANDLED)} the ${this.#described(random.pick(THINGS))}${how}`,
      () => `${random.pick(MOVED)}${how} ${place()}`,
      () => `${random.pick(MET)} ${this.#other()}${how}`,
      () => `${random.pick(HANDLED)} ${OTHER_CASES[this.#pronoun].their} ${random.pick(THINGS)}`,
    ])();
  }

  #other(): string {
    const random = this.#random;
    const noun = random.pick(random.chance(0.5) ? ANIMALS : [...PEOPLE.he, ...PEOPLE.she]);
    return random.chance(0.6) ? `the ${noun}` : withArticle(this.#described(noun));
  }

  #speech(): string {
    const random = this.#random;
    const said = random.pick(['said', 'cried', 'answered', 'asked', 'sang']);
    const thing = this.#described(random.pick(THINGS));
    const mark = said === 'asked' ? '?' : random.pick(['.', '!']);
    const words =
      mark === '?'
        ? random.pick([`Where is my ${thing}`, `Who ${random.pick(HANDLED)} the ${thing}`])
        : random.pick([
            `I have ${random.pick(['never', 'always', 'often'])} wanted a ${random.pick(THINGS)}`,
            `Give me back my ${thing}`,
            `There is no ${thing} ${random.pick(WHERE)} this ${random.pick(PLACES)}`,
          ]);
    return `${this.#pronoun} ${said}: "${words}${mark}"`;
  }

  #described(noun: string): string {
    const random = this.#random;
    return random.chance(0.45) ? `${random.pick(QUALITIES)} ${noun}` : noun;
  }
}

/** `a` or `an` by the letter that follows. */
const withArticle = (noun: string) => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
