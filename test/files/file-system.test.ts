import '@tensorflow/tfjs-backend-cpu';
import { copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FileError, reasonOf } from '../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../src/foundation/tensorflow.js';
import { fileSystem } from '../../src/node.js';
import { openFilesBelow } from './open-files.js';

let folder: string;

beforeAll(async () => {
  openDoor();
  await tf.setBackend('cpu');
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-test-'));
});

afterEach(async () => {
  expect(await openFilesBelow(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

function build(units = 4): tfl.Sequential {
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units, inputShape: [3], activation: 'relu' }),
      tfl.layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  return model;
}

const values = (model: tfl.LayersModel) =>
  model.getWeights().map((weight) => [...weight.dataSync()]);

async function failure(directory: string): Promise<string> {
  const error = await tfl.loadLayersModel(fileSystem(directory)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FileError);
  return reasonOf(error);
}

describe('fileSystem', () => {
  it('loads what it saved', async () => {
    const model = build();
    const { modelArtifactsInfo } = await model.save(fileSystem(folder));
    expect(modelArtifactsInfo.weightDataBytes).toBe(84);
    const loaded = await tfl.loadLayersModel(fileSystem(folder));
    expect(values(loaded)).toEqual(values(model));
    expect(loaded.layers.map((layer) => layer.name)).toEqual(model.layers.map(({ name }) => name));
  });

  it('keeps the optimizer when asked to', async () => {
    const model = build();
    await model.fit(tf.ones([8, 3]), tf.ones([8, 1]), { epochs: 2 });
    await model.save(fileSystem(folder), { includeOptimizer: true });
    const loaded = await tfl.loadLayersModel(fileSystem(folder));
    expect(loaded.optimizer.getClassName()).toBe('Adam');
    expect(loaded.optimizer.iterations).toBe(2);
  });

  it('writes what the stock loaders of TensorFlow.js read, here over HTTP', async () => {
    const model = build();
    await model.save(fileSystem(folder));
    const server = createServer(async (request, response) => {
      const body = await readFile(join(folder, request.url!)).catch(() => undefined);
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const { port } = server.address() as AddressInfo;
      const loaded = await tfl.loadLayersModel(`http://127.0.0.1:${port}/model.json`);
      expect(values(loaded)).toEqual(values(model));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('reads weights in shards and quantized, as the converter writes them', async () => {
    const model = build();
    await model.save(fileSystem(folder));
    const json = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
    const [group] = json.weightsManifest;
    const bytes = await readFile(join(folder, group.paths[0]));
    await writeFile(join(folder, 'group1-shard1of2.bin'), bytes.subarray(0, 50));
    await writeFile(join(folder, 'group1-shard2of2.bin'), bytes.subarray(50, 80));
    await writeFile(join(folder, 'group2-shard1of1.bin'), new Uint8Array([3]));
    const bias = {
      ...group.weights[3],
      quantization: { dtype: 'uint8', scale: 0.5, min: -1, original_dtype: 'float32' },
    };
    json.weightsManifest = [
      {
        paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
        weights: group.weights.slice(0, 3),
      },
      { paths: ['group2-shard1of1.bin'], weights: [bias] },
    ];
    await writeFile(join(folder, 'model.json'), JSON.stringify(json));
    const loaded = await tfl.loadLayersModel(fileSystem(folder));
    expect(values(loaded)).toEqual([...values(model).slice(0, 3), [0.5]]);
  });

  it('holds one model at a time, beside files of others', async () => {
    await writeFile(join(folder, 'tokenizer.json'), '{}');
    await writeFile(join(folder, 'weights-of-mine.bin'), '');
    for (const units of [2, 3, 4]) await build(units).save(fileSystem(folder));
    const names = await readdir(folder);
    expect(names).toHaveLength(4);
    expect(names).toContain('model.json');
    expect(names).toContain('tokenizer.json');
    expect(names).toContain('weights-of-mine.bin');
    expect((await tfl.loadLayersModel(fileSystem(folder))).countParams()).toBe(21);
  });

  it('saves in turn when called at once', async () => {
    const models = [2, 3, 4, 5].map(build);
    await Promise.all(models.map((model) => model.save(fileSystem(folder))));
    const loaded = await tfl.loadLayersModel(fileSystem(folder));
    expect(values(loaded)).toEqual(values(models[3]!));
    expect(await readdir(folder)).toHaveLength(2);
  });

  it('can be read while it is written', async () => {
    const models = [build(2), build(3)] as const;
    await models[0].save(fileSystem(folder));
    let done = false;
    const saving = (async () => {
      for (let index = 0; index < 30; index++) await models[index % 2]!.save(fileSystem(folder));
      done = true;
    })();
    let loads = 0;
    while (!done) {
      const loaded = await tfl.loadLayersModel(fileSystem(folder));
      expect(models.map((model) => model.countParams())).toContain(loaded.countParams());
      loads++;
    }
    await saving;
    expect(loads).toBeGreaterThan(0);
  });
});

describe('fileSystem names what is wrong', () => {
  const remedy = 'Save the model again with model.save(fileSystem(directory)).';

  it('no folder, or none with a model', async () => {
    for (const directory of [join(folder, 'none'), folder]) {
      expect(await failure(directory)).toBe(
        `fileSystem: there is no model.json in ${directory}. ` +
          'Pass the folder to which a model was saved.',
      );
    }
  });

  it('weights that are missing', async () => {
    await build().save(fileSystem(folder));
    const name = (await readdir(folder)).find((each) => each.endsWith('.bin'))!;
    await rm(join(folder, name));
    expect(await failure(folder)).toBe(
      `fileSystem: ${join(folder, name)} is missing, which model.json names. ${remedy}`,
    );
  });

  it('weights that are truncated, or those of another model', async () => {
    await build().save(fileSystem(folder));
    const name = (await readdir(folder)).find((each) => each.endsWith('.bin'))!;
    await truncate(join(folder, name), 80);
    expect(await failure(folder)).toBe(
      `fileSystem: ${join(folder, name)} must have 84 bytes, as model.json says, received 80. ` +
        `It is truncated or belongs to another model. ${remedy}`,
    );
    await copyFile(join(folder, 'model.json'), join(folder, name));
    expect(await failure(folder)).toContain('must have 84 bytes, as model.json says, received');
  });

  it('JSON that is not a model', async () => {
    const path = join(folder, 'model.json');
    const cases: [string, string][] = [
      ['{"modelTopology":{},"weig', 'is not JSON'],
      ['', 'is not JSON'],
      ['[]', 'is not a TensorFlow.js model: it must have modelTopology'],
      ['null', 'is not a TensorFlow.js model: it must have modelTopology'],
      [
        '{"class_name":"Sequential","config":[]}',
        'is not a TensorFlow.js model: it must have modelTopology',
      ],
      ['{"modelTopology":{}}', 'is not a TensorFlow.js model: it must have weightsManifest'],
      [
        '{"modelTopology":{},"weightsManifest":[{"paths":[1]}]}',
        'is not a TensorFlow.js model: it must have a weightsManifest that can be read',
      ],
    ];
    for (const [json, complaint] of cases) {
      await writeFile(path, json);
      expect(await failure(folder)).toBe(`fileSystem: ${path} ${complaint}. ${remedy}`);
    }
  });

  it('weights outside the folder', async () => {
    const path = join(folder, 'model.json');
    for (const name of ['../weights.bin', '/etc/passwd', 'C:\\weights.bin', 'a/../../b']) {
      const manifest = [{ paths: [name], weights: [] }];
      await writeFile(path, JSON.stringify({ modelTopology: {}, weightsManifest: manifest }));
      expect(await failure(folder)).toBe(
        `fileSystem: ${path} names weights outside its folder (${name}). ${remedy}`,
      );
    }
  });

  it('a folder that cannot be made, and the save after it goes through', async () => {
    await writeFile(join(folder, 'file'), '');
    const directory = join(folder, 'file', 'model');
    await expect(build().save(fileSystem(directory))).rejects.toThrow(
      `fileSystem: the model cannot be saved to ${directory} (ENOTDIR: not a directory). ` +
        'Check that the folder can be written to and that the disk is not full.',
    );
    expect(await readdir(folder)).toEqual(['file']);
    await rm(join(folder, 'file'));
    await build().save(fileSystem(directory));
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('a directory that is no path', () => {
    expect(() => fileSystem('')).toThrow(
      'fileSystem: directory must be the path of a folder, received "". ' +
        "For example fileSystem('runs/imdb').",
    );
  });
});
