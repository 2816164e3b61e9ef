// What a second thread gains where nothing but arithmetic is done, on a few kilobytes of each
// thread's own: as much as the machine has to give. `node arithmetic.mjs <threads>`: ms for a
// thousand million multiply-adds, shared evenly in time.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const VALUES = 512;
const PASSES = 200; // between two looks at the clock
const WARM_UP = 300; // ms
const MEASURED = 1000; // ms

if (isMainThread) {
  const workers = Array.from({ length: Number(process.argv[2]) }, () => {
    return new Worker(new URL(import.meta.url));
  });
  const ask = async (ms) => {
    const answers = workers.map((worker) => once(worker, 'message'));
    for (const worker of workers) worker.postMessage(ms);
    return (await Promise.all(answers)).flat();
  };
  await ask(WARM_UP);
  const rates = await ask(MEASURED);
  console.log(JSON.stringify({ ms: 1e9 / rates.reduce((sum, rate) => sum + rate) }));
  for (const worker of workers) await worker.terminate();
} else {
  const values = Float64Array.from({ length: VALUES }, (_, i) => 1 + i / 1e6);
  // Eight sums side by side, so that what counts is how much the processor computes at once, which
  // it may have to share, and not how long one addition takes.
  const multiplyAdd = () => {
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < VALUES; i += 8) {
      a += values[i] * 1.0001;
      b += values[i + 1] * 1.0001;
      c += values[i + 2] * 1.0001;
      d += values[i + 3] * 1.0001;
      e += values[i + 4] * 1.0001;
      f += values[i + 5] * 1.0001;
      g += values[i + 6] * 1.0001;
      h += values[i + 7] * 1.0001;
    }
    return a + b + c + d + e + f + g + h;
  };
  let sum = 0;
  parentPort.on('message', (ms) => {
    const start = performance.now();
    let passes = 0;
    while (performance.now() - start < ms) {
      for (let k = 0; k < PASSES; k++) sum += multiplyAdd();
      passes += PASSES;
    }
    const rate = (passes * VALUES) / (performance.now() - start); // a ms
    if (Number.isNaN(sum)) throw new Error('arithmetic: no number');
    parentPort.postMessage(rate);
  });
}
