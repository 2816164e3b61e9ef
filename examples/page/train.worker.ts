// Trains what the page asks for, beside it. The cpu backend has the kernels, and no files of its own.
import '@tensorflow/tfjs-backend-cpu';
import { serveTraining } from 'tfjs-recurrent';

serveTraining();
