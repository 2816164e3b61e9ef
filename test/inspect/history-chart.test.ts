import { describe, expect, test } from 'vitest';
import { type ChartedHistory, historyChart } from '../../src/index.js';

// The article's own run: training goes on improving, validation does not.
const run = {
  loss: [0.62, 0.41, 0.33, 0.29, 0.25, 0.22, 0.19, 0.17, 0.15, 0.13],
  val_loss: [0.5, 0.42, 0.39, 0.38, 0.4, 0.41, 0.44, 0.48, 0.51, 0.55],
  acc: [0.62, 0.81, 0.86, 0.88, 0.9, 0.914, 0.925, 0.936, 0.944, 0.953],
  val_acc: [0.77, 0.81, 0.83, 0.836, 0.834, 0.83, 0.828, 0.82, 0.815, 0.81],
};

/** Compares with a picture on disk, which a reviewer can open. */
const expectPicture = (svg: string, name: string) =>
  expect(svg).toMatchFileSnapshot(`snapshots/${name}.svg`);

describe('historyChart draws', () => {
  test('loss in training and validation', async () => {
    await expectPicture(historyChart(run), 'loss');
  });

  test('accuracy, under the name Keras gives it', async () => {
    const epoch = run.acc.map((_, index) => index);
    const svg = historyChart({ epoch, history: run }, { metric: 'accuracy' });
    await expectPicture(svg, 'accuracy');
    expect(historyChart(run, { metric: 'acc' })).toBe(svg);
  });

  test('a history of one epoch as dots', async () => {
    await expectPicture(historyChart({ loss: [0.4], val_loss: [0.5] }), 'one-epoch');
  });

  test('training alone', async () => {
    await expectPicture(historyChart({ loss: run.loss }), 'no-validation');
  });

  test('gaps for NaN, null and infinite values', async () => {
    const history = {
      loss: [0.4, 0.3, Number.NaN, 0.2, Number.NaN, 0.1, 0.05],
      val_loss: [Number.NaN, 0.4, 0.35, null, 0.3, 0.3, Number.POSITIVE_INFINITY],
    };
    await expectPicture(historyChart(history), 'gaps');
  });

  test('many epochs as a line without dots, tiny values with exponents', async () => {
    const loss = Array.from({ length: 200 }, (_, epoch) => 1e-5 / (1 + epoch / 10));
    await expectPicture(historyChart({ loss }), 'many-epochs');
  });

  test('the names of the curves below a heading that needs the room', async () => {
    const history = { loss: [120_000, 30_000], val_loss: [110_000, 50_000] };
    await expectPicture(historyChart(history, { width: 320, height: 240 }), 'small');
  });

  test('values that never change', async () => {
    await expectPicture(historyChart({ acc: [1, 1, 1] }, { metric: 'acc' }), 'constant');
  });
});

describe('a chart', () => {
  test('numbers the epochs of a resumed run from where it went on', () => {
    const svg = historyChart({ epoch: [7, 8], history: { loss: [0.4, 0.3] } });
    expect(svg).toContain('train: 0.4 in epoch 8, 0.3 in epoch 9.');
  });

  test('tells screen readers what it shows', () => {
    const svg = historyChart(run);
    expect(svg).toMatch(/^<svg [^>]*role="img"/);
    expect(svg).toContain(
      'aria-label="model loss. train: 0.62 in epoch 1, 0.13 in epoch 10. ' +
        'validation: 0.5 in epoch 1, 0.55 in epoch 10."',
    );
    expect(svg).toContain('<title>model loss</title>');
    expect(svg).toContain('<title>validation, epoch 4: 0.38</title>');
  });

  test('is well-formed whatever the title holds', () => {
    const svg = historyChart(run, { title: `</title><script>"&'\u0000\ud800 😀` });
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&lt;/title&gt;&lt;script&gt;&quot;&amp;&#39;\ufffd\ufffd 😀');
  });

  test('needs nothing from anywhere else', () => {
    const addresses = historyChart(run).match(/https?:[^"]*|url\([^)]*\)|@import/g);
    expect(addresses).toEqual(['http://www.w3.org/2000/svg']);
  });

  test('never holds a coordinate that is not a number', () => {
    for (const value of [0, -3, 1e-300, 1e300, -0]) {
      expect(historyChart({ loss: [value] })).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  test('draws validation of a run that was stopped within an epoch', () => {
    const svg = historyChart({ epoch: [0, 1], history: { loss: [0.5, 0.4], val_loss: [0.6] } });
    expect(svg).toContain('validation: 0.6 in epoch 1.');
  });
});

describe('historyChart rejects', () => {
  const LISTS =
    'historyChart: history must be what model.fit returned or lists such as { loss: [0.7, 0.5] }';

  test.each([
    [null, `${LISTS}, received null.`],
    ['loss', `${LISTS}, received "loss".`],
    [[0.7, 0.5], `${LISTS}, received [0.7, 0.5].`],
    [{ loss: 0.5 }, 'historyChart: loss must be a list of numbers, received 0.5.'],
    [
      { loss: [0.5, '0.4'] },
      'historyChart: loss[1] must be a number, received "0.4". Wait until model.fit has returned: it turns tensors into numbers.',
    ],
    [{ loss: [] }, 'historyChart: loss must hold at least one finite number, received [].'],
    [
      { loss: [Number.NaN, Number.NaN] },
      'historyChart: loss must hold at least one finite number, received [NaN, NaN]. Training that gives only NaN needs a smaller learning rate or cleaner data.',
    ],
    [
      { epoch: [0], history: { loss: [1, 2] } },
      'historyChart: loss must have one value for each epoch, but has 2 for 1.',
    ],
    [{}, 'historyChart: metric must be one that was logged: there is none, received "loss".'],
  ])('%j', (history, message) => {
    expect(() => historyChart(history as ChartedHistory)).toThrow(message);
  });

  test('a metric that was not logged, naming those that were', () => {
    expect(() => historyChart(run, { metric: 'precision' })).toThrow(
      'historyChart: metric must be one that was logged: loss, accuracy, received "precision". ' +
        "Name it in model.compile({ metrics: ['accuracy'] }) to have it logged.",
    );
    for (const metric of ['toString', '__proto__', '']) {
      expect(() => historyChart(run, { metric })).toThrow(`received "${metric}"`);
    }
    expect(() => historyChart(run, { metric: 3 as never })).toThrow('accuracy, received 3.');
  });

  test('validation by itself, saying how to get it', () => {
    expect(() => historyChart({ loss: [1], val_acc: [1] }, { metric: 'val_f1' })).toThrow(
      `historyChart: metric must be one that was logged: loss, accuracy, received "val_f1". Ask for 'f1': validation is drawn along with it.`,
    );
    expect(() => historyChart(run, { metric: 'val_acc' })).toThrow(
      "Ask for 'accuracy': validation is drawn along with it.",
    );
  });

  test.each([
    [{ width: 100 }, 'historyChart: width must be a number of pixels, at least 200, received 100.'],
    [
      { height: Number.NaN },
      'historyChart: height must be a number of pixels, at least 200, received NaN.',
    ],
  ])('the size %j', (options, message) => {
    expect(() => historyChart(run, options)).toThrow(message);
  });
});
