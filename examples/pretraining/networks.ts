/** A language model and a classifier that have their first two layers in common. */
import * as tfl from '@tensorflow/tfjs-layers';
import { adam, layers } from 'tfjs-recurrent';
import type { Settings } from './options.js';

type Symbolic = tfl.SymbolicTensor;

/** The layers that are learned on texts without labels, and carried over. */
const CARRIED = ['words', 'reader'] as const;

function reader(words: Symbolic, { vocabularySize, embeddingDim, units, seed }: Settings) {
  const { randomUniform, glorotUniform } = tfl.initializers;
  const vectors = layers.embedding({
    ...{ name: CARRIED[0], inputDim: vocabularySize, outputDim: embeddingDim, maskZero: true },
    embeddingsInitializer: randomUniform({ minval: -0.05, maxval: 0.05, seed }),
  });
  const lstm = layers.lstm({
    ...{ name: CARRIED[1], units, returnSequences: true },
    ...{ recurrentActivation: 'sigmoid', unitForgetBias: true },
    kernelInitializer: glorotUniform({ seed: seed + 1 }),
    // By its name, so that the layer computes it: that of TensorFlow.js is slow, and warns of it.
    recurrentInitializer: { className: 'Orthogonal', config: { seed: seed + 2 } } as never,
  });
  return lstm.apply(vectors.apply(words)) as Symbolic;
}

/** From words, and for each of them the next one, to the loss of each. */
export function languageModel(settings: Settings): tfl.LayersModel {
  const { vocabularySize: classes, numSampled, seed } = settings;
  const words = tfl.input({ shape: [null], name: 'read' });
  const next = tfl.input({ shape: [null], name: 'next' });
  const loss = layers.sampledSoftmax({ classes, numSampled, seed: seed + 3 });
  const losses = loss.apply([reader(words, settings), next]) as Symbolic;
  const model = tfl.model({ inputs: [words, next], outputs: losses });
  const optimizer = adam(0.003, 0.9, 0.999, 1e-7, { globalClipNorm: 1 });
  model.compile({ optimizer, loss: (_, given) => given });
  return model;
}

/** From words to the probability that a review is positive. */
export function classifier(settings: Settings): tfl.LayersModel {
  const { seed, pooling, sequenceLength } = settings;
  const words = tfl.input({ shape: [sequenceLength], name: 'review' });
  const pool = pooling === 'max' ? layers.globalMaxPooling1d() : layers.globalAveragePooling1d();
  const pooled = pool.apply(reader(words, settings));
  const kept = layers.dropout({ rate: 0.5, seed: seed + 4 }).apply(pooled);
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: seed + 5 });
  const verdict = layers.dense({ units: 1, activation: 'sigmoid', kernelInitializer }).apply(kept);
  const model = tfl.model({ inputs: words, outputs: verdict as Symbolic });
  const optimizer = adam(0.002, 0.9, 0.999, 1e-7, { globalClipNorm: 1 });
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Gives one model the words and the reader of another. */
export function carryOver(from: tfl.LayersModel, to: tfl.LayersModel): void {
  for (const name of CARRIED) to.getLayer(name).setWeights(from.getLayer(name).getWeights());
}
