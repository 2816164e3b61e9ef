/** A network learns to add, until it can or its batches are used up. */
import { dispose, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { seededRandom } from '../shared/random.js';
import type { Settings } from './options.js';
import { drawSums, NEAR, type Sums } from './problem.js';

/** How well a network adds what it has never seen. */
export interface Score {
  /** Batches that it learnt from. */
  steps: number;
  meanSquaredError: number;
  /** The share of answers within 0.04. */
  near: number;
}

const CHECK_EVERY = 200;
const LEARNT = 0.002;

/** Trains a network on batches that are drawn anew each time. */
export async function learnToAdd(
  model: LayersModel,
  length: number,
  test: Sums,
  { steps, batchSize, seed }: Settings,
): Promise<Score> {
  const random = seededRandom(seed + 1);
  let score: Score = { steps: 0, ...judge(model, test) };
  for (let step = 1; step <= steps; step++) {
    const { x, y } = drawSums(batchSize, length, random);
    await model.trainOnBatch(x, y);
    dispose([x, y]);
    if (step % CHECK_EVERY > 0 && step < steps) continue;
    score = { steps: step, ...judge(model, test) };
    if (score.meanSquaredError < LEARNT) break;
  }
  return score;
}

function judge(model: LayersModel, { x, y }: Sums): Omit<Score, 'steps'> {
  const answers = model.predict(x, { batchSize: x.shape[0] }) as Tensor;
  const [said, right] = [answers.dataSync(), y.dataSync()];
  answers.dispose();
  const errors = Array.from(said, (answer, i) => answer - right[i]!);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const near = errors.filter((error) => Math.abs(error) < NEAR).length;
  return { meanSquaredError: squares / errors.length, near: near / errors.length };
}
