import { beforeEach } from 'vitest';
import { seededRandom } from '../src/foundation/random.js';

/**
 * TensorFlow.js seeds its initializers and shuffles from Math.random: every test starts it
 * anew, so that a test which passes once passes always, alone or among others.
 */
const seed = () => {
  Math.random = seededRandom(1);
};
seed();
beforeEach(seed);
