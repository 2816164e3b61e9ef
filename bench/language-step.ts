/**
 * One step of a language model, as generateText makes it: microseconds of processor time a token.
 *
 *     npx tsx bench/language-step.ts [--backend wasm|cpu] [--threads N] [--runs 15]
 *
 * A vocabulary of two makes the output layer as good as free: that column is the cost beyond it.
 */
import { createLanguageModel } from '../src/index.js';
import { tokenSteps } from '../src/models/language-model/token-steps.js';
import { start } from './backend.js';

const STEPS = 2000;

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const VOCABULARIES = [2, 68, 1000];
const MODELS = {
  'LSTM, 64 units': { cell: 'lstm', units: 64 },
  'GRU, 64 units': { cell: 'gru', units: 64 },
  'SimpleRNN, 64 units': { cell: 'simpleRNN', units: 64 },
  'LSTM, 2 × 64 units': { cell: 'lstm', units: [64, 64] },
  'LSTM, 128 units': { cell: 'lstm', units: 128 },
} as const;

const { runs } = await start('language-step', 15);
console.log(
  `microseconds a token, median of ${runs} × ${STEPS}; vocabulary ${VOCABULARIES.join(', ')}`,
);
for (const [name, options] of Object.entries(MODELS)) {
  const columns: string[] = [];
  for (const vocabularySize of VOCABULARIES) {
    const model = createLanguageModel({ ...options, vocabularySize, seed: 1 });
    const { step, stateSize } = await tokenSteps('bench', model);
    let state: Float64Array = new Float64Array(stateSize);
    const run = () => {
      const began = process.cpuUsage();
      for (let i = 0; i < STEPS; i++) state = step(Int32Array.of(i % vocabularySize), state).state;
      const { user, system } = process.cpuUsage(began);
      return (user + system) / STEPS;
    };
    run(); // until the code is compiled, and every token folded
    columns.push(
      median(Array.from({ length: runs }, run))
        .toFixed(1)
        .padStart(8),
    );
    model.dispose();
  }
  console.log(`${name.padEnd(22)}${columns.join('')}`);
}
