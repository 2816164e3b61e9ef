/** NormalizedEmbedding: a table that is normalized once, since it does not change. */
import { normalizeRows } from '../../kernels/embedding/normalized-table-forward.js';
import { keep, type Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { Embedding } from './core.js';

export class NormalizedEmbedding extends Embedding {
  protected override takeTable(weights: Weights, shape: [rows: number, width: number]): Tensor {
    const [rows, width] = shape;
    const table = weights.takeValues(this, 'embeddings', shape);
    const frequencies = weights.takeValues(this, 'frequencies', [rows]);
    const normalized = new Float32Array(rows * width);
    normalizeRows(table, frequencies, normalized, new Float32Array(width));
    return keep(weights.machine, normalized, shape);
  }
}
