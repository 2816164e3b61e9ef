import { describe, expect, test } from 'vitest';
import { gradientNormChart } from '../../src/index.js';

/** Falls by a constant factor on the way back, as in a network that forgets. */
const fading = (steps: number, factor: number) =>
  Array.from({ length: steps }, (_, t) => factor ** (steps - 1 - t));

const expectPicture = (svg: string, name: string) =>
  expect(svg).toMatchFileSnapshot(`snapshots/${name}.svg`);

describe('gradientNormChart draws', () => {
  test('up to four gradients on a scale of powers of ten', async () => {
    const norms = {
      SimpleRNN: fading(400, 0.8),
      GRU: fading(400, 0.97),
      LSTM: fading(400, 0.93),
      'LSTM, gates open': fading(400, 0.99),
    };
    await expectPicture(gradientNormChart(norms, { title: 'adding' }), 'gradient-norms');
    const narrow = gradientNormChart(norms, { title: 'adding', width: 360, height: 320 });
    await expectPicture(narrow, 'gradient-norms-narrow');
  });

  test('a single list, with gaps where a step is masked or nothing arrives', async () => {
    const svg = gradientNormChart(Float32Array.of(Number.NaN, 0, 0.25, 0.5, Number.NaN, 1));
    await expectPicture(svg, 'gradient-norms-gaps');
    const [, label] = /aria-label="([^"]*)"/.exec(svg)!;
    expect(label).toBe('gradient over time. gradient: 0.25 in step 3, 1 in step 6.');
  });

  test('no picture of what is no norm', () => {
    expect(() => gradientNormChart([0, 0])).toThrow(
      'gradientNormChart: one of the norms must be above 0, received [0, 0].',
    );
    expect(() => gradientNormChart({ LSTM: [-1] })).toThrow(
      'gradientNormChart: LSTM must be a list of numbers from 0 on, at least one, received [-1].',
    );
    const five = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, [1]]));
    expect(() => gradientNormChart(five)).toThrow('up to 4 of them');
    expect(() => gradientNormChart([1], { width: 100 })).toThrow('at least 200');
  });
});
