/** Serves the tests beside it: what it does is asked for by `data.task`. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  fitWithSeed,
  ready,
  SentimentClassifier,
  type SentimentData,
  serveTraining,
} from '../../../src/index.js';
import { tinyData, tinyModel } from '../models.js';

await ready({ threads: 1 });

export interface Task {
  task: string;
  data?: unknown;
}

serveTraining(async ({ task, data }: Task, run) => {
  const { callbacks } = run;
  switch (task) {
    case 'classify': {
      const tiny = { vocabularySize: 20, sequenceLength: 4, embeddingDim: 4, lstmUnits: 4 };
      const options = { ...tiny, denseUnits: 4, epochs: 3, validationSplit: 0, seed: 1, callbacks };
      return SentimentClassifier.train(data as SentimentData, options);
    }
    case 'model.fit': {
      const [model, { x, y }] = [tinyModel(), tinyData()];
      await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0, callbacks });
      return model;
    }
    case 'echo': {
      run.progress({ half: 0.5 });
      run.progress(1);
      const { tensor, list } = data as { tensor: tf.Tensor; list: number[] };
      const twice = tf.tidy(() => tf.mul(tensor, tf.scalar(2, 'int32')));
      return { twice, list, tensors: tf.memory().numTensors };
    }
    case 'fail':
      return fitWithSeed(tinyModel(), tf.zeros([2, 2]), tf.zeros([3, 1]), { callbacks });
    case 'break':
      throw new TypeError('no such luck');
    default:
      return () => task;
  }
});
