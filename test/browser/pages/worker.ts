/** Trains in a worker; counts its own turns meanwhile, and notes what of its work took longer than 50 ms. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { trainInWorker } from 'tfjs-recurrent';

const worker = new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
const epochs = Number(new URLSearchParams(location.search).get('epochs'));
const x = tf.tensor2d(
  Array.from({ length: 256 * 40 }, (_, i) => (i * i) % 9),
  [256, 40],
);
const y = tf.tensor2d(Array.from({ length: 256 }, (_, i) => [i % 2]));
const longTasks: number[] = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longTasks.push(duration);
}).observe({ entryTypes: ['longtask'] });

let turns = 0;
const channel = new MessageChannel();
channel.port1.onmessage = () => {
  turns++;
  setTimeout(() => channel.port2.postMessage(null), 4);
};
const turnsOfEpochs: number[] = [];
const callbacks = {
  onEpochBegin: async () => {
    turns = 0;
  },
  onEpochEnd: async () => void turnsOfEpochs.push(turns),
};
channel.port2.postMessage(null);
const training = trainInWorker(worker, { x, y, epochs }, { callbacks });
const shown = await training.finished.catch((error) => ({ error: String(error) }));
const page = { isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency };
document.querySelector('pre')!.textContent = JSON.stringify({
  ...shown,
  ...page,
  turnsOfEpochs,
  longTasks,
});
