import { beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { openZip } from '../../../src/keras/zip.js';
import { expectClose } from '../../kernels/kernels.js';
import { useBackend } from '../../layers/golden.js';
import { bytesOf, textOf } from './read-files.js';
import { predict } from './read-small.js';

beforeAll(() => useBackend('cpu', false));

const FILES = ['embedding', 'masking'] as const;
type File = (typeof FILES)[number];

const bytes = (file: File) => bytesOf(`../masked/${file}.keras`);

interface Written {
  class_name: string;
  name: string;
  config: { [key: string]: unknown };
  inbound_nodes: { args: unknown[]; kwargs: { mask?: unknown } }[];
}

interface Config {
  layers: Written[];
  output_layers: unknown;
}

const tensor = (layer: string) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 6], dtype: 'bool', keras_history: [layer, 0, 0] },
});

/** A file whose architecture has been changed after Keras wrote it. */
async function tampered(file: File, change: (config: Config, find: Find) => void) {
  const zip = openZip(bytes(file));
  const model = JSON.parse(new TextDecoder().decode(await zip.read('config.json')));
  const { config } = model as { config: Config };
  change(config, (className) => config.layers.filter((layer) => layer.class_name === className));
  return { json: JSON.stringify(model), weights: await zip.read('model.weights.h5') };
}

type Find = (className: string) => Written[];

/** The only use of the first layer of a class. */
const use = (layers: Written[]) => layers[0]!.inbound_nodes[0]!;

describe('the masks that Keras 3 writes into a functional model as operations', () => {
  it.each(FILES)('are those that TensorFlow.js computes by itself: %s', async (file) => {
    const model = await loadKerasModel(bytes(file));
    const { inputs, predictions } = JSON.parse(textOf(`../masked/${file}.io.json`));
    const [output] = predict(model, tf.tensor(inputs));
    expectClose('predictions', output!.dataSync(), predictions.flat(), 1e-6);
    const names = model.layers.map(({ name }) => name);
    expect(names.some((name) => /not_equal|any/.test(name))).toBe(false);
  });

  it.each(FILES)('may be left out of the calls: %s', async (file) => {
    const changed = await tampered(file, (_, find) => {
      for (const { inbound_nodes } of find('LSTM')) delete inbound_nodes[0]!.kwargs.mask;
    });
    const { inputs, predictions } = JSON.parse(textOf(`../masked/${file}.io.json`));
    const [output] = predict(await loadKerasModel(changed), tf.tensor(inputs));
    expectClose('predictions', output!.dataSync(), predictions.flat(), 1e-6);
  });

  const other = (layer: string, mask: string) =>
    `loadKerasModel: ${layer} (LSTM) is called with a mask that is not the one of its input, which ` +
    `cannot be had here, received "${mask}". ` +
    'Leave the argument mask out where Keras finds the mask of the input by itself.';

  it.each<[string, File, string, (config: Config, find: Find) => void]>([
    [
      'a token other than 0',
      'embedding',
      other('embedding/first', 'not_equal'),
      (_, find) => {
        use(find('NotEqual')).args[1] = 5;
      },
    ],
    [
      'an Embedding that makes none',
      'embedding',
      other('embedding/first', 'not_equal'),
      (_, find) => {
        find('Embedding')[0]!.config.mask_zero = false;
      },
    ],
    [
      'another tensor than the tokens',
      'embedding',
      other('embedding/first', 'not_equal'),
      (_, find) => {
        use(find('NotEqual')).args[0] = tensor('words');
      },
    ],
    [
      'a layer that is no operation',
      'embedding',
      other('embedding/first', 'tokens'),
      (_, find) => {
        use(find('LSTM')).kwargs.mask = tensor('tokens');
      },
    ],
    [
      'steps with another value than the Masking layer has',
      'masking',
      other('masking/read', 'any'),
      (_, find) => {
        use(find('NotEqual')).args[1] = 0;
      },
    ],
    [
      'single features instead of whole steps',
      'masking',
      other('masking/read', 'not_equal'),
      (_, find) => {
        use(find('LSTM')).kwargs.mask = tensor('not_equal');
      },
    ],
  ])('are refused when they are of %s', async (_, file, message, change) => {
    await expect(loadKerasModel(await tampered(file, change))).rejects.toThrow(message);
  });

  const more = (operation: string) =>
    `loadKerasModel: ${operation} is an operation that is more than the mask of an Embedding or ` +
    `Masking layer. Operations of keras.ops between layers cannot be loaded.`;

  it.each<[string, File, string, (config: Config, find: Find) => void]>([
    [
      'the input of a layer',
      'embedding',
      more('embedding/not_equal (NotEqual)'),
      (_, find) => {
        use(find('Embedding')).args[0] = tensor('not_equal');
      },
    ],
    [
      'an output of the model',
      'embedding',
      more('embedding/not_equal (NotEqual)'),
      (config) => {
        config.output_layers = [
          ['scores', 0, 0],
          ['not_equal', 0, 0],
        ];
      },
    ],
    [
      'a comparison of two tensors',
      'embedding',
      'loadKerasModel: embedding/not_equal (NotEqual) is an operation that is more than the mask',
      (_, find) => {
        use(find('NotEqual')).args[1] = tensor('tokens');
      },
    ],
    [
      'a question along another axis',
      'masking',
      'loadKerasModel: masking/any (Any) is an operation that is more than the mask',
      (_, find) => {
        find('Any')[0]!.config.axis = 1;
      },
    ],
  ])('are refused when they are used as %s', async (_, file, message, change) => {
    await expect(loadKerasModel(await tampered(file, change))).rejects.toThrow(message);
  });
});
