/**
 * The text of the example: the log of a lighthouse that never was, written by this script. Every
 * sentence is ours, so that the text is under the licence of the repository.
 *
 * It is no mere shuffle of words. Days follow one another and leap years leap; the barometer rises
 * where it says that it rises; oil is burnt and brought; a ship keeps its rig, its port and its goods;
 * a tale stays with whom it is about, quotes close, and the lines of Sundays rhyme. Much of this takes
 * memory to write.
 */
import { type Random, seededRandom } from '../../shared/random.js';
import { tale } from './tale.js';
import {
  BIRDS,
  CHORES,
  COUPLETS,
  KEEPERS,
  MANNERS,
  MONTHS,
  NUMBERS,
  SAYINGS,
  SHIPS,
  SIGHTS,
  SKIES,
  STRENGTHS,
  WEEKDAYS,
  WINDS,
} from './words.js';

/** How the log of a day depends on that of the day before. */
interface Day {
  date: Date;
  /** Hundredths of an inch of mercury. */
  glass: number;
  /** From calm to a full gale. */
  strength: number;
  wind: number;
  /** Days for which there is oil. */
  oil: number;
}

const MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000;
const LONGEST_SUPPLY = 12;

/**
 * Writes the log, day after day, until it is long enough.
 *
 * @param length The least number of characters.
 * @param seed The same seed writes the same log.
 */
export function writeLog(length: number, seed = 0): string {
  const random = seededRandom(seed);
  let day: Day = {
    date: new Date(Date.UTC(1871, 0, 1)),
    glass: 2990,
    strength: 1,
    wind: 4,
    oil: 9,
  };
  let log = '';
  while (log.length < length) {
    const next = dayAfter(day, random);
    log += `${entry(day, next, random)}\n\n`;
    day = next;
  }
  return log;
}

function dayAfter({ date, glass, strength, wind, oil }: Day, random: Random): Day {
  // The glass tends to the middle, and wind follows a falling glass.
  const change = random.between(-30, 30) + Math.round((2985 - glass) / 5);
  const stronger = change < -8 ? 1 : change > 8 ? -1 : 0;
  const limited = Math.min(STRENGTHS.length - 1, Math.max(0, strength + stronger));
  return {
    date: new Date(date.getTime() + MILLISECONDS_A_DAY),
    glass: glass + change,
    strength: limited,
    wind: (wind + random.between(-1, 1) + WINDS.length) % WINDS.length,
    oil: oil === 1 ? LONGEST_SUPPLY : oil - 1,
  };
}

function entry(before: Day, today: Day, random: Random): string {
  const paragraphs = [heading(today), weather(before, today, random)];
  const sentences = [
    ...(random.chance(0.75) ? [passing(random)] : []),
    chore(random),
    ...(random.chance(0.4) ? [saying(random)] : []),
    ...(random.chance(0.3) ? [flight(random)] : []),
    ...(random.chance(0.35) ? [`In the ${random.pick(TIMES)} ${random.pick(SIGHTS)}.`] : []),
    supplies(before, today),
  ];
  paragraphs.push(sentences.join(' '));
  if (random.chance(0.9)) {
    const told = `${capital(random.pick(KEEPERS).name)} told a tale.`;
    paragraphs.push(
      `${told} ${Array.from({ length: random.between(1, 3) }, () => tale(random)).join(' ')}`,
    );
  }
  if (today.date.getUTCDay() === 0) paragraphs.push(random.pick(COUPLETS).join('\n'));
  return paragraphs.join('\n');
}

const TIMES = ['morning', 'forenoon', 'afternoon', 'evening', 'night'] as const;

function heading({ date }: Day): string {
  const weekday = WEEKDAYS[(date.getUTCDay() + 6) % 7];
  return `${weekday}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}.`;
}

function weather(before: Day, today: Day, random: Random): string {
  const strength = STRENGTHS[today.strength]!;
  const change = today.glass - before.glass;
  const tendency = change > 8 ? 'rising' : change < -8 ? 'falling' : 'steady';
  const wind = today.strength === 0 ? 'No wind' : `Wind ${WINDS[today.wind]}, ${strength.wind}`;
  const glass = (today.glass / 100).toFixed(2);
  const sea = random.pick<string>(strength.sea);
  const sky = random.pick<string>(SKIES[tendency]);
  return `${wind}; sea ${sea}, sky ${sky}. Glass ${glass}, ${tendency}.`;
}

function passing(random: Random): string {
  const { name, sort, port, goods } = random.pick(SHIPS);
  const hour = random.between(1, 12);
  const side = random.pick(['to the north', 'to the south', 'close in', 'far out']);
  const half = random.chance(0.4) ? 'half past ' : '';
  const doing = random.chance(0.5)
    ? `passed ${side}, bound for ${port} with ${goods}`
    : `came in sight from ${port}, laden with ${goods}, and passed ${side}`;
  return `At ${half}${NUMBERS[hour]} the ${sort} ${name} ${doing}.`;
}

function chore(random: Random): string {
  const keeper = random.pick(KEEPERS);
  const first = random.pick(CHORES);
  const second = random.pick(CHORES.filter((other) => other !== first));
  const name = capital(keeper.name);
  return random.chance(0.5)
    ? `${name} ${first}.`
    : `${name} ${first}, and when that was done ${keeper.they} ${second}.`;
}

function saying(random: Random): string {
  const { name, they, their } = random.pick(KEEPERS);
  const words = random.pick(SAYINGS);
  const manner = random.pick(MANNERS);
  return random.chance(0.5)
    ? `"${words}," said ${name} ${manner}.`
    : `When asked for ${their} opinion, ${name} said ${manner}: "${words}." More ${they} would not say.`;
}

function flight(random: Random): string {
  const count = random.between(2, 12);
  const birds = random.pick(BIRDS);
  return random.chance(0.5)
    ? `${capital(NUMBERS[count]!)} ${birds} struck the glass, and ${NUMBERS[random.between(1, count - 1)]} flew on.`
    : `A great flight of ${birds} went by toward the ${random.pick(WINDS)}.`;
}

function supplies(before: Day, { oil }: Day): string {
  if (before.oil === 1) return 'The tender brought oil for twelve days.';
  return oil === 1 ? 'Oil for one day more.' : `Oil for ${NUMBERS[oil]} days more.`;
}

const capital = (word: string) => `${word[0]!.toUpperCase()}${word.slice(1)}`;
