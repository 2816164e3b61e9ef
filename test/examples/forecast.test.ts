/** The example as a user runs it, small, and what it reads. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numbersIn } from '../../examples/forecast/csv.js';
import { generateSeries } from '../../examples/forecast/generate-series.js';
import { DEFAULTS, HELP, readOptions, SAMPLE_SEASONS } from '../../examples/forecast/options.js';
import { type RunResult, spreadOf, tableOf } from '../../examples/forecast/result.js';
import { UsageError } from '../../examples/shared/options.js';
import { readCsv } from 'tfjs-recurrent';
import { runExampleCommand } from './command.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forecast-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const demo = (...args: string[]) => runExampleCommand('forecast', args);

describe('the forecast example', () => {
  it('goes from a series to a table, a chart and a model, and complains about nothing', async () => {
    const out = join(directory, 'run');
    const run = await demo(
      ...['--hours', '900', '--window', '24', '--horizon', '6', '--epochs', '2', '--seeds', '2'],
      ...['--out', out],
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('power: 720 hours to learn from, 180 to test on.');
    expect(run.stdout).toMatch(
      /^forecaster, 2 seeds +[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +[\d.]+ ± /m,
    );
    expect(run.stdout).toContain('seasonal naive: as 168 steps ago');
    expect(run.stdout).toContain('loaded, and the forecasts are the same.');
    const files = ['forecast.svg', 'loss.svg', 'model', 'result.json'];
    expect((await readdir(out)).sort()).toEqual(files);
    const result: RunResult = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(run.stdout).toContain(tableOf(result));
    expect(result.betterThanNaive).toBe(2);
    expect(result.seeds.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(result.seeds[0]!.mae).not.toBe(result.seeds[1]!.mae);
    expect(await readFile(join(out, 'forecast.svg'), 'utf8')).toContain('Forecast of power');
  });

  it('takes a file', async () => {
    const file = join(directory, 'tides.csv');
    const lines = generateSeries(400, 1).map(({ power, daySin }, i) => `${i};${power};${daySin}`);
    await writeFile(file, ['"hour";"power in MW";day', ...lines, ''].join('\r\n'));
    const small = ['--window', '12', '--horizon', '2', '--epochs', '1', '--seeds', '1'];
    const columns = ['--column', 'power in MW', '--column', 'day', '--season', '24'];
    const out = ['--out', join(directory, 'file')];
    const run = await demo('--data', file, ...columns, ...small, ...out);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('power in MW: 320 steps to learn from, 80 to test on.');

    const unnamed = await demo('--data', file, ...small);
    expect(unnamed).toMatchObject({ code: 1, stdout: '' });
    expect(unnamed.stderr).toContain('is to be forecast: hour, power in MW, day.\n');
    const missing = await demo('--data', join(directory, 'none.csv'));
    expect(missing.stderr).toContain('none.csv cannot be read: ENOENT.\n');
    const long = await demo('--data', file, '--column', 'day', '--window', '400');
    expect(long.stderr).toContain('data must have at least 424 steps, a window of 400');
    expect(long.stderr).not.toContain('    at ');
  });
});

describe('the made-up series', () => {
  it('is the same for a seed, with the seasons, the trend and the spells that it tells of', () => {
    const series = generateSeries(26 * 168, 7);
    expect(generateSeries(26 * 168, 7)).toEqual(series);
    expect(generateSeries(50, 8)).not.toEqual(series.slice(0, 50));
    const mean = (keep: (hour: number) => boolean) => {
      const kept = series.filter((_, hour) => keep(hour)).map(({ power }) => power);
      return kept.reduce((sum, power) => sum + power) / kept.length;
    };
    expect(mean((hour) => hour % 24 === 13)).toBeGreaterThan(mean((hour) => hour % 24 === 3) + 6);
    const isWeekend = (hour: number) => Math.floor(hour / 24) % 7 >= 5;
    expect(mean((hour) => !isWeekend(hour))).toBeGreaterThan(mean(isWeekend) + 3);
  });
});

describe('a CSV file', () => {
  const read = async (text: string, ...columns: string[]) =>
    numbersIn('x.csv', await readCsv(new File([text], 'x.csv')), columns);

  it.each([
    ['a,b\n1,2\n3,-4.5e1\n', [{ b: 2 }, { b: -45 }]],
    ['\ufeffa;b\r\n1; 2 \r\n\r\n3;.5', [{ b: 2 }, { b: 0.5 }]],
    ['a\tb\n"1\n2"\t"2"', [{ b: 2 }]],
    ['b\n7\n', [{ b: 7 }]],
  ])('%j is read', async (text, expected) => {
    expect(await read(text, 'b')).toEqual(expected);
  });

  it.each([
    ['a,b\n', 'x.csv has no row behind the names of its columns.'],
    ['b,b\n1,2', 'x.csv has the column "b" twice.'],
    ['a,c\n1,2', 'x.csv has no column "b". Its columns are a, c.'],
    ['a,b\n1,\n', 'x.csv, row 1: b is a gap, which must be filled before, received "".'],
    ['a,b\n1,NaN\n', 'x.csv, row 1: b is no number, received "NaN".'],
    ['a,b\n1,0x1f\n', 'x.csv, row 1: b is no number, received "0x1f".'],
    ['a;b\n1;2,5\n', 'x.csv, row 1: b is no number, received "2,5".'],
    ['a,b\n"1\n2",3\n4,x', 'x.csv, row 2: b is no number, received "x".'],
  ])('%j is refused', async (text, message) => {
    await expect(read(text, 'b')).rejects.toThrow(UsageError);
    await expect(read(text, 'b')).rejects.toThrow(message);
  });
});

describe('its options', () => {
  const settingsOf = (...args: string[]) => {
    const command = readOptions(args);
    if (command.name !== 'run') throw new Error('expected to run');
    return command.settings;
  };

  it('have defaults, and are all in the help', () => {
    expect(settingsOf()).toEqual({ ...DEFAULTS, seasons: SAMPLE_SEASONS });
    expect(settingsOf('--data', 'x.csv', '--column', 'a', '--column', 'b')).toEqual({
      ...DEFAULTS,
      ...{ data: 'x.csv', columns: ['a', 'b'] },
    });
    expect(settingsOf('--season', '7', '--season', '30').seasons).toEqual([7, 30]);
    expect(readOptions(['-h'])).toEqual({ name: 'help' });
    for (const name of ['data', 'column', 'hours', 'window', 'horizon', 'season', 'seeds']) {
      expect(HELP).toContain(`--${name} `);
    }
  });

  it.each([
    [['--horizon', '0'], '--horizon must be a whole number from 1 on, received "0".'],
    [['--season', 'week'], '--season must be a whole number from 1 on, received "week".'],
    [['--column', 'a'], '--column names a column of a file. Give the file with --data.'],
    [
      ['--data', 'x', '--hours', '9'],
      '--hours is the length of the made-up series. Leave it out with --data.',
    ],
    [['--data', ''], '--data needs a path, received "".'],
    [['--backend', 'webgl'], '--backend must be wasm or cpu, received "webgl".'],
  ])('%j is refused', (args, message) => {
    expect(() => readOptions(args)).toThrow(new UsageError(message));
  });
});

it('a spread is the mean and the deviation of a sample', () => {
  expect(spreadOf([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: expect.closeTo(1.29099, 5) });
  expect(spreadOf([5])).toEqual({ mean: 5, deviation: 0 });
});
