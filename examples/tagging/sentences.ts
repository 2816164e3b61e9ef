/** A small grammar that invents sentences with the kind of each word. */
import { type Random, seededRandom } from '../shared/random.js';
import {
  ADJECTIVE_OR_ADVERB,
  DETERMINER_OR_PRONOUN,
  FUNCTION,
  NOUN_OR_ADJECTIVE,
  NOUN_OR_VERB,
  ONLY,
  PREPOSITION_OR_ADVERB,
  type Tag,
  withS,
} from './lexicon.js';

/** A word, and what it is in its sentence. */
export interface Tagged {
  word: string;
  tag: Tag;
}

export type Sentence = readonly Tagged[];

/** Sentences to learn from, and others to test on, of which some have words that are nowhere in the former. */
export interface Corpus {
  train: Sentence[];
  validation: Sentence[];
  test: Sentence[];
}

const TEST_SENTENCES = 1000;

/** Invents a corpus without a sentence that is in two of its parts. */
export function inventCorpus(samples: number, seed: number): Corpus {
  const random = seededRandom(seed + 1);
  const seen = new Set<string>();
  const draw = (count: number, newWords: number) => {
    const grammar = new Grammar(random, newWords);
    const sentences: Sentence[] = [];
    while (sentences.length < count) {
      const sentence = grammar.sentence();
      const text = sentence.map(({ word }) => word).join(' ');
      if (seen.has(text)) continue;
      seen.add(text);
      sentences.push(sentence);
    }
    return sentences;
  };
  const validation = Math.max(10, Math.round(samples / 10));
  return {
    train: draw(samples, 0),
    validation: draw(validation, 0),
    test: draw(Math.min(TEST_SENTENCES, samples), 0.15),
  };
}

type OnlyKind = keyof typeof ONLY;

class Grammar {
  readonly #random: Random;
  /** How often a word is one that training never shows. */
  readonly #newWords: number;

  constructor(random: Random, newWords: number) {
    this.#random = random;
    this.#newWords = newWords;
  }

  sentence(): Sentence {
    const { chance } = this.#random;
    const mark = (word: string): Tagged => ({ word, tag: 'mark' });
    if (chance(0.12)) {
      const asked = [...this.#auxiliary(), ...this.#subject(chance(0.5)), ...this.#action('')];
      return [...asked, mark('?')];
    }
    const start = chance(0.15) ? [...this.#adverb(), mark(',')] : [];
    const isPlural = chance(0.5);
    const subject = this.#subject(isPlural);
    const told = [...start, ...subject, ...this.#predicate(isPlural)];
    if (chance(0.2)) told.push(...this.#one('conjunction'), ...this.#predicate(isPlural));
    return [...told, mark('.')];
  }

  #one(tag: keyof typeof FUNCTION): Tagged[] {
    return [{ word: this.#random.pick<string>(FUNCTION[tag]), tag }];
  }

  #auxiliary(): Tagged[] {
    return this.#one('auxiliary');
  }

  #only(kind: OnlyKind): string {
    const list: readonly string[] = ONLY[kind];
    const known = Math.ceil(list.length * 0.8);
    const { chance, pick } = this.#random;
    return pick(chance(this.#newWords) ? list.slice(known) : list.slice(0, known));
  }

  #subject(isPlural: boolean): Tagged[] {
    const { chance, pick } = this.#random;
    if (isPlural && chance(0.3)) return this.#one('pronoun');
    if (!isPlural && chance(0.15)) {
      return [{ word: pick(DETERMINER_OR_PRONOUN.slice(0, 3)), tag: 'pronoun' }];
    }
    return this.#nounPhrase(isPlural);
  }

  #nounPhrase(isPlural: boolean): Tagged[] {
    const { chance, pick } = this.#random;
    const phrase: Tagged[] = [];
    if (!isPlural || chance(0.5)) {
      const word = isPlural
        ? pick(['the', 'some', 'her'])
        : chance(0.3)
          ? pick(DETERMINER_OR_PRONOUN)
          : pick<string>(FUNCTION.determiner);
      phrase.push({ word, tag: 'determiner' });
    }
    if (chance(0.4)) {
      const of = chance(0.5) ? this.#only('adjective') : null;
      const word = of ?? pick(chance(0.7) ? NOUN_OR_ADJECTIVE : ADJECTIVE_OR_ADVERB);
      phrase.push({ word, tag: 'adjective' });
    }
    const singular = chance(0.5)
      ? this.#only('noun')
      : pick(chance(0.8) || isPlural ? NOUN_OR_VERB : NOUN_OR_ADJECTIVE);
    phrase.push({ word: isPlural ? withS(singular) : singular, tag: 'noun' });
    if (chance(0.12)) phrase.push(...this.#place());
    return phrase;
  }

  #place(): Tagged[] {
    const { chance, pick } = this.#random;
    const word = chance(0.5) ? pick(PREPOSITION_OR_ADVERB) : pick<string>(FUNCTION.preposition);
    return [{ word, tag: 'preposition' }, ...this.#nounPhrase(chance(0.4))];
  }

  #predicate(isPlural: boolean): Tagged[] {
    const { chance } = this.#random;
    const adverb = chance(0.12) ? this.#adverb() : [];
    if (chance(0.25)) return [...this.#auxiliary(), ...adverb, ...this.#action('')];
    if (chance(0.15)) {
      const wants = isPlural ? 'want' : 'wants';
      const to: Tagged[] = [
        { word: wants, tag: 'verb' },
        { word: 'to', tag: 'particle' },
      ];
      return [...adverb, ...to, ...this.#action('')];
    }
    return [...adverb, ...this.#action(isPlural ? '' : 's')];
  }

  /** A verb and what follows it. */
  #action(ending: '' | 's'): Tagged[] {
    const { chance, pick } = this.#random;
    const plain = chance(0.6) ? pick(NOUN_OR_VERB) : this.#only('verb');
    const verb: Tagged = { word: ending === 's' ? withS(plain) : plain, tag: 'verb' };
    if (chance(0.25)) return [verb, ...this.#manner()];
    const object: Tagged[] = chance(0.15)
      ? [{ word: pick(['her', 'this', 'that']), tag: 'pronoun' }]
      : this.#nounPhrase(chance(0.4));
    const rest = chance(0.2) ? this.#place() : chance(0.2) ? this.#manner() : [];
    return [verb, ...object, ...rest];
  }

  #manner(): Tagged[] {
    const { chance, pick } = this.#random;
    if (chance(0.4)) return this.#adverb();
    return [
      { word: pick(chance(0.5) ? ADJECTIVE_OR_ADVERB : PREPOSITION_OR_ADVERB), tag: 'adverb' },
    ];
  }

  #adverb(): Tagged[] {
    return [{ word: this.#only('adverb'), tag: 'adverb' }];
  }
}
