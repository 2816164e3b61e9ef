import { type Tensor, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { padSequences } from 'tfjs-recurrent';

export const SEQUENCE_LENGTH = 300;

/** Reviews as word numbers, with their labels. */
export interface Numbered {
  x: number[][];
  y: number[];
}

/** The reviews whose predictions are compared from crossing to crossing. */
const COMPARED = 32;

export function pad(x: number[][]): Tensor2D {
  return padSequences(x, { maxlen: SEQUENCE_LENGTH }) as Tensor2D;
}

/** The share of reviews that a model judges right, as text. */
export async function evaluate(model: LayersModel, { x, y }: Numbered): Promise<string> {
  const labels = tensor2d(y, [y.length, 1], 'float32');
  const [, accuracy] = model.evaluate(pad(x), labels, { batchSize: 100 }) as Tensor[];
  return `${(100 * (await accuracy!.data())[0]!).toFixed(2)} %`;
}

/** The first test reviews and what a model thinks of them. */
export async function predictFirst(model: LayersModel, { x }: Numbered) {
  const inputs = pad(x.slice(0, COMPARED));
  const predictions = tidy(() => model.predict(inputs) as Tensor2D);
  return { inputs: await inputs.array(), predictions: (await predictions.array()).flat() };
}
