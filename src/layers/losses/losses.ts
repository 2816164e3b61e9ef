/** The losses of this library under one name, for `model.compile` and by themselves. */
export { ctc } from './ctc.js';
export { binaryCrossentropy, categoricalCrossentropy } from './smoothed.js';
