/**
 * TensorFlow.js as it comes: `stock-tfjs.ts cpu|wasm|node`, `node` being tfjs-node, which is not
 * installed with this project (`npm i --no-save @tensorflow/tfjs-node`).
 *
 * The recurrent kernel starts from glorotUniform: the default, orthogonal, needs the union package.
 */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { BATCH, readRows, readWeights, TIME, VOCABULARY } from '../harness/inputs.js';
import { missing, serve, timed } from './protocol.js';

const backend = process.argv[2] === 'node' ? 'tensorflow' : process.argv[2]!;
const tfjsNode = '@tensorflow/tfjs-node';
if (backend === 'tensorflow') await import(tfjsNode).catch(missing);
if (!(await tf.setBackend(backend).catch(missing))) missing(`no backend ${backend}`);

const model = tfl.sequential({
  layers: [
    tfl.layers.embedding({ inputDim: VOCABULARY, outputDim: 32, inputLength: TIME }),
    tfl.layers.dropout({ rate: 0.2 }),
    tfl.layers.lstm({
      units: 32,
      recurrentActivation: 'sigmoid',
      recurrentInitializer: 'glorotUniform',
    }),
    tfl.layers.dense({ units: 256, activation: 'relu' }),
    tfl.layers.dropout({ rate: 0.2 }),
    tfl.layers.dense({ units: 1, activation: 'sigmoid' }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });
let folder = '';

await serve(
  { node: process.version, 'tfjs-core': tf.version_core },
  {
    load: (args: { folder: string }) => {
      folder = args.folder;
      const shapes = model.getWeights().map(({ shape }) => shape);
      model.setWeights(readWeights(folder, shapes));
      return { parameters: model.countParams() };
    },

    /** One step of `batch` reviews by model.fit, which for the cpu backend cannot be 100. */
    fit: async ({ start, batch = BATCH }: { start: number; batch?: number }) => {
      const [x, y] = readRows(folder, 'train', start, batch);
      const [ms, { history }] = await timed(() =>
        model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0 }),
      );
      tf.dispose([x, y]);
      return { ms, loss: history.loss![0] as number };
    },

    predict: async ({ count }: { count: number }) => {
      const [x] = readRows(folder, 'test', 0, count);
      const [ms, probabilities] = await timed(async () => {
        const y = model.predict(x, { batchSize: BATCH }) as tf.Tensor;
        const values = await y.data();
        y.dispose();
        return values;
      });
      x.dispose();
      return { ms, probabilities: [...probabilities.slice(0, 1000)] };
    },
  },
);
