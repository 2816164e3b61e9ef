/** The cell that a recurrent layer computes with, of tf.layers or of this library. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import { GRU_RESET_AFTER } from '../../kernels/recurrent/cells/gru.js';
import { MIN_GRU } from '../../kernels/recurrent/cells/min-gru.js';
import { PEEPHOLE_LSTM } from '../../kernels/recurrent/cells/peephole-lstm.js';
import { knownCell, type RnnCell } from './cells.js';
import type { KnownCell } from './run-cell.js';

/**
 * The cell as the kernels know it.
 *
 * @param remedy What else a caller with a cell of their own can do.
 * @throws RecurrentError for a cell of the user's, and for a stack.
 */
export function cellOfLayer(where: string, layer: tfl.RNN, remedy?: string): KnownCell {
  const known = findCell(layer);
  if (known) return known;
  return reject({
    where,
    expected: `the cell of ${layer.name} is not one of tf.layers or of this library`,
    received: (layer.cell as unknown as RnnCell).getClassName(),
    remedy,
    see: 'unsuitable-model',
  });
}

/**
 * Null where the kernels do not know it.
 *
 * A layer decides where its cell has the name of another: that of a PeepholeLSTM is an LSTMCell with more
 * weights, that of a MinGRU a SimpleRNNCell with others.
 */
function findCell(layer: tfl.RNN): KnownCell | null {
  const known = knownCell(layer.cell as unknown as RnnCell);
  if (!known) return null;
  switch (layer.getClassName()) {
    case 'MinGRU':
      return { cell: MIN_GRU, setting: 0 };
    case 'PeepholeLSTM':
      return { ...known, cell: PEEPHOLE_LSTM };
    default: {
      // The layer has it, where the cell is that of tf.layers.
      const { resetAfter } = layer as unknown as { resetAfter?: boolean };
      return resetAfter ? { ...known, cell: GRU_RESET_AFTER } : known;
    }
  }
}
