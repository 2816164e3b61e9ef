import { describe, expect, test } from 'vitest';
import { type ChartedForecast, forecastChart, RecurrentError } from '../../src/index.js';

const wave = (from: number, length: number) =>
  Array.from({ length }, (_, i) => 10 + 3 * Math.sin((from + i) / 4));
const forecast = {
  values: wave(48, 12),
  lower: wave(48, 12).map((value, i) => value - 0.3 - 0.1 * i),
  upper: wave(48, 12).map((value, i) => value + 0.3 + 0.1 * i),
};

/** Compares with a picture on disk, which a reviewer can open. */
const expectPicture = (svg: string, name: string) =>
  expect(svg).toMatchFileSnapshot(`snapshots/${name}.svg`);

describe('forecastChart draws', () => {
  test('what was known, what is forecast and what came', async () => {
    const svg = forecastChart(wave(0, 48), forecast, {
      ...{ title: 'Power in a town', name: 'MW', step: 'hour' },
      actual: wave(48, 12).map((value, i) => value + 0.2 * Math.cos(3 * i)),
    });
    await expectPicture(svg, 'forecast');
    expect(svg).toContain('aria-label="Power in a town. known: 48 hours, the last ');
  });

  test('a step alone, of a series that never changes, in typed arrays', async () => {
    const one = Float32Array.of(5);
    await expectPicture(
      forecastChart(one, { values: one, lower: one, upper: one }),
      'forecast-constant',
    );
  });

  test('names, whatever they hold', () => {
    const svg = forecastChart([1, 2], { values: [3], lower: [2], upper: [4] }, { title: '<b>&"' });
    expect(svg).toContain('&lt;b&gt;&amp;&quot;');
    expect(svg).not.toContain('<b>');
  });
});

describe('forecastChart rejects', () => {
  test.each<[string, unknown, unknown, object, string]>([
    [
      'nothing known',
      [],
      forecast,
      {},
      'known must be a list of numbers, at least one, received [].',
    ],
    [
      'rows in place of a column',
      [1, 2],
      { ...forecast, values: [{ tide: 1 }] },
      {},
      'forecast.values[0] must be a finite number, received { tide }. Of several columns, give one: forecast.values.map((row) => row.tide).',
    ],
    [
      'no forecast',
      [1],
      undefined,
      {},
      'forecast.values must be a list of numbers, at least one, received undefined.',
    ],
    [
      'lists of two lengths',
      [1],
      { ...forecast, upper: [1] },
      {},
      'forecast.upper must be as long as forecast.values, 12, received 1.',
    ],
    ['NaN', [1, Number.NaN], forecast, {}, 'known[1] must be a finite number, received NaN.'],
    [
      'NaN in what came',
      [1],
      forecast,
      { actual: [Number.NaN] },
      'actual[0] must be a finite number, received NaN.',
    ],
    [
      'too small a size',
      [1],
      forecast,
      { width: 100 },
      'width must be a number of pixels, at least 200, received 100.',
    ],
  ])('%s', (_, known, given, options, message) => {
    const draw = () => forecastChart(known as number[], given as ChartedForecast, options);
    expect(draw).toThrow(RecurrentError);
    expect(draw).toThrow(`forecastChart: ${message}`);
  });
});
