/** The schedules of the learning rate under one name, as Keras has them in `optimizers.schedules`. */
export { cosineDecay } from './cosine-decay.js';
export { exponentialDecay, inverseTimeDecay } from './decay-by-rate.js';
export { piecewiseConstantDecay } from './piecewise-constant-decay.js';
export { polynomialDecay } from './polynomial-decay.js';
