/** What generate_blocks.py wrote: building blocks by the formulas of their papers. */
import { readFileSync } from 'node:fs';

type Vector = number[];
type Matrix = Vector[];
type Steps = Matrix[];

/** A mask: [batch, time]. */
type Counting = boolean[][];

export interface Blocks {
  attention_pooling: {
    x: Steps;
    mask: Counting | null;
    weights: [kernel: Matrix, bias: Vector, query: Vector];
    upstream: Matrix;
    output: Matrix;
    /** Of the input, the kernel, the bias and the query. */
    gradients: [Steps, Matrix, Vector, Vector];
  }[];
  normalized_embedding: {
    table: Matrix;
    counts: Vector;
    indices: Matrix;
    upstream: Steps;
    output: Steps;
    gradient: Matrix;
  }[];
  sampled_softmax: {
    x: Matrix;
    kernel: Matrix;
    bias: Vector;
    labels: Vector;
    ids: Vector;
    tries: number;
    /** How often each of the ids is. */
    expected: Vector;
    upstream: Vector;
    losses: Vector;
    /** Of x, kernel and bias. */
    gradients: [Matrix, Matrix, Vector];
  }[];
  average_pooling: { x: Steps; mask: Counting; output: Matrix }[];
}

export const blocks = JSON.parse(
  readFileSync(new URL('blocks.json', import.meta.url), 'utf8'),
) as Blocks;
