/** Trains on enough work for two threads, and counts those that the kernels start. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createSentimentLstm, fitWithSeed, serveTraining } from 'tfjs-recurrent';

let threads = 0;
const Stock = globalThis.Worker;
globalThis.Worker = class extends Stock {
  constructor(...args: ConstructorParameters<typeof Stock>) {
    super(...args);
    threads++;
  }
};

serveTraining(
  async ({ x, y, epochs }: { x: tf.Tensor; y: tf.Tensor; epochs: number }, { callbacks }) => {
    const model = createSentimentLstm({
      vocabularySize: 9,
      sequenceLength: 40,
      dropoutRate: 0,
      seed: 1,
    });
    const { history } = await fitWithSeed(model, x, y, { batchSize: 256, epochs, callbacks });
    let probabilities: number[] | undefined;
    const { kernelNames } = await tf.profile(() => {
      probabilities = Array.from((model.predict(x) as tf.Tensor).dataSync());
    });
    const fused = kernelNames.includes('RecurrentLstm');
    return { threads, fused, probabilities, epochs: history.loss!.length };
  },
);
