/** The diagrams of the guide, which have words in its language, by their names. */
import { attentionDiagram } from './diagrams/attention.js';
import { gruCellDiagram } from './diagrams/gru.js';
import { imdbPathDiagram } from './diagrams/imdb-path.js';
import { lstmCellDiagram, mainRoadDiagram } from './diagrams/lstm.js';
import { rnnCellDiagram, rnnUnrolledDiagram } from './diagrams/rnn.js';
import { orderDiagram } from './diagrams/sequences.js';
import { topologiesDiagram } from './diagrams/topologies.js';
import type { Say } from './drawing/language.js';
import { jacobianProducts } from './jacobian-products.js';

export const DIAGRAMS: Record<string, (say: Say) => string> = {
  order: orderDiagram,
  'rnn-unrolled': rnnUnrolledDiagram,
  'rnn-cell': rnnCellDiagram,
  topologies: topologiesDiagram,
  'jacobian-products': jacobianProducts,
  'main-road': mainRoadDiagram,
  'lstm-cell': lstmCellDiagram,
  'gru-cell': gruCellDiagram,
  attention: attentionDiagram,
  'imdb-path': imdbPathDiagram,
};
