/** The example as a user runs it, with little to learn. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawDates, FORMATS, isHeldOut, writeDate } from '../../examples/dates/dates.js';
import type { DatesResult } from '../../examples/dates/experiment.js';
import { DEFAULTS, HELP, readOptions } from '../../examples/dates/options.js';
import { UsageError } from '../../examples/shared/options.js';
import { runExampleCommand } from './command.js';

const demo = (...args: string[]) => runExampleCommand('dates', args);

describe('dates', () => {
  it('are written as people write them', () => {
    const written = FORMATS.map((_, format) => writeDate(format, 1997, 92));
    expect(written.map(({ human }) => human)).toEqual([
      ...['April 3, 1997', '3 April 1997', 'Apr 3, 1997', '03-Apr-1997', '3rd of April 1997'],
      ...['April the 3rd, 1997', 'Thursday, April 3, 1997', "Thu 3 Apr '97", '3.4.1997'],
      ...['04/03/1997', '4/3/97', '1997, April 3'],
    ]);
    expect(new Set(written.map(({ iso }) => iso))).toEqual(new Set(['1997-04-03']));
    expect(writeDate(4, 2000, 10).human).toBe('11th of January 2000');
    expect(writeDate(4, 2000, 21).human).toBe('22nd of January 2000');
  });

  it('are tested in formats and years that are never learned together', () => {
    const pairs = (which: 'train' | 'test', count: number) =>
      new Set(drawDates(which, count, 1).map(({ format, year }) => `${format} ${year}`));
    const [learned, tested] = [pairs('train', 10_000), pairs('test', 1_000)];
    expect([...tested].filter((pair) => learned.has(pair))).toEqual([]);
    for (let format = 0; format < FORMATS.length; format++) {
      const years = [...learned].filter((pair) => pair.startsWith(`${format} `));
      expect(Math.abs(years.length - 75)).toBeLessThan(2);
      expect(Array.from({ length: 100 }, (_, i) => isHeldOut(format, 1950 + i))).toContain(true);
    }
  });

  it('are different, and the same with the same seed', () => {
    const drawn = drawDates('test', 500, 3);
    expect(new Set(drawn.map(({ human }) => human)).size).toBe(500);
    expect(drawDates('test', 500, 3)).toEqual(drawn);
  });
});

describe('the options', () => {
  it('have defaults and are read', () => {
    expect(readOptions([])).toEqual({ name: 'train', settings: DEFAULTS, out: 'runs/dates' });
    expect(readOptions(['--epochs', '2', '--seed', '7', '--backend', 'wasm'])).toMatchObject({
      settings: { epochs: 2, seed: 7, backend: 'wasm' },
    });
    expect(readOptions(['--help'])).toEqual({ name: 'help' });
    for (const option of ['dates', 'test', 'epochs', 'units', 'backend', 'seed', 'translate']) {
      expect(HELP).toContain(`--${option}`);
    }
  });

  it.each([
    [['--dates', '5'], '--dates must be a whole number from 100 on, received "5".'],
    [['--epochs', '0'], '--epochs must be a whole number from 1 on, received "0".'],
    [['--backend', 'gpu'], '--backend must be wasm or cpu, received "gpu".'],
    [['--translate', ' '], '--translate needs a date, received "".'],
    [['--out', ''], '--out needs a path, received "".'],
    [['--unit', '3'], "Unknown option '--unit'. Run with --help for the options."],
  ])('%j', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('the command', () => {
  let out: string;
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'dates-'));
  });
  afterAll(() => rm(out, { recursive: true, force: true }));

  it('learns, saves and translates', async () => {
    const run = await demo(
      ...['--dates', '200', '--test', '20', '--epochs', '1', '--units', '6', '--out', out],
    );
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('Without attention: ');
    expect(run.stdout).toContain('With attention: ');
    expect((await readdir(out)).sort()).toEqual([
      ...['attention.svg', 'dates.keras', 'model', 'result.json'],
    ]);
    const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8')) as DatesResult;
    expect(Object.keys(result)).toEqual(['exact', 'oneDate', 'seconds', 'settings']);
    expect(result.settings).toMatchObject({ dates: 200, units: 6 });
    expect(await readFile(join(out, 'attention.svg'), 'utf8')).toContain('<svg');

    const translated = await demo('--translate', '3 May 1999', '--out', out);
    expect(translated.stderr).toBe('');
    expect(translated.stdout).toMatch(/^.*\n$/);
  }, 120_000);

  it('says what is wrong without a stack', async () => {
    const run = await demo('--translate', '3 May 1999', '--out', join(out, 'nothing'));
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/holds no trained model\. Train one with `npm run demo:dates`/);
    expect(run.stderr).not.toContain('    at ');
  }, 60_000);
});
