import { strToU8, zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadKerasModel } from '../../../src/index.js';
import { writeHdf5 } from '../../../src/keras/writing/write-hdf5.js';
import { useBackend } from '../../layers/golden.js';
import { bytesOf, textOf } from './read-files.js';
import { alone, DENSE, legacyWeights } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n';
const PAGE = '\n\n<!DOCTYPE html>\n<html lang="en"><head><title>model.h5 at main</title>';
const GIVEN = 'loadKerasModel: the file must be a .keras archive or an HDF5 file and is ';
const ascii = (text: string) => strToU8(text, true);
const padded = (...start: number[]) => Uint8Array.from({ length: 64 }, (_, i) => start[i] ?? 0);

describe('what is no file of Keras is named, with what to do:', () => {
  // The bytes are the first ones of files that the programs have written.
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'empty. Copy or download it again.'],
    [
      'a pointer of Git LFS',
      ascii(LFS),
      'a pointer of Git LFS, which stands for the model and does not hold it. Run git lfs pull in the repository, or download the file itself.',
    ],
    [
      'a page that was saved as .h5',
      ascii(PAGE),
      'a web page. Download the file itself, by the link that says raw or download.',
    ],
    [
      "a server's answer",
      ascii('404: Not Found'),
      'a text that begins "404: Not Found". Copy or download the model again.',
    ],
    [
      'a pickle',
      Uint8Array.of(0x80, 4, 0x95, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0x7d, 0x94),
      'a pickle of Python (pickle or joblib), which only Python can run. In Python, load it and save it for Keras: ',
    ],
    [
      'an old file of PyTorch',
      Uint8Array.of(
        0x80,
        2,
        0x8a,
        0x0a,
        0x6c,
        0xfc,
        0x9c,
        0x46,
        0xf9,
        0x20,
        0x6a,
        0xa8,
        0x50,
        0x19,
      ),
      'a model of PyTorch. ',
    ],
    ['TensorFlow Lite', padded(0x1c, 0, 0, 0, ...ascii('TFL3')), 'a model of TensorFlow Lite. '],
    [
      'a SavedModel',
      padded(0x08, 0x01, 0x12, 0xe0, 0xa1, 0x02),
      'saved_model.pb of a SavedModel of TensorFlow. In Python, tf.keras.models.load_model(folder) and ',
    ],
    ['ONNX', padded(0x08, 0x08, 0x12, 0x07, ...ascii('pytorch')), 'a model of ONNX. '],
    [
      'a frozen graph',
      padded(0x0a, 0x2c, 0x0a, 0x01, 0x78, 0x12, 0x0b, ...ascii('Placeholder')),
      'a frozen graph of TensorFlow. ',
    ],
    [
      'the index of a checkpoint',
      Uint8Array.of(0, 0, 0, 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb),
      'a checkpoint of TensorFlow, which holds weights alone. ',
    ],
    [
      'gzip',
      padded(0x1f, 0x8b, 8),
      'compressed by gzip. Unpack it, and pass the .keras or .h5 file',
    ],
    ['an array of NumPy', padded(0x93, ...ascii('NUMPY')), 'an array of NumPy. '],
    [
      'a model.json',
      ascii('{"format": "layers-model", "modelTopology": {"class_name": "Model"}}'),
      "a model.json of TensorFlow.js's. Load it by tf.loadLayersModel, ",
    ],
    [
      'a tokenizer',
      ascii('{"class_name": "Tokenizer", "config": {"num_words": null}}'),
      'a Tokenizer of Keras. Read it by tokenizerFromJson.',
    ],
    [
      'an architecture',
      ascii(textOf('lstm.keras3.json')),
      'the architecture of a model without its weights. Pass { json, weights }, ',
    ],
    [
      'an architecture in YAML',
      ascii('backend: tensorflow\nclass_name: Sequential\nconfig:\n- class_name: LSTM\n'),
      'the architecture of a model as YAML. ',
    ],
  ])('%s', async (_, bytes, message) => {
    await expect(loadKerasModel(bytes)).rejects.toThrow(GIVEN + message);
  });

  const empty = new Uint8Array(4);
  it.each<[string, Record<string, Uint8Array>, string]>([
    ['of PyTorch', { 'model/data.pkl': empty, 'model/version': empty }, 'a model of PyTorch'],
    ['of a SavedModel', { 'sm/saved_model.pb': empty }, 'a SavedModel of TensorFlow'],
    ['of NumPy', { 'arr_0.npy': empty }, 'an archive of NumPy'],
    ['with an .h5', { 'best/model.h5': empty }, 'an archive with best/model.h5 in it'],
    [
      'packed with its folder',
      { 'm/config.json': empty, 'm/model.weights.h5': empty },
      'a .keras archive whose members are in a folder',
    ],
  ])('an archive %s', async (_, members, what) => {
    await expect(loadKerasModel(zipSync(members, { level: 0 }))).rejects.toThrow(
      `loadKerasModel: the archive must hold config.json and model.weights.h5 and is ${what}. `,
    );
  });

  it('an HDF5 file of data', async () => {
    const data = { x_train: { shape: [2], values: new Float32Array(2) } };
    await expect(loadKerasModel(await writeHdf5({ datasets: data }))).rejects.toThrow(
      'loadKerasModel: the HDF5 file holds neither a model of Keras nor its weights, received ["x_train"]. ',
    );
  });

  const weights = bytesOf('lstm.weights.h5');
  it.each<[string, string, string]>([
    ['a pointer', LFS, 'the architecture must be JSON and is a pointer of Git LFS, '],
    ['a page', PAGE, 'the architecture must be JSON and is a web page. '],
    [
      'a model.json',
      '{"modelTopology": {"class_name": "Model"}, "weightsManifest": []}',
      "the architecture must be that of a model of Keras and is a model.json of TensorFlow.js's. ",
    ],
    [
      'a tokenizer',
      '{"class_name": "Tokenizer", "config": {}}',
      'the architecture must be that of a model of Keras and is a Tokenizer of Keras. ',
    ],
    [
      'half an architecture',
      textOf('lstm.keras3.json').slice(0, 500),
      'the architecture must be JSON, received ',
    ],
  ])('%s as an architecture', async (_, json, message) => {
    await expect(loadKerasModel({ json, weights })).rejects.toThrow(`loadKerasModel: ${message}`);
  });

  it.each<[string, Uint8Array, string]>([
    ['a pointer', ascii(LFS), 'a pointer of Git LFS, '],
    [
      'a .keras',
      bytesOf('lstm.keras'),
      'an archive of zip. If it is a .keras file, pass it alone.',
    ],
  ])('%s as weights', async (_, bytes, what) => {
    await expect(
      loadKerasModel({ json: textOf('lstm.keras3.json'), weights: bytes }),
    ).rejects.toThrow(`loadKerasModel: the weights must be an HDF5 file and is ${what}`);
  });
});

describe('a model of Keras 1 is named as one:', () => {
  const remedy = 'Open it in Keras 2.2, which still reads Keras 1, and save the model again there.';
  const lstm = { output_dim: 3, inner_activation: 'hard_sigmoid', activation: 'tanh' };

  it('by its version', async () => {
    const { file } = await legacyWeights({ one: [[3, 2]] });
    const json = alone('LSTM', lstm, '1.2.2');
    await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
      `loadKerasModel: the file must be of Keras 2 or 3 and is of Keras 1.2.2, whose layers and weights are written otherwise. ${remedy}`,
    );
  });

  it('by its settings, where it names no version', async () => {
    const { file } = await legacyWeights({ one: [[3, 2]] });
    const layers = [{ class_name: 'LSTM', config: { name: 'one', ...lstm } }];
    for (const config of [layers, { layers }]) {
      const json = JSON.stringify({ class_name: 'Sequential', config });
      await expect(loadKerasModel({ json, weights: file })).rejects.toThrow(
        `loadKerasModel: the file must be of Keras 2 or 3 and is of Keras 1 or older, as the setting inner_activation shows, whose layers and weights are written otherwise. ${remedy}`,
      );
    }
  });

  it('but not a model of Keras 2 that names no version', async () => {
    const { file } = await legacyWeights({ one: [[3, 2], [2]] });
    const { keras_version: _, ...json } = JSON.parse(alone('Dense', DENSE, '', [null, 3] as never));
    const model = await loadKerasModel({ json: JSON.stringify(json), weights: file });
    expect(model.countParams()).toBe(8);
    model.dispose();
  });
});
