/** Brings the model that Keras trained on back, compares its predictions, and trains one epoch more. */
import '@tensorflow/tfjs-backend-cpu';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tensor2d } from '@tensorflow/tfjs-core';
import { adam, fitWithSeed, loadKerasModel } from 'tfjs-recurrent';
import { evaluate, type Numbered, pad, predictFirst } from './shared.js';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'runs/scale-out' } } });
const read = async (name: string) => JSON.parse(await readFile(join(values.out, name), 'utf8'));
const train: Numbered = await read('train.json');
const test: Numbered = await read('test.json');

const model = await loadKerasModel(await readFile(join(values.out, 'continued.keras')));
const { predictions: ofKeras }: { predictions: number[] } = await read('continued.json');
const { predictions } = await predictFirst(model, test);
const differences = predictions.map((ours, index) => Math.abs(ours - ofKeras[index]!));
console.log(
  `Back from Keras: predictions differ by ${Math.max(...differences).toExponential(1)} at most.`,
);

// Keras's file says what the model was trained with; nothing keeps it from being chosen anew.
model.compile({ optimizer: adam(0.001), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
console.log(`Test accuracy after Keras: ${await evaluate(model, test)}`);
await fitWithSeed(model, pad(train.x), tensor2d(train.y, [train.y.length, 1], 'float32'), {
  batchSize: 100,
  epochs: 1,
  seed: 2,
});
console.log(`Test accuracy after one epoch more here: ${await evaluate(model, test)}`);
