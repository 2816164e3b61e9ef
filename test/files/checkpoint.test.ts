import '@tensorflow/tfjs-backend-cpu';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import { checkpoint, fitWithSeed, resume } from '../../src/node.js';
import { openFilesBelow } from './open-files.js';

let folder: string;
const x = tf.tensor2d([0.1, 0.9, -0.4, 0.3, 0.8, -0.7, 0.5, 0.2], [4, 2]);
const y = tf.tensor2d([1, 0, 0, 1], [4, 1]);

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-test-'));
});

afterEach(async () => {
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

function build(units = 2): tfl.Sequential {
  const kernelInitializer = tfl.initializers.glorotUniform({ seed: 1 });
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ name: 'hidden', units, inputShape: [2], kernelInitializer }),
      tfl.layers.dense({ name: 'out', units: 1, kernelInitializer }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['accuracy'] });
  return model;
}

function train(
  model: tfl.LayersModel,
  initialEpoch: number,
  epochs: number,
  callbacks?: tfl.Callback,
): Promise<tfl.History> {
  const options = { initialEpoch, epochs, batchSize: 2, shuffle: false };
  return model.fit(x, y, callbacks ? { ...options, callbacks: [callbacks] } : options);
}

const values = (model: tfl.LayersModel) =>
  model.getWeights().map((weight) => [...weight.dataSync()]);

describe('checkpoint', () => {
  it('saves after each epoch, names the epochs done, and keeps the newest three', async () => {
    await train(build(), 0, 5, checkpoint(folder));
    expect(await readdir(folder)).toEqual(['epoch-0003', 'epoch-0004', 'epoch-0005']);
  });

  it('saves as often and keeps as many as it is told', async () => {
    await train(build(), 0, 9, checkpoint(folder, { every: 2, keep: 2 }));
    expect(await readdir(folder)).toEqual(['epoch-0006', 'epoch-0008']);
  });

  it('makes its folder', async () => {
    await train(build(), 0, 1, checkpoint(join(folder, 'runs', 'a')));
    expect(await readdir(join(folder, 'runs', 'a'))).toEqual(['epoch-0001']);
  });

  it('refuses to write before the checkpoints of a longer run', async () => {
    await train(build(), 0, 2, checkpoint(folder));
    const path = join(folder, 'epoch-0002');
    await expect(train(build(), 0, 2, checkpoint(folder))).rejects.toThrow(
      `checkpoint: ${path} is ahead of this run, which starts with initialEpoch 0. ` +
        'Call resume(directory, model) and pass its epoch as initialEpoch, or choose an empty folder.',
    );
    expect(await readdir(folder)).toEqual(['epoch-0001', 'epoch-0002']);
  });

  it('does not take an epoch for done that was stopped halfway', async () => {
    const model = build();
    const stop = new tfl.CustomCallback({
      onBatchEnd: (batch) => {
        if (model.optimizer.iterations === 5 && batch === 0) model.stopTraining = true;
      },
    });
    const callbacks = [checkpoint(folder), stop];
    await model.fit(x, y, { epochs: 4, batchSize: 2, shuffle: false, callbacks });
    expect(model.optimizer.iterations).toBe(5);
    expect(await readdir(folder)).toEqual(['epoch-0001', 'epoch-0002']);
  });

  it('takes an epoch for done after which training was stopped', async () => {
    const model = build();
    const stop = new tfl.CustomCallback({
      onEpochEnd: (epoch) => {
        if (epoch === 1) model.stopTraining = true;
      },
    });
    const callbacks = [stop, checkpoint(folder)];
    await model.fit(x, y, { epochs: 4, batchSize: 2, shuffle: false, callbacks });
    expect(await readdir(folder)).toEqual(['epoch-0001', 'epoch-0002']);
  });

  it('works in model.fitDataset', async () => {
    const next = async () => ({ value: { xs: x.clone(), ys: y.clone() }, done: false });
    const dataset = { iterator: async () => ({ next }) };
    await build().fitDataset(dataset as unknown as Parameters<tfl.LayersModel['fitDataset']>[0], {
      epochs: 2,
      batchesPerEpoch: 2,
      callbacks: [checkpoint(folder)] as unknown as tfl.CustomCallbackArgs[],
    });
    expect(await readdir(folder)).toEqual(['epoch-0001', 'epoch-0002']);
  });

  it('leaves no tensor behind', async () => {
    const model = build();
    await train(model, 0, 1);
    const before = tf.memory().numTensors;
    await train(model, 1, 4, checkpoint(folder));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses options that make no sense, and a folder that is a file', async () => {
    expect(() => checkpoint('')).toThrow(
      'checkpoint: directory must be the path of a folder, received "". ' +
        "For example checkpoint('runs/imdb/checkpoints').",
    );
    expect(() => checkpoint(folder, { every: 0 })).toThrow(
      'checkpoint: every must be a positive integer, received 0.',
    );
    expect(() => checkpoint(folder, { keep: 1.5 })).toThrow(
      'checkpoint: keep must be a positive integer, received 1.5.',
    );
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(train(build(), 0, 1, checkpoint(path))).rejects.toThrow(
      `checkpoint: ${path} cannot be read (ENOTDIR: not a directory). ` +
        'Check that its folder can be read and written and that the disk is not full.',
    );
  });

  it('says so when an object of functions before it keeps the model from it', async () => {
    const callbacks = [{ onEpochEnd: () => undefined }, checkpoint(folder)];
    const options = { epochs: 1, callbacks: callbacks as tfl.CustomCallbackArgs[] };
    await expect(build().fit(x, y, options)).rejects.toThrow(
      'checkpoint: model.fit must be given callback objects only. ' +
        'Wrap the others in new tfl.CustomCallback({ … }), or train with fitWithSeed.',
    );
  });
});

describe('resume', () => {
  it('goes on as if the run had never stopped, with one history', async () => {
    const whole = build();
    const { history } = await train(whole, 0, 7);

    await train(build(), 0, 4, checkpoint(folder));
    const model = build();
    const resumed = await resume(folder, model);
    expect(resumed?.epoch).toBe(4);
    await train(model, 4, 7, checkpoint(folder));
    expect(values(model)).toEqual(values(whole));

    const last = await resume(folder, build());
    expect(last).toEqual({ epoch: 7, history: { epoch: [0, 1, 2, 3, 4, 5, 6], history } });
  });

  it('goes on with the order of samples of fitWithSeed', async () => {
    const options = { batchSize: 2, seed: 3 };
    const whole = build();
    await fitWithSeed(whole, x, y, { ...options, epochs: 6 });

    await fitWithSeed(build(), x, y, { ...options, epochs: 3, callbacks: checkpoint(folder) });
    const model = build();
    const { epoch } = (await resume(folder, model))!;
    await fitWithSeed(model, x, y, { ...options, initialEpoch: epoch, epochs: 6 });
    expect(values(model)).toEqual(values(whole));
  });

  it('is null where there is nothing to resume', async () => {
    expect(await resume(folder, build())).toBeNull();
    expect(await resume(join(folder, 'none'), build())).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  it('clears what killed processes left', async () => {
    const dead = 2 ** 22 + 1;
    await train(build(), 0, 2, checkpoint(folder));
    const leftover = join(folder, `.epoch-0003.${dead}-0123456789ab.tmp`);
    await mkdir(leftover);
    await writeFile(join(leftover, 'state.bin'), 'half');
    expect((await resume(folder, build()))?.epoch).toBe(2);
    expect(await readdir(folder)).toEqual(['epoch-0001', 'epoch-0002']);

    const only = join(folder, 'only');
    await cp(join(folder, 'epoch-0001'), join(only, `.epoch-0001.${dead}-0123456789ab.tmp`), {
      recursive: true,
    });
    expect(await resume(only, build())).toBeNull();
    expect(await readdir(only)).toEqual([]);
  });

  it('goes back to the newest whole checkpoint when later ones are damaged', async () => {
    const model = build();
    await train(model, 0, 1, checkpoint(folder, { keep: 9 }));
    const expected = values(model);
    await train(model, 1, 5, checkpoint(folder, { keep: 9 }));
    await truncate(join(folder, 'epoch-0005', 'state.bin'), 10);
    await truncate(join(folder, 'epoch-0004', 'state.json'), 30);
    await rm(join(folder, 'epoch-0003', 'state.json'));
    const bytes = await readFile(join(folder, 'epoch-0002', 'state.bin'));
    bytes[7]! ^= 1;
    await writeFile(join(folder, 'epoch-0002', 'state.bin'), bytes);

    const resumed = build();
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect((await resume(folder, resumed))?.epoch).toBe(1);
    expect(values(resumed)).toEqual(expected);
    const goesOn = `The run goes on from ${join(folder, 'epoch-0001')}.`;
    expect(warned.mock.calls.map(([message]) => message)).toEqual([
      `resume: ${join(folder, 'epoch-0005', 'state.bin')} is cut short or altered. ${goesOn}`,
      `resume: ${join(folder, 'epoch-0004', 'state.json')} is cut short or altered. ${goesOn}`,
      `resume: ${join(folder, 'epoch-0003', 'state.json')} is missing. ${goesOn}`,
      `resume: ${join(folder, 'epoch-0002', 'state.bin')} is cut short or altered. ${goesOn}`,
    ]);
    warned.mockRestore();
    expect(await readdir(folder)).toEqual(['epoch-0001']);
    await train(resumed, 1, 3, checkpoint(folder));
    expect(await readdir(folder)).toEqual(['epoch-0001', 'epoch-0002', 'epoch-0003']);
  });

  it('says so when no checkpoint is whole, and removes none', async () => {
    await train(build(), 0, 1, checkpoint(folder));
    await truncate(join(folder, 'epoch-0001', 'state.bin'), 10);
    const path = join(folder, 'epoch-0001', 'state.bin');
    await expect(resume(folder, build())).rejects.toThrow(
      `resume: ${path} is cut short or altered, and there is no whole checkpoint before it. ` +
        `Empty ${folder} to start from the beginning.`,
    );
    expect(await readdir(folder)).toEqual(['epoch-0001']);
  });

  it('refuses the checkpoint of another model before it changes anything', async () => {
    await train(build(2), 0, 1, checkpoint(folder));
    const other = build(3);
    const before = values(other);
    const path = join(folder, 'epoch-0001');
    const error = await resume(folder, other).then(
      () => undefined,
      (reason: unknown) => reason as FileError,
    );
    expect(error).toBeInstanceOf(FileError);
    expect(reasonOf(error)).toBe(
      `resume: ${path} must come from a model like this one, but it has hidden/kernel [2, 2] ` +
        'where the model has hidden/kernel [2, 3]. ' +
        'Build and compile the model as in that run, or choose an empty folder.',
    );
    expect(values(other)).toEqual(before);
    expect(await readdir(folder)).toEqual(['epoch-0001']);
  });

  it('refuses a model that is none', async () => {
    await expect(resume(folder, {} as tfl.LayersModel)).rejects.toThrow(
      'resume: model must be a model of tf.layers, received {  }.',
    );
  });
});
