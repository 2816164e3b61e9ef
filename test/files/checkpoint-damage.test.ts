import '@tensorflow/tfjs-backend-cpu';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readState } from '../../src/files/checkpoint-format.js';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import { checkpoint, restoreTrainingState, resume } from '../../src/node.js';
import { findMismatch } from '../../src/training/checkpoint.js';

const x = tf.tensor2d([0.1, 0.9, -0.4, 0.3, 0.8, -0.7, 0.5, 0.2], [4, 2]);
const y = tf.tensor2d([1, 0, 0, 1], [4, 1]);

/** A run of three epochs, of which the last two are kept, and a place for copies of it. */
let run: string;
let folder: string;
let before: tfl.LayersModel; // as it was after two epochs
let warned: string[];

function build(): tfl.Sequential {
  const model = tfl.sequential({
    layers: [tfl.layers.dense({ name: 'out', units: 1, inputShape: [2], activation: 'sigmoid' })],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

const bits = (model: tfl.LayersModel) =>
  model.getWeights().map((weight) => [...new Uint32Array(weight.dataSync().slice().buffer)]);

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
  run = await mkdtemp(join(tmpdir(), 'checkpoint-run-'));
  const callbacks = checkpoint(run, { keep: 2 });
  await build().fit(x, y, { epochs: 3, shuffle: false, callbacks });
  const older = join(run, 'older');
  await cp(join(run, 'epoch-0002'), join(older, 'epoch-0002'), { recursive: true });
  before = build();
  await resume(older, before);
  await rm(older, { recursive: true });
});

afterAll(async () => {
  await rm(run, { recursive: true });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-damage-'));
  await cp(run, folder, { recursive: true });
  warned = [];
  vi.spyOn(console, 'warn').mockImplementation((message: string) => warned.push(message));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const flip = (bytes: Uint8Array, bit: number) => {
  bytes[bit >> 3]! ^= 1 << (bit & 7);
};

const bitsOf = (bytes: Uint8Array, step = 1) =>
  Array.from({ length: Math.ceil((8 * bytes.length) / step) }, (_, index) => step * index);

async function filesOf(name: string) {
  const [json, data] = await Promise.all(
    ['state.json', 'state.bin'].map((file) => readFile(join(folder, name, file))),
  );
  return { 'state.json': json!, 'state.bin': data! };
}

/** Writes a file with every so manieth bit flipped, one at a time. */
async function* flips(path: string, step: number): AsyncGenerator<number> {
  const bytes = await readFile(path);
  for (const bit of bitsOf(bytes, step)) {
    flip(bytes, bit);
    await writeFile(path, bytes);
    flip(bytes, bit);
    yield bit;
  }
}

describe.each(['state.json', 'state.bin'])('a single bit of %s that has flipped', (name) => {
  it('is noticed, whichever it is', async () => {
    const { 'state.json': json, 'state.bin': data } = await filesOf('epoch-0003');
    const file = name === 'state.json' ? json : data;
    const missed = bitsOf(file).filter((bit) => {
      flip(file, bit);
      const found = readState(json, data, 3);
      flip(file, bit);
      return found !== name;
    });
    expect(missed).toEqual([]);
    expect(readState(json, data, 3)).toHaveProperty('header.epoch', 3);
  });

  it('makes a run go on from the checkpoint before, and the file is named', async () => {
    const path = join(folder, 'epoch-0003', name);
    for await (const bit of flips(path, 499)) {
      warned = [];
      const model = build();
      const resumed = await resume(folder, model);
      expect(resumed, `bit ${bit}`).toMatchObject({ epoch: 2, history: { epoch: [0, 1] } });
      expect(bits(model)).toEqual(bits(before));
      expect(model.optimizer.iterations).toBe(before.optimizer.iterations);
      expect(warned).toEqual([
        `resume: ${path} is cut short or altered. The run goes on from ${join(folder, 'epoch-0002')}.`,
      ]);
      expect(await readdir(folder)).toEqual(['epoch-0002']);
      await cp(join(run, 'epoch-0003'), join(folder, 'epoch-0003'), { recursive: true });
    }
  });

  it('of the only checkpoint is an error that names the file', async () => {
    await rm(join(folder, 'epoch-0002'), { recursive: true });
    const path = join(folder, 'epoch-0003', name);
    const model = build();
    const untouched = bits(model);
    for await (const _ of flips(path, 499)) {
      const error = await resume(folder, model).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FileError);
      expect(error).toHaveProperty('path', path);
      expect(reasonOf(error)).toBe(
        `resume: ${path} is cut short or altered, and there is no whole checkpoint before it. ` +
          `Empty ${folder} to start from the beginning.`,
      );
    }
    expect(bits(model)).toEqual(untouched);
    expect(await readdir(folder)).toEqual(['epoch-0003']);
  });
});

it('files of two checkpoints do not make one', async () => {
  for (const name of ['state.json', 'state.bin'] as const) {
    const newer = await filesOf('epoch-0003');
    const mixed = { ...newer, [name]: (await filesOf('epoch-0002'))[name] };
    expect(readState(mixed['state.json'], mixed['state.bin'], 3)).toBe(name);
  }
});

describe('a checkpoint whose header has no digest, as they once were', () => {
  /** Writes the checkpoint anew in the old form, with a header changed before. */
  async function writeOld(change: (header: Record<string, unknown>) => unknown = () => undefined) {
    const path = join(folder, 'epoch-0003', 'state.json');
    const { dataSha256, sha256, ...header } = JSON.parse(await readFile(path, 'utf8'));
    change(header);
    const data = await readFile(join(folder, 'epoch-0003', 'state.bin'));
    const digest = createHash('sha256').update(data).digest('hex');
    await writeFile(path, JSON.stringify({ ...header, sha256: digest }));
    return path;
  }

  it('is restored', async () => {
    const [expected, model] = [build(), build()];
    await resume(folder, expected);
    await writeOld();
    expect(await resume(folder, model)).toMatchObject({ epoch: 3, history: { epoch: [0, 1, 2] } });
    expect(bits(model)).toEqual(bits(expected));
    expect(warned).toEqual([]);
  });

  it.each([
    ['a format', { format: 'tfjs-recurrent training statf' }],
    ['a version', { version: 3 }],
    ['an epoch', { epoch: 2 }],
    ['no epoch', { epoch: undefined }],
    ['a history', { history: { epoch: [0, 1, 2], history: { loss: [null] } } }],
    ['no history', { history: null }],
    ['numbers of an optimizer', { optimizer: { className: 'Adam', iterations: -1 } }],
    ['random states', { random: [{ layer: 'dropout' }] }],
    ['a list of tensors', { tensors: {} }],
    ['a kind of tensor', { tensors: [{ kind: 'weighs', name: 'a', shape: [], dtype: 'int32' }] }],
    ['a size', { tensors: [{ kind: 'weight', name: 'a', shape: [1e9], dtype: 'int32' }] }],
  ])('is passed over where it cannot have such %s', async (_, fields) => {
    const path = await writeOld((header) => Object.assign(header, fields));
    expect(await resume(folder, build())).toMatchObject({ epoch: 2 });
    expect(warned).toEqual([expect.stringContaining(`${path} is cut short or altered.`)]);
  });

  it('never ends in an error that is not ours, whichever bit has flipped', async () => {
    await writeOld();
    const model = build();
    const { 'state.json': json, 'state.bin': data } = await filesOf('epoch-0003');
    for (const bit of bitsOf(json)) {
      flip(json, bit);
      const state = readState(json, data, 3);
      if (typeof state !== 'string') {
        try {
          if (findMismatch(model, state.header) === undefined) restoreTrainingState(model, state);
        } catch (error) {
          expect.fail(`bit ${bit}: ${error}`);
        }
      }
      flip(json, bit);
    }
  });
});
