/** Trains with attention and without, tests both on dates that neither has seen, and saves the better one. */
import { join } from 'node:path';
import {
  type AttentionName,
  attentionChart,
  createEncoderDecoder,
  EncoderDecoder,
  saveKerasModel,
  Tokenizer,
} from 'tfjs-recurrent';
import { fileSystem, progressBar, writeFileAtomic } from 'tfjs-recurrent/node';
import { exists, saveText } from '../shared/run-folder.js';
import { UsageError } from '../shared/options.js';
import { Stopwatch } from '../shared/stopwatch.js';
import { type DatePair, drawDates, ISO_LENGTH, LONGEST_HUMAN } from './dates.js';
import type { Settings } from './options.js';

/** What `result.json` holds. */
export interface DatesResult {
  /** Dates that came out exactly right, from 0 to 1, by what the model had. */
  exact: { luong: number; none: number };
  /** One date, greedily, in milliseconds: the median of a hundred. */
  oneDate: number;
  seconds: Record<string, number>;
  settings: Settings;
}

const SHOWN = 'Wednesday, September 30, 1998';

/** Runs the whole example; the files of the run are in `out`. */
export async function runExperiment(settings: Settings, out: string): Promise<DatesResult> {
  const watch = new Stopwatch();
  const train = drawDates('train', settings.dates, settings.seed + 1);
  const test = drawDates('test', settings.test, settings.seed + 2);
  console.log(
    `${train.length.toLocaleString('en')} dates to learn from, such as ` +
      `${train
        .slice(0, 3)
        .map(({ human, iso }) => `"${human}" → ${iso}`)
        .join(', ')}.\n` +
      `${test.length.toLocaleString('en')} to be tested on, in formats and years never seen together.`,
  );
  const exact = { luong: 0, none: 0 };
  let translator: EncoderDecoder | undefined;
  for (const attention of ['none', 'luong'] as const) {
    const name = attention === 'none' ? 'Without attention' : 'With attention';
    console.log(`\n${name}`);
    translator?.dispose();
    translator = newTranslator(train, attention, settings);
    await watch.time(attention, () =>
      translator!.fit(
        { sources: train.map(({ human }) => human), targets: train.map(({ iso }) => iso) },
        { epochs: settings.epochs, batchSize: settings.batchSize, callbacks: progressBar() },
      ),
    );
    const written = await watch.time(`test ${attention}`, () =>
      translator!.generate(test.map(({ human }) => human)),
    );
    const wrong = test.flatMap(({ human, iso }, i) => {
      const { text } = written[i]!;
      return text === iso ? [] : [`  ${human} → ${text}, not ${iso}`];
    });
    exact[attention] = 1 - wrong.length / test.length;
    console.log(`${name}: ${percent(exact[attention])} of the tested dates are exactly right.`);
    if (wrong.length > 0) console.log(wrong.slice(0, 3).join('\n'));
  }
  const oneDate = await medianOfOne(translator!);
  console.log(`\nOne date takes ${oneDate.toFixed(2)} ms.`);
  await save(out, translator!);
  const result = { exact, oneDate, seconds: watch.stop(), settings };
  await saveText(out, 'result.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(`Saved in ${out}: the model, dates.keras for Keras, attention.svg.`);
  translator!.dispose();
  return result;
}

/** Writes a date with a model that was saved. */
export async function translate(text: string, out: string): Promise<string> {
  if (!(await exists(join(out, 'model')))) {
    throw new UsageError(
      `${out} holds no trained model. Train one with \`npm run demo:dates\`, or name its folder with --out.`,
    );
  }
  const translator = await EncoderDecoder.load(fileSystem(join(out, 'model')));
  return (await translator.generate(text)).text;
}

function newTranslator(
  train: readonly DatePair[],
  attention: AttentionName,
  { units, learningRate, seed }: Settings,
): EncoderDecoder {
  const source = new Tokenizer({ charLevel: true });
  const target = new Tokenizer({ charLevel: true });
  source.fitOnTexts(train.map(({ human }) => human));
  target.fitOnTexts(train.map(({ iso }) => iso));
  return createEncoderDecoder({
    source: { vocabularySize: source.wordIndex.size + 1, length: LONGEST_HUMAN },
    // Beside the characters there are padding, the start and the end.
    target: { vocabularySize: target.wordIndex.size + 3, length: ISO_LENGTH + 1 },
    // Whether the 3 in "April 3" is a day or the beginning of one shows behind it.
    ...{ units, bidirectional: true, attention, learningRate, seed },
    vocabularies: { source, target },
  });
}

async function save(out: string, translator: EncoderDecoder): Promise<void> {
  await translator.save(fileSystem(join(out, 'model')));
  await writeFileAtomic(join(out, 'dates.keras'), await saveKerasModel(translator.model));
  // What never ends, because little was learned, is cut to where the end belongs.
  const text = (await translator.generate(SHOWN)).text.slice(0, ISO_LENGTH);
  const weights = await translator.attentionWeights(SHOWN, text);
  const read = { source: [...SHOWN], target: [...text, 'end'] };
  await saveText(out, 'attention.svg', attentionChart(weights, read));
}

async function medianOfOne(translator: EncoderDecoder): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 100; i++) {
    const start = performance.now();
    await translator.generate(SHOWN);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[50]!;
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)} %`;
