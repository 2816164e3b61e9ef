/** The words of the invented sentences, by what they can be. */

/** Kinds of words, after the universal parts of speech of Petrov, Das & McDonald, 2012. */
export type Tag =
  | 'noun'
  | 'verb'
  | 'adjective'
  | 'adverb'
  | 'determiner'
  | 'pronoun'
  | 'preposition'
  | 'auxiliary'
  | 'particle'
  | 'conjunction'
  | 'mark';

const words = (text: string): readonly string[] => text.split(' ');

/** In the singular and the plural each is also a verb: "the guard watches", "the guards watch". */
export const NOUN_OR_VERB = words(
  'guard watch water cook plant light paint book fish hammer brush judge guide dream dance show ' +
    'play cut film record mark test place iron wave walk call drink help name order plan rest ' +
    'smell stop taste touch train visit',
);

/** "the cold", "the cold soup". */
export const NOUN_OR_ADJECTIVE = words(
  'cold calm dark light green orange silver iron native ideal',
);

/** "a fast train", "the train stops fast". */
export const ADJECTIVE_OR_ADVERB = words('fast hard early late straight long');

/** "this plan", "this shows". */
export const DETERMINER_OR_PRONOUN = words('this that each her');

/** "inside the house", "they rest inside". */
export const PREPOSITION_OR_ADVERB = words('inside near around behind below outside');

/** Words of one kind. The last fifth of each list is kept for the test: no training sentence has them. */
export const ONLY = {
  noun: words(
    'child dog river window teacher garden doctor kitchen village letter table bird horse farmer ' +
      'mountain sister painter sailor engine apple station forest bridge captain baker lamp ' +
      'market museum neighbour orchard pilot queen rabbit soldier tailor uncle valley wizard ' +
      'wolf zebra lantern tiger miller parrot harbour',
  ),
  verb: words(
    'carry find bring follow choose build hear keep leave lose meet open pull push read ' +
      'see sell send teach throw write admire borrow clean describe enjoy forget gather ignore',
  ),
  adjective: words(
    'small large old young happy red blue heavy quiet strange bright broken clever empty famous ' +
      'gentle hungry lazy narrow proud rusty silent tiny ugly weary brave',
  ),
  adverb: words('quickly slowly often never always softly badly gladly rarely soon calmly kindly'),
} as const;

/** Words that sentences are built with. */
export const FUNCTION = {
  determiner: words('the a every some the'),
  pronoun: words('they we you i'),
  preposition: words('with under for from to'),
  auxiliary: words('will can must may'),
  conjunction: words('and but'),
} as const;

/** The plural of a noun, and the form of a verb behind "she", which are spelt alike. */
export function withS(word: string): string {
  if (/(s|sh|ch|x|z)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}
