import { beforeAll, expect, test } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers } from '../../../src/index.js';
import { fuseLosses } from '../../../src/layers/losses/fused-losses.js';
import { builtModel } from '../../../src/layers/model/run-graph.js';
import { useBackend } from '../golden.js';

beforeAll(() => useBackend('cpu', false));

/** What comes back to a perfect prediction, in operations where no kernel fits the shapes. */
function slopeAtTheLabel(loss: string): number {
  const model = tfl.sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
  model.compile({ optimizer: 'sgd', loss });
  const inner = builtModel(model);
  fuseLosses(inner); // once more
  const [of] = inner.lossFunctions;
  const labels = tf.tensor1d([2]);
  return tf
    .grad((x) => tf.sum(of!(labels, x)))(tf.tensor2d([[2]]))
    .dataSync()[0]!;
}

test.each(['meanAbsoluteError', 'meanAbsolutePercentageError'])(
  '%s leaves a prediction alone that is right, as in Keras',
  (loss) => {
    expect(slopeAtTheLabel(loss)).toBeCloseTo(0);
  },
);
