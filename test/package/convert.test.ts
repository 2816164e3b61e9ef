import '@tensorflow/tfjs-backend-cpu';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { saveKerasModel } from '../../src/keras/writing/save-keras-model.js';
import { trainByKernels } from '../../src/layers/model/train-by-kernels.js';
import { root } from './consumer.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'convert-'));
  for (const name of ['lstm.keras', 'bigru.model_legacy.h5']) copy(name, name);
  copy('lstm.keras3.json', 'pair.json');
  copy('lstm.weights_legacy.h5', 'pair.h5');
  copy('bigru.keras224_handwritten.json', 'old.json');
  copy('bigru.weights_keras224_handwritten.h5', 'weights.h5');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copy(from: string, to: string): void {
  copyFileSync(join(root, 'test/golden/interop', from), join(folder, to));
}

/** Runs the command as npx does. */
function run(...words: string[]) {
  const script = join(root, 'bin/tfjs-recurrent.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('tfjs-recurrent convert', () => {
  const conversions: [input: string, output: string, read: string, written: string][] = [
    ['lstm.keras', 'tfjs', 'Keras 3', 'TensorFlow.js'],
    ['lstm.keras', 'lstm.h5', 'Keras 3', 'Keras HDF5'],
    ['bigru.model_legacy.h5', 'bigru.keras', 'Keras HDF5', 'Keras 3'],
    ['pair.json', 'from-pair.keras', 'Keras JSON and weights', 'Keras 3'],
    ['old.json+weights.h5', 'new.json', 'Keras JSON and weights', 'Keras JSON and weights'],
    ['new.json', 'a.json+b.h5', 'Keras JSON and weights', 'Keras JSON and weights'],
    ['tfjs', 'from-tfjs.keras', 'TensorFlow.js', 'Keras 3'],
    ['tfjs/model.json', 'from-tfjs.h5', 'TensorFlow.js', 'Keras HDF5'],
  ];

  test.for(conversions)('%s to %s', ([input, output, read, written]) => {
    const { status, stdout, stderr } = run('convert', input, output);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain(`read     ${input} (${read}): Sequential sequential`);
    expect(stdout).toMatch(/checked {2}8 random inputs through both: the largest difference is \d/);
    expect(stdout).toContain(`written  ${output} (${written}, `);
    for (const path of output.split('+')) expect(existsSync(join(folder, path))).toBe(true);
  });

  test('names the layers and their parameters', () => {
    const { stdout } = run('convert', '--force', 'lstm.keras', 'again.keras');
    expect(stdout).toMatch(/\n +lstm +LSTM +544\n/);
  });

  test('names what of a compile state is left out, and leaves all of it with --no-compile', () => {
    const json = JSON.parse(readFileSync(join(folder, 'pair.json'), 'utf8'));
    const optimizer = { class_name: 'Lion', config: {} };
    const compiled = { ...json, compile_config: { optimizer, loss: 'mse' } };
    writeFileSync(join(folder, 'lion.json'), JSON.stringify(compiled));
    const words = ['convert', 'lion.json+pair.h5'];
    const { status, stderr } = run(...words, 'lion.keras');
    expect(stderr).toMatch(
      /^loadKerasModel: the model is not compiled: the optimizer must be one of/,
    );
    expect(stderr).toMatch(/received "Lion"\..*; --no-compile spares you this warning\.\n$/);
    expect(status).toBe(0);
    expect(run(...words, 'plain.keras', '--no-compile')).toMatchObject({ status: 0, stderr: '' });
  });

  test('leaves weights as they are that lie outside their constraints', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({
          units: 2,
          inputShape: [2],
          kernelConstraint: tfl.constraints.nonNeg(),
          biasConstraint: tfl.constraints.maxNorm({ maxValue: 0.1 }),
        }),
      ],
    });
    const file = trainByKernels(model);
    file.setWeights([tf.tensor2d([0.5, -0.5, -0.25, 2], [2, 2]), tf.tensor1d([3, -4])]);
    writeFileSync(join(folder, 'constrained.keras'), await saveKerasModel(file));
    expect(run('convert', 'constrained.keras', 'constrained').status).toBe(0);
    const bins = readdirSync(join(folder, 'constrained')).filter((name) => name.endsWith('.bin'));
    const bytes = readFileSync(join(folder, 'constrained', bins[0]!));
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    expect([...values]).toEqual([0.5, -0.5, -0.25, 2, 3, -4]);
  });

  test('bounds what layers may give, as --max-output-size says', () => {
    const { status, stderr } = run('convert', 'pair.json', 'big.keras', '--max-output-size', '1');
    expect(stderr).toContain('pass --max-output-size with a larger number');
    expect(status).toBe(1);
  });

  test('leaves an output that exists, unless told otherwise', () => {
    writeFileSync(join(folder, 'mine.keras'), 'mine');
    const { stderr, ...rest } = run('convert', 'lstm.keras', 'mine.keras');
    expect(rest).toEqual({ status: 1, stdout: '' });
    const [message] = stderr.split('\n');
    expect(message).toBe(
      'convert: mine.keras exists already. Give another name, or pass --force to write over it.',
    );
    expect(run('convert', '--force', '--no-check', 'lstm.keras', 'mine.keras').stdout).toContain(
      '\nnot checked\nwritten  mine.keras',
    );
  });

  test('says in one line why it did not convert, in another where to read more, and writes nothing', () => {
    writeFileSync(join(folder, 'broken.keras'), 'PK');
    const before = readdirSync(folder);
    for (const input of ['broken.keras', 'nowhere.h5', 'nowhere', 'model.onnx']) {
      const { status, stdout, stderr } = run('convert', input, 'out.keras');
      expect(stderr).toMatch(/^\w+: .*\nhttps:.*troubleshooting\.md#[\w-]+\n$/);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  test('helps', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: tfjs-recurrent convert IN OUT\n/);
  });

  test.for([
    [[], 'tfjs-recurrent: expected convert IN OUT, received nothing.'],
    [
      ['convert', 'lstm.keras'],
      'tfjs-recurrent: expected convert IN OUT, received convert lstm.keras.',
    ],
    [['convert', '--fast', 'a', 'b'], "tfjs-recurrent: Unknown option '--fast'"],
  ] as [string[], string][])('shows how it is called after %j', ([words, message]) => {
    const { status, stderr } = run(...words);
    expect(status).toBe(2);
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr).toContain('Usage: tfjs-recurrent convert IN OUT');
  });
});
