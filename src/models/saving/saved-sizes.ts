import type { tf } from '../../foundation/tensorflow.js';

/** Settings that say how large weights are. */
const OF_WEIGHTS = ['units', 'filters', 'input_dim', 'output_dim'];
const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN', 'PeepholeLSTM'];

/** The most values that one dimension of an input may have, as in loadKerasModel. */
const LONGEST = 2 ** 27;

type Fields = Record<string, unknown>;

/** Throws for sizes that the weights belie, before a tensor of such a size is made. */
export function requirePlausibleSizes(
  topology: unknown,
  specs: readonly tf.io.WeightsManifestEntry[],
): void {
  const weights = specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const requireAtMost = (most: number, name: string, value: unknown, needed = Number(value)) => {
    if (typeof value === 'number' && needed > most) throw new Error(`${name} cannot be ${value}`);
  };
  const visit = (name: string, value: unknown): void => {
    if (OF_WEIGHTS.includes(name)) requireAtMost(weights, name, value);
    if (name === 'n' || name.endsWith('_shape')) requireAtMost(LONGEST, name, value);
    if (typeof value !== 'object' || value === null) return;
    const { class_name: layer, config } = value as Fields;
    const { units, input_dim: rows, output_dim: columns }: Fields = Object(config);
    // A weight from each unit to each, and one for each column of each row.
    if (RECURRENT.includes(layer as string))
      requireAtMost(weights, 'units', units, Number(units) ** 2);
    if (layer === 'Embedding' || layer === 'NormalizedEmbedding')
      requireAtMost(weights, 'input_dim', rows, Number(rows) * Number(columns));
    for (const [key, each] of Object.entries(value)) visit(Array.isArray(value) ? name : key, each);
  };
  visit('', topology);
}
