/** Trains the models of its page, and knows a layer and an optimizer that are none of TensorFlow.js. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { ready, serveTraining } from '../../../src/index.js';
import { Doubling } from './doubling.js';

tf.serialization.registerClass(Doubling);
await ready({ threads: 1 });
serveTraining();
