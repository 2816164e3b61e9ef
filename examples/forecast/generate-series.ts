import { seededRandom } from '../shared/random.js';

/** What is measured each hour, and what the calendar says of that hour. */
export interface Hour {
  /** The power that a small town draws, in megawatts. */
  power: number;
  /** The hour of the day as a point on a circle, so that 23 lies next to 0. */
  daySin: number;
  dayCos: number;
  /** The hour of the week likewise. */
  weekSin: number;
  weekCos: number;
}

const HOURS_A_DAY = 24;
const HOURS_A_WEEK = 7 * HOURS_A_DAY;

/**
 * The example's series: the power that a town draws, hour by hour, made up of
 *
 * - a trend: a tenth more in a year,
 * - two seasons: people sleep at night, and work less at weekends,
 * - a regime: in cold spells, which begin by chance and last some days, electric heating adds most in the
 *   evening and in the morning,
 * - noise that lasts a few hours, as weather does.
 *
 * No forecast by what was a day or a week ago follows a cold spell, since neither knows that it has begun.
 *
 * @param hours How many.
 * @param seed Repeats the series.
 */
export function generateSeries(hours: number, seed: number): Hour[] {
  const random = seededRandom(seed).next;
  let isCold = false;
  let heating = 0;
  let weather = 0;
  return Array.from({ length: hours }, (_, hour) => {
    const day = (2 * Math.PI * (hour % HOURS_A_DAY)) / HOURS_A_DAY;
    const week = (2 * Math.PI * (hour % HOURS_A_WEEK)) / HOURS_A_WEEK;
    const isWeekend = Math.floor(hour / HOURS_A_DAY) % 7 >= 5;

    // A spell begins once in eight days, and ends after four.
    if (random() < 1 / ((isCold ? 4 : 8) * HOURS_A_DAY)) isCold = !isCold;
    heating += ((isCold ? 1 : 0) - heating) / 6; // houses cool down within hours
    weather = 0.8 * weather + gaussian(random);

    const trend = 40 * (1 + (0.1 * hour) / (365 * HOURS_A_DAY));
    const daily = -8 * Math.cos(day) - 3 * Math.cos(2 * day);
    const weekend = isWeekend ? -6 + 3 * Math.cos(day) : 0;
    const evening = heating * (10 + 6 * Math.sin(2 * day - 2.2));
    const power = trend + daily + weekend + evening + 0.6 * weather;
    return {
      power: Math.round(power * 100) / 100,
      ...{ daySin: Math.sin(day), dayCos: Math.cos(day) },
      ...{ weekSin: Math.sin(week), weekCos: Math.cos(week) },
    };
  });
}

/** By G. Box and M. Muller, "A note on the generation of random normal deviates", 1958. */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
