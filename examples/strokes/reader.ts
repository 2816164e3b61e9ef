/** The network, and what it reads. */
import {
  dispose,
  softmax,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tidy,
} from '@tensorflow/tfjs-core';
import {
  initializers,
  type LayersModel,
  layers as stock,
  sequential,
} from '@tensorflow/tfjs-layers';
import {
  adam,
  type CtcDecodeOptions,
  ctcDecode,
  layers,
  losses,
  padSequences,
} from 'tfjs-recurrent';
import { CLASSES, FEATURES, type Writing } from './strokes.js';

/** Two directions over the movements of the pen, and in each frame a class or the blank. */
export function createReader(seed: number): LayersModel {
  const model = sequential();
  const glorot = (i: number) => initializers.glorotUniform({ seed: 10 * seed + i });
  const orthogonal = (i: number) => initializers.orthogonal({ seed: 10 * seed + i });
  model.add(stock.masking({ inputShape: [null, FEATURES] }));
  model.add(
    layers.bidirectional({
      layer: layers.gru({
        units: 32,
        returnSequences: true,
        recurrentActivation: 'sigmoid',
        kernelInitializer: glorot(1),
        recurrentInitializer: orthogonal(2),
      }) as never,
      mergeMode: 'concat',
    }),
  );
  model.add(layers.dense({ units: CLASSES, kernelInitializer: glorot(3) }));
  return model;
}

/** The loss that needs no alignment. */
export function compileReader(model: LayersModel): void {
  model.compile({ optimizer: adam(0.01), loss: losses.ctc });
}

/** Frames and labels, padded at their end. */
export function toTensors(writings: readonly Writing[]): { x: Tensor3D; y: Tensor2D } {
  const labels = writings.map(({ digits }) => digits.map((digit) => digit + 1));
  return {
    x: padSequences(
      writings.map(({ frames }) => frames),
      { padding: 'post', dtype: 'float32' },
    ) as Tensor3D,
    y: padSequences(labels, { padding: 'post' }) as Tensor2D,
  };
}

/** What the network reads from each writing. */
export function readWritings(
  model: LayersModel,
  writings: readonly Writing[],
  strategy: CtcDecodeOptions['strategy'],
): number[][] {
  const { x, y } = toTensors(writings);
  const logits = model.predict(x) as Tensor3D;
  const lengths = writings.map(({ frames }) => frames.length);
  const decoded = ctcDecode(logits, lengths, { strategy, beamWidth: 20 });
  dispose([x, y, logits]);
  return decoded.map(([path]) => path!.labels.map((label) => label - 1));
}

/** The probability of each class in each frame: [frames][classes]. */
export function probabilitiesOf(model: LayersModel, writing: Writing): number[][] {
  return tidy(() => {
    const { x } = toTensors([writing]);
    return (softmax(model.predict(x) as Tensor) as Tensor3D).arraySync()[0]!;
  });
}
