/** What Keras does while it trains: training_blocks.json, written by generate_training_blocks.py. */
import { readFileSync } from 'node:fs';

export interface TrainingBlocks {
  /** The steps of the rates. */
  steps: number[];
  schedules: { name: string; config: Record<string, never>; rates: number[] }[];
  stops: {
    /** What is monitored, an epoch each. */
    values: number[];
    settings: {
      monitor: string;
      mode: 'auto' | 'min' | 'max';
      patience: number;
      min_delta: number;
      restore_best_weights: boolean;
    };
    /** How many ran. */
    epochs: number;
    weights_of_epoch: number;
  }[];
  smoothed: {
    name: 'BinaryCrossentropy' | 'CategoricalCrossentropy';
    label_smoothing: number;
    labels: number[][];
    outputs: number[][];
    losses: number[];
  }[];
  optimizers: {
    name: string;
    config: Record<string, unknown>;
    start: number[];
    gradients: number[][];
    /** After each step. */
    weights: number[][];
    /** After training, which puts averages into their place. */
    final: number[];
  }[];
}

export const trainingBlocks = JSON.parse(
  readFileSync(new URL('training_blocks.json', import.meta.url), 'utf8'),
) as TrainingBlocks;
