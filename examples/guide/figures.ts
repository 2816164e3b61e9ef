/** The diagrams of the guide, which have words in its language, by their names. */
import { rnnCellDiagram, rnnUnrolledDiagram } from './diagrams/rnn.js';
import { orderDiagram } from './diagrams/sequences.js';
import type { Say } from './drawing/language.js';

export const DIAGRAMS: Record<string, (say: Say) => string> = {
  order: orderDiagram,
  'rnn-unrolled': rnnUnrolledDiagram,
  'rnn-cell': rnnCellDiagram,
};
