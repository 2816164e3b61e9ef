import type { SavedKind } from '../saving/kind.js';

/** How files of forecasters are told. */
export const FORECASTER: SavedKind = {
  key: 'timeseriesForecaster',
  noun: 'forecaster',
  savedBy: 'TimeseriesForecaster.save',
  lacks: 'it has no scaling',
  otherwise: 'Load it with tf.loadLayersModel.',
  version: 1,
  fields: [
    ...['window', 'horizon', 'form', 'columns', 'targets', 'scaling', 'relative'],
    ...['coverage', 'radius', 'naiveErrors', 'history'],
  ],
};
