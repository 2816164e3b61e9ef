/**
 * Run by runtime.test.ts in a process of its own: an engine without SharedArrayBuffer,
 * as a web page without cross-origin isolation. Prints what it found as JSON.
 */
import { tf } from '../../src/foundation/tensorflow.js';
import { binaryAccuracy } from '../../src/kernels/losses/binary-accuracy.js';
import { inTidy, kernels, useBackend } from '../kernels/kernels.js';
import { drawCase, drawInputs, run } from '../kernels/recurrent/cases.js';

// The kernels load on first use, which is below.
Reflect.deleteProperty(globalThis, 'SharedArrayBuffer');
await useBackend('cpu');

const golden = {
  ...drawCase([9, 4, 3, 5], 3),
  mask: 'random',
  loss: ['h', 'c', 'sequence'],
} as const;
const [fused, composed] = (['fused', 'composed'] as const).map((kind) =>
  inTidy(() => run(kind, golden, drawInputs(golden))),
);
// Growth detaches the old buffer of a memory that is not shared.
const { memory, threads } = kernels();
const before = memory.memory.buffer.byteLength;
const big = { ...golden, batch: 101, time: 200, inputs: 33, units: 33 };
const large = inTidy(() => run('fused', big, drawInputs(big)));
// It grows while the second of two operands is copied: the view of the first must not be older.
const half = memory.memory.buffer.byteLength / 8;
const right = inTidy(() => {
  const labels = tf.fill([half, 1], 1);
  return tf.mean(binaryAccuracy(labels, tf.fill([half, 1], 0.75))).dataSync()[0];
});
const plain = (values: Record<string, Float32Array>) =>
  Object.fromEntries(Object.entries(values).map(([name, array]) => [name, [...array]]));
console.log(
  JSON.stringify({
    shared: !(memory.memory.buffer instanceof ArrayBuffer),
    threads,
    grew: memory.memory.buffer.byteLength > before,
    right,
    finite: Object.values(large).every((values) => values.every(Number.isFinite)),
    fused: plain(fused!),
    composed: plain(composed!),
  }),
);
