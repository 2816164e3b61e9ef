/** A cell as a layer sets it: its facts for the kernels, its setting and its weights. */
import {
  GRU_FACTS,
  GRU_RESET_AFTER_FACTS,
  LSTM_FACTS,
  MIN_GRU_FACTS,
  PEEPHOLE_LSTM_FACTS,
  SIMPLE_RNN_ACTIVATIONS,
  SIMPLE_RNN_FACTS,
} from '../../kernels/recurrent/cells/facts.js';
import type { CellFacts } from '../../kernels/recurrent/cell.js';
import type { Tensor } from '../run.js';
import type { Weights } from '../weights.js';
import { inPlaceOf } from './activations.js';
import type { CellFunctions } from './composed-cell.js';
import type { Layer, Settings } from './layer.js';

/** The weights of a cell by the names of the kernels. */
export type CellWeights = Partial<
  Record<'kernel' | 'recurrentKernel' | 'bias' | 'vectors', Tensor>
>;

/** A cell, ready to be given its weights. */
export interface SetCell {
  facts: CellFacts;
  /** What its kernel is told; its activations where that has none for them. */
  setting: number | CellFunctions;
  units: number;
  build(layer: Layer, inputs: number, weights: Weights): CellWeights;
}

const CELLS: Readonly<Record<string, CellFacts>> = {
  GRU: GRU_FACTS,
  GRUCell: GRU_FACTS,
  LSTM: LSTM_FACTS,
  LSTMCell: LSTM_FACTS,
  MinGRU: MIN_GRU_FACTS,
  PeepholeLSTM: PEEPHOLE_LSTM_FACTS,
  SimpleRNN: SIMPLE_RNN_FACTS,
  SimpleRNNCell: SIMPLE_RNN_FACTS,
};

/** The cell of a layer, or a cell of layers.rnn; refuses the layer where it has no kernel. */
export function setCell(layer: Layer, className: string, settings: Settings): SetCell {
  const known = Object.hasOwn(CELLS, className) ? CELLS[className]! : null;
  if (!known) return layer.refuse('has a cell that has no kernel', className);
  const facts = known === GRU_FACTS && settings.resetAfter === true ? GRU_RESET_AFTER_FACTS : known;
  const units = Number(settings.units);
  const hasBias = settings.useBias !== false;
  return {
    facts,
    setting: settingOf(layer, facts, settings),
    units,
    build(of, inputs, weights) {
      const columns = facts.blocks * units;
      const kernel = weights.take(of, 'kernel', [inputs, columns]);
      const { joint, state } = facts.gates;
      const recurrentKernel =
        joint + state > 0 ? weights.take(of, 'recurrent_kernel', [units, columns]) : undefined;
      const biasShape = facts === GRU_RESET_AFTER_FACTS ? [2, columns] : [columns];
      const bias = hasBias ? weights.take(of, 'bias', biasShape) : undefined;
      const vectors =
        facts.vectors > 0 ? weights.take(of, 'peephole_kernel', [facts.vectors, units]) : undefined;
      return {
        kernel,
        ...(recurrentKernel && { recurrentKernel }),
        ...(bias && { bias }),
        ...(vectors && { vectors }),
      };
    },
  };
}

/** As the layers of the main entry find it. */
function settingOf(layer: Layer, facts: CellFacts, settings: Settings): SetCell['setting'] {
  const { activation = 'tanh', recurrentActivation = 'hardSigmoid' } = settings;
  if (facts === MIN_GRU_FACTS) return 0;
  const isSimple = facts === SIMPLE_RNN_FACTS;
  const setting = isSimple
    ? SIMPLE_RNN_ACTIVATIONS.indexOf(activation as 'tanh')
    : ['sigmoid', 'hardSigmoid'].indexOf(recurrentActivation as string);
  if (setting >= 0 && (isSimple || activation === 'tanh')) return setting;
  return {
    activation: inPlaceOf(layer, activation),
    recurrentActivation: inPlaceOf(layer, isSimple ? null : recurrentActivation),
  };
}
