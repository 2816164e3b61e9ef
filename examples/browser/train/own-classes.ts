/** Two kinds of texts of the visitor's own, with some to begin with. */
import { say } from '../page/language.js';
import { spaced } from '../read/segments.js';

const LEAST = 4; // of each kind

const BEGIN = [
  {
    name: 'kitchen',
    texts: [
      'chop the onions and fry them in butter',
      'the soup needs salt and a little pepper',
      'bake the bread until the crust is brown',
      'whisk the eggs with sugar and milk',
      'the oven is hot and the pan is ready',
      'boil the rice and drain it well',
      'a sharp knife and a wooden spoon',
      'stir the sauce slowly over a low flame',
    ],
  },
  {
    name: 'garden',
    texts: [
      'water the roses early in the morning',
      'the soil is dry and full of stones',
      'plant the seeds in rows and cover them',
      'the old apple tree is in blossom',
      'pull the weeds before they spread',
      'a spade, a rake and a pair of gloves',
      'the hedge needs cutting before winter',
      'bees hum around the lavender',
    ],
  },
];

const find = <E extends HTMLElement>(id: string) => document.querySelector<E>(`#${id}`)!;
const names = [0, 1].map((i) => find<HTMLInputElement>(`name-${i}`));
const texts = [0, 1].map((i) => find<HTMLTextAreaElement>(`texts-${i}`));

/** Fills in the texts to begin with. */
export function beginOwnClasses(): void {
  BEGIN.forEach((kind, i) => {
    names[i]!.value = kind.name;
    texts[i]!.value = kind.texts.join('\n');
  });
}

/** What is written there; an Error with a sentence for the visitor where it is not enough. */
export function readOwnClasses() {
  const classNames = names.map(({ value }) => value.trim());
  const lines = texts.map(({ value }) => value.split('\n').filter((line) => line.trim()));
  if (classNames.some((name) => !name)) throw new Error(say('needName'));
  if (lines.some(({ length }) => length < LEAST)) throw new Error(say('tooFew', { least: LEAST }));
  return {
    texts: lines.flat().map(spaced),
    labels: lines.flatMap((some, label) => some.map(() => label)),
    classNames: classNames as [string, string],
  };
}
