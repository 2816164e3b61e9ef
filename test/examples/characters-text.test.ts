/** The text of the example, and the models that count. */
import { describe, expect, it } from 'vitest';
import { bitsPerCharacter } from '../../examples/characters/n-gram.js';
import { writeLog } from '../../examples/characters/text/log.js';

describe('the log', () => {
  const log = writeLog(40_000);

  it('is the same for a seed, and long enough', () => {
    expect(writeLog(40_000)).toBe(log);
    expect(writeLog(40_000, 1)).not.toBe(log);
    expect(log.length).toBeGreaterThanOrEqual(40_000);
    expect(log.length).toBeLessThan(45_000);
    expect(log).not.toMatch(/undefined|NaN| {2}/);
  });

  it('keeps its promises: dates follow, the glass moves as it says, oil is burnt', () => {
    const dates = [...log.matchAll(/^(\w+), (\d+ \w+ 18\d\d)\.$/gm)];
    const days = dates.map(([, weekday, date]) => ({ weekday, time: Date.parse(`${date} UTC`) }));
    expect(days.length).toBeGreaterThan(40);
    days.forEach(({ weekday, time }, i) => {
      const name = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' }).format(time);
      expect(weekday).toBe(name);
      if (i > 0) expect(time - days[i - 1]!.time).toBe(86_400_000);
    });
    const glasses = [...log.matchAll(/Glass (\d+\.\d+), (rising|falling|steady)\./g)];
    glasses.slice(1).forEach(([, glass, tendency], i) => {
      const change = Math.round(100 * (Number(glass) - Number(glasses[i]![1])));
      expect(tendency).toBe(change > 8 ? 'rising' : change < -8 ? 'falling' : 'steady');
    });
    expect(log).toMatch(/Oil for one day more\.[\s\S]*?The tender brought oil for twelve days\./);
    expect(new Set(log.match(/the (\w+) Adeline/g))).toEqual(new Set(['the brig Adeline']));
  });
});

describe('bits a character', () => {
  it('are those of counts mixed as Witten and Bell do', () => {
    // Three characters, even chances below; a: (2 + 2/3)/(3 + 2), b: (1 + 2/3)/5, c: (0 + 2/3)/5.
    const bits = -(Math.log2(8 / 15) + Math.log2(5 / 15) + Math.log2(2 / 15)) / 3;
    expect(bitsPerCharacter('aab', 'abc', 1)).toBeCloseTo(bits, 12);
  });

  it('fall where contexts tell more, and are near 0 for what repeats itself', () => {
    const text = 'abcab'.repeat(200);
    expect(bitsPerCharacter(text, text, 3)).toBeLessThan(0.05);
    expect(bitsPerCharacter(text, text, 1)).toBeGreaterThan(1.4);
  });
});
