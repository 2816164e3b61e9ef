/**
 * Chapters 6 and 7: a small network that learns to remember. It reads colours; the one behind the word
 * `remember` is what it shall name at the end. Its gates are drawn over a sentence that it has not seen.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  createManyToOne,
  fitWithSeed,
  gateChart,
  padSequences,
  permutation,
  Tokenizer,
  traceGru,
  traceLstm,
} from 'tfjs-recurrent';

const COLOURS = ['red', 'green', 'blue', 'yellow'];
const UNSEEN = 'red green blue remember yellow blue red blue red green green';
/** Of a chart, which a telephone shows without making it smaller. */
const width = 400;

/** Ten colours, with `remember` before one of the first nine. */
export function sentenceOf(seed: number): { words: string[]; answer: number } {
  const colours = Array.from(permutation(10, seed), (n) => COLOURS[n % 4]!);
  const place = seed % 9;
  return {
    words: colours.toSpliced(place, 0, 'remember'),
    answer: COLOURS.indexOf(colours[place]!),
  };
}

/** The charts, by the names of their files. */
export async function recallCharts(): Promise<Record<string, string>> {
  const sentences = Array.from({ length: 1200 }, (_, seed) => sentenceOf(seed));
  const tokenizer = new Tokenizer();
  tokenizer.fitOnTexts(sentences.map(({ words }) => words));
  const x = padSequences(tokenizer.textsToSequences(sentences.map(({ words }) => words)));
  const y = tf.tensor2d(
    sentences.map(({ answer }) => answer),
    [sentences.length, 1],
  );
  const words = UNSEEN.split(' ');
  const unseen = padSequences(tokenizer.textsToSequences([words]));

  const train = async (cell: 'lstm' | 'gru') => {
    const sizes = { vocabularySize: 6, embeddingDim: 4, units: 4, outputs: 4 };
    const model = createManyToOne({ cell, ...sizes, learningRate: 0.02, seed: 1 });
    await fitWithSeed(model, x, y, { epochs: 15, batchSize: 32, seed: 1, verbose: 0 });
    return model;
  };
  const lstm = traceLstm(await train('lstm'), unseen);
  const gru = traceGru(await train('gru'), unseen);
  const ofUnits = (gate: string) => gateChart(lstm, { words, gate, width });
  return {
    'lstm-gates': gateChart(lstm, { words, width, title: 'gates of an LSTM' }),
    'lstm-forget-gate': ofUnits('forgetGate'),
    'lstm-input-gate': ofUnits('inputGate'),
    'lstm-output-gate': ofUnits('outputGate'),
    'lstm-cell-state': ofUnits('cellState'),
    'gru-gates': gateChart(gru, { words, width, title: 'gates of a GRU' }),
    'gru-update-gate': gateChart(gru, { words, gate: 'updateGate', width }),
  };
}
