import { join } from 'node:path';
import { forecastChart, historyChart, TimeseriesForecaster } from 'tfjs-recurrent';
import { fileSystem } from 'tfjs-recurrent/node';
import { saveText } from '../shared/run-folder.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { type Data, readData } from './data.js';
import type { Settings } from './options.js';
import {
  type RunResult,
  type Scores,
  SCORES,
  type SeedResult,
  spreadOf,
  tableOf,
} from './result.js';

type Series = Data['series'];
type Forecaster = TimeseriesForecaster<Record<string, number>>;

// The part at the end that no run is trained on.
const TEST_SPLIT = 0.2;

/** From a series to a table of errors, a chart and a saved model. */
export async function runExperiment(settings: Settings, out: string): Promise<RunResult> {
  const stopwatch = new Stopwatch();
  const data = await stopwatch.time('read', () => readData(settings));
  const { series, target } = data;
  const cut = series.length - Math.round(series.length * TEST_SPLIT);
  const train = series.slice(0, cut);
  const steps = { train: cut, test: series.length - cut };
  console.log(
    `${target}: ${steps.train} ${data.step}s to learn from, ${steps.test} to test on. ` +
      `Each forecast reads ${settings.window} and tells ${settings.horizon}.\n`,
  );

  const seeds: SeedResult[] = [];
  let first: Forecaster | undefined;
  const baselines = { naive: {} as Scores, seasonalNaive: {} as Record<string, Scores> };
  for (let seed = 0; seed < settings.seeds; seed++) {
    const begun = performance.now();
    const forecaster = await stopwatch.time(`seed ${seed}`, () =>
      trainForecaster(train, target, settings, seed),
    );
    const { forecast, coverage } = await compare(forecaster, series, cut, settings, baselines);
    const seconds = Math.round(performance.now() - begun) / 1000;
    seeds.push({ seed, ...pick(forecast), coverage, seconds });
    console.log(
      `seed ${seed}: MAE ${forecast.mae.toPrecision(4)}, ${percent(coverage)} of the values within ` +
        `their intervals, ${seconds.toFixed(1)} s`,
    );
    // Of the first seed, not of the one that happens to be best on the test.
    if (first === undefined) first = forecaster;
    else forecaster.dispose();
  }

  const loaded = await stopwatch.time('save and load', () => saveAndLoad(first!, series, out));
  await drawChart(loaded, data, settings, out);
  const { loss, val_loss } = loaded.history.history;
  await saveText(out, 'loss.svg', historyChart({ loss: loss!, val_loss: val_loss! }));

  const forecaster = Object.fromEntries(
    [...SCORES, 'coverage' as const].map((name) => [name, spreadOf(seeds.map((run) => run[name]))]),
  ) as RunResult['forecaster'];
  const betterThanNaive = seeds.filter(({ mae }) => mae < baselines.naive.mae).length;
  const result: RunResult = {
    ...{ settings, steps, seeds, forecaster, ...baselines, betterThanNaive },
    seconds: stopwatch.stop(),
  };
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  summarize(result, out);
  return result;
}

function trainForecaster(
  train: Series,
  target: string,
  { window, horizon, units, epochs, batchSize, learningRate }: Settings,
  seed: number,
): Promise<Forecaster> {
  return TimeseriesForecaster.train(train, {
    ...{ window, horizon, units, epochs, batchSize, learningRate, seed },
    targets: [target],
  });
}

/** Walks forward through the test part; all that is compared forecasts the same steps. */
async function compare(
  forecaster: Forecaster,
  series: Series,
  cut: number,
  { window, seasons }: Settings,
  baselines: Pick<RunResult, 'naive' | 'seasonalNaive'>,
) {
  for (const season of seasons) {
    const test = series.slice(Math.max(0, cut - Math.max(window, season)));
    const { seasonalNaive } = await forecaster.evaluate(test, { seasonalPeriod: season });
    baselines.seasonalNaive[season] = pick(seasonalNaive!);
  }
  const evaluation = await forecaster.evaluate(series.slice(cut - window));
  baselines.naive = pick(evaluation.naive);
  return evaluation;
}

const pick = ({ mae, rmse, mase }: Scores): Scores => ({ mae, rmse, mase });

/** Saves the forecaster, and makes sure that what is loaded forecasts the same. */
async function saveAndLoad(saved: Forecaster, series: Series, out: string): Promise<Forecaster> {
  await saved.save(fileSystem(join(out, 'model')));
  const loaded = await TimeseriesForecaster.load<Series[number]>(fileSystem(join(out, 'model')));
  const [before, after] = await Promise.all([saved.predict(series), loaded.predict(series)]);
  if (JSON.stringify(before) === JSON.stringify(after)) return loaded;
  throw new Error('The loaded forecaster forecasts otherwise than the saved one.');
}

/** The last forecast of the test part, beside what came. */
async function drawChart(
  forecaster: Forecaster,
  { series, target, step }: Data,
  { window, horizon }: Settings,
  out: string,
): Promise<void> {
  const now = series.length - horizon;
  const { values, lower, upper } = await forecaster.predict(series.slice(0, now));
  const columnOf = (steps: Series) => steps.map((each) => each[target]!);
  const svg = forecastChart(
    columnOf(series.slice(now - window, now)),
    { values: columnOf(values), lower: columnOf(lower), upper: columnOf(upper) },
    {
      ...{ title: `Forecast of ${target}`, name: target, step },
      actual: columnOf(series.slice(now)),
    },
  );
  await saveText(out, 'forecast.svg', svg);
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function summarize(result: RunResult, out: string): void {
  const { betterThanNaive, seeds, forecaster, seconds } = result;
  console.log(`\n${tableOf(result)}\n`);
  console.log(
    `Better than the naive forecast on ${betterThanNaive} of ${seeds.length} seeds. ` +
      `${percent(forecaster.coverage.mean)} of the values came within their intervals, of 90 % that were asked for.`,
  );
  console.log(
    `Saved in ${join(out, 'model')}, loaded, and the forecasts are the same. ${seconds.total!.toFixed(0)} s in all.`,
  );
  console.log(`Open ${join(out, 'forecast.svg')} in a browser.`);
}
