/** Invented scenes: vectors that describe one or two things, and a sentence about each. */
import { type Random, seededRandom } from '../shared/random.js';

const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'grey'] as const;
const SHAPES = ['circle', 'square', 'triangle', 'star', 'oval'] as const;

/** A thing in a scene. */
export interface Thing {
  colour: number;
  shape: number;
  /** From 0 to 1. */
  size: number;
  /** Of the middle, from 0 to 1: from left to right, and from the bottom to the top. */
  place: readonly [number, number];
}

/** One thing, or two. */
export type Scene = readonly Thing[];

/** A scene as a vector, and what is said about it. */
export interface Captioned {
  scene: Scene;
  vector: number[];
  sentence: string;
}

const VALUES_A_THING = COLOURS.length + SHAPES.length + 3;

/** Values of the vector of a scene. */
export const INPUTS = 2 * VALUES_A_THING + 1;

/** Zeros and ones for colour and shape, size and place for each thing, and whether there is a second. */
export function toVector(scene: Scene): number[] {
  const of = (thing: Thing | undefined) => {
    const values = new Array<number>(VALUES_A_THING).fill(0);
    if (!thing) return values;
    values[thing.colour] = 1;
    values[COLOURS.length + thing.shape] = 1;
    values.splice(-3, 3, thing.size, ...thing.place);
    return values;
  };
  return [...of(scene[0]), ...of(scene[1]), Number(scene.length === 2)];
}

/** What is to be said about a scene. */
export function sentenceOf(scene: Scene): string {
  const [first, second] = scene;
  const name = nameOf(first!);
  if (!second) return `${withArticle(name)} ${placeOf(first!)}`;
  const [dx, dy] = [0, 1].map((axis) => first!.place[axis]! - second.place[axis]!) as [
    number,
    number,
  ];
  const relation =
    Math.abs(dx) > Math.abs(dy)
      ? `to the ${dx < 0 ? 'left' : 'right'} of`
      : dy < 0
        ? 'below'
        : 'above';
  const isPair = first!.shape === second.shape && first!.colour === second.colour;
  const other = isPair ? `another ${nameOf(second)}` : withArticle(nameOf(second));
  return `${withArticle(name)} ${relation} ${other}`;
}

function nameOf({ size, colour, shape }: Thing): string {
  const measure = size < 1 / 3 ? 'small ' : size > 2 / 3 ? 'large ' : '';
  return `${measure}${COLOURS[colour]} ${SHAPES[shape]}`;
}

function placeOf({ place: [x, y] }: Thing): string {
  const across = x < 1 / 3 ? 'left' : x > 2 / 3 ? 'right' : '';
  const up = y < 1 / 3 ? 'bottom' : y > 2 / 3 ? 'top' : '';
  if (!across && !up) return 'in the middle';
  return `at the ${[up, across].filter(Boolean).join(' ')}`;
}

const withArticle = (name: string) => `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;

/** Whether training never shows the shape in that colour, though it shows both: three of thirty pairs. */
export function isKeptForTest({ colour, shape }: Thing): boolean {
  return (colour + 2 * shape) % 10 === 0;
}

/** Scenes to learn from, and others that have a shape in a colour it has never been shown in. */
export interface Scenes {
  train: Captioned[];
  validation: Captioned[];
  test: Captioned[];
}

const TEST_SCENES = 1000;

/** Invents scenes without one that is in two of the parts. */
export function inventScenes(samples: number, seed: number): Scenes {
  const random = seededRandom(seed + 1);
  const draw = (count: number, isTest: boolean) => {
    const drawn: Captioned[] = [];
    while (drawn.length < count) {
      const scene = drawScene(random);
      if (scene && scene.some(isKeptForTest) === isTest) {
        drawn.push({ scene, vector: toVector(scene), sentence: sentenceOf(scene) });
      }
    }
    return drawn;
  };
  return {
    train: draw(samples, false),
    validation: draw(Math.max(10, Math.round(samples / 10)), false),
    test: draw(Math.min(TEST_SCENES, samples), true),
  };
}

// So that nobody has to guess on which side of a border something is.
const MARGIN = 0.03;

/** A scene, or null where what is to be said about it hangs by a thread. */
function drawScene(random: Random): Scene | null {
  const scene: Thing[] = [drawThing(random)];
  if (random.chance(0.6)) scene.push(drawThing(random));
  const borders = scene.map(({ size }) => size);
  if (scene.length === 1) borders.push(...scene[0]!.place);
  if (borders.some((value) => [1 / 3, 2 / 3].some((at) => Math.abs(value - at) < MARGIN)))
    return null;
  if (scene.length === 1) return scene;
  const [dx, dy] = [0, 1].map((axis) =>
    Math.abs(scene[0]!.place[axis]! - scene[1]!.place[axis]!),
  ) as [number, number];
  return Math.abs(dx - dy) < 2 * MARGIN || Math.max(dx, dy) < 0.15 ? null : scene;
}

function drawThing({ next, between }: Random): Thing {
  return {
    colour: between(0, COLOURS.length - 1),
    shape: between(0, SHAPES.length - 1),
    size: next(),
    place: [next(), next()],
  };
}

/**
 * Reads a scene of one or two things from words: "small red star 0.2 0.9" for each, with "and" between.
 * What is missing has a middling size and a place in the middle.
 *
 * @returns Null where a colour or a shape is missing.
 */
export function readScene(text: string): Scene | null {
  const things = text.split(/\band\b/).map((part, i): Thing | null => {
    const words: string[] = part.toLowerCase().match(/[a-z]+|\d*\.?\d+/g) ?? [];
    const colour = COLOURS.findIndex((name) => words.includes(name));
    const shape = SHAPES.findIndex((name) => words.includes(name));
    const [x = i === 0 ? 0.3 : 0.7, y = 0.5] = words.map(Number).filter((n) => n >= 0 && n <= 1);
    const size = words.includes('small') ? 0.15 : words.includes('large') ? 0.85 : 0.5;
    return colour < 0 || shape < 0 ? null : { colour, shape, size, place: [x, y] };
  });
  const whole = things.filter((thing) => thing !== null);
  return whole.length === things.length && things.length <= 2 ? whole : null;
}
