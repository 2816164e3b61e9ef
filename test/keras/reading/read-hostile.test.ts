import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { tf } from '../../../src/foundation/tensorflow.js';
import { loadKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { bytesOf, type KerasInput, textOf } from './read-files.js';
import { writeHdf5 } from '../../../src/keras/writing/write-hdf5.js';

beforeAll(() => useBackend('cpu', false));

const weights = bytesOf('lstm.weights_legacy.h5');
const architecture = textOf('lstm.keras3.json');
const utf8 = (text: string) => new TextEncoder().encode(text);

/** The message, and that no tensor was made on the way to it. */
async function refusal(input: unknown): Promise<string> {
  const before = tf.memory().numTensors;
  const error = await loadKerasModel(input as KerasInput).then(
    () => new Error('nothing was thrown'),
    (thrown: Error) => thrown,
  );
  expect(tf.memory().numTensors).toBe(before);
  return reasonOf(error);
}

/** The article's architecture with a change somewhere. */
function changed(
  change: (model: { config: { layers: Layer[] } } & Record<string, unknown>) => void,
) {
  const model = JSON.parse(architecture);
  change(model);
  return { json: JSON.stringify(model), weights };
}
interface Layer {
  class_name: string;
  module: string;
  registered_name: string | null;
  config: Record<string, unknown>;
}

describe('an archive', () => {
  const member = { 'config.json': utf8(architecture), 'model.weights.h5': weights };

  it('that holds more than is plausible is not inflated', async () => {
    const bomb = zipSync({ ...member, 'config.json': new Uint8Array(2 ** 25) }, { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(bomb)).toMatch(
      /^loadKerasModel: the archive of \d+ bytes would unfold into \d+, more than is plausible\. /,
    );
  });

  it('that lies about a size does not inflate beyond it', async () => {
    const bomb = zipSync({ ...member, 'config.json': new Uint8Array(2 ** 23) }, { level: 9 });
    const view = new DataView(bomb.buffer, bomb.byteOffset);
    const entry = view.getUint32(bomb.length - 22 + 16, true);
    view.setUint32(entry + 24, 100, true);
    expect(await refusal(bomb)).toMatch(
      /^loadKerasModel: the \.keras archive is damaged: config\.json (has changed since it was written|cannot be inflated)\./,
    );
  });

  it.each(['../evil.txt', 'a/../../evil.txt', '/etc/evil', 'C:\\evil', '..\\evil'])(
    'with the member %s is refused whole',
    async (name) => {
      expect(await refusal(zipSync({ ...member, [name]: utf8('x') }))).toBe(
        `loadKerasModel: the members of an archive must stay inside it, received ${JSON.stringify(name)}. ` +
          'This archive was not written by Keras; do not trust it.',
      );
    },
  );

  it('whose member has changed by a bit is refused', async () => {
    const archive = bytesOf('lstm.keras');
    archive[archive.length - 4000]! ^= 1; // in the weights, which nothing else would notice
    expect(await refusal(archive)).toBe(
      'loadKerasModel: the .keras archive is damaged: model.weights.h5 has changed since it was written. ' +
        'Copy or download it again, or save it once more in Keras.',
    );
  });

  it('that is cut off says so', async () => {
    expect(await refusal(bytesOf('lstm.keras').slice(0, 30_000))).toBe(
      'loadKerasModel: the .keras archive is damaged: its end is missing. ' +
        'Copy or download it again, or save it once more in Keras.',
    );
  });

  it('that is compressed, as Keras does not, is read all the same', async () => {
    const model = await loadKerasModel(zipSync(member, { level: 6 }));
    expect(model.layers.length).toBe(6);
    model.dispose();
    model.optimizer.dispose();
  });

  it('without weights says what should be there', async () => {
    expect(await refusal(zipSync({ 'config.json': utf8(architecture) }))).toBe(
      'loadKerasModel: the archive must hold config.json and model.weights.h5 and does not. ' +
        "Save the model as one file in Keras: model.save('model.keras').",
    );
  });
});

describe('an HDF5 file', () => {
  it('that is cut off says so', async () => {
    const message = await refusal(bytesOf('lstm.model_legacy.h5').slice(0, 9000));
    expect(message).toBe(
      'loadKerasModel: the HDF5 file is damaged: a part of it would lie beyond its 9000 bytes. ' +
        'Copy or download it again, or save it once more in Keras.',
    );
  });

  it('with weights of another shape names the weight', async () => {
    const json = changed((model) => {
      model.config.layers[3]!.config.units = 9;
    });
    expect(await refusal(json)).toBe(
      'loadKerasModel: sequential/lstm (LSTM) must have a kernel of shape [8, 36], received [8, 32]. ' +
        'Architecture and weights should come from the same model.',
    );
  });

  it.each([1e9, 2 ** 40, Number.MAX_SAFE_INTEGER])(
    'cannot make a layer of %s units come true',
    async (units) => {
      const json = changed((model) => {
        model.config.layers[4]!.config.units = units;
      });
      expect(await refusal(json)).toMatch(
        /^loadKerasModel: sequential\/dense \(Dense\) would take \d+ values for one sample, more than 134217728\./,
      );
    },
  );

  it('cannot have the same numbers loaded many times over', async () => {
    const [layers, size] = [50, 100];
    const dense = (i: number) => ({
      class_name: 'Dense',
      config: {
        ...{ name: `dense_${i}`, units: size, use_bias: false },
        ...(i === 0 && { batch_input_shape: [null, size] }),
      },
    });
    const json = JSON.stringify({
      class_name: 'Sequential',
      config: Array.from({ length: layers }, (_, i) => dense(i)),
      keras_version: '2.1.6',
    });
    const kernel = { shape: [size, size], values: new Float32Array(size * size) };
    const file = await writeHdf5({
      attributes: { layer_names: Array.from({ length: layers }, () => 'one') },
      groups: { one: { attributes: { weight_names: ['kernel'] }, datasets: { kernel } } },
    });
    expect(await refusal({ json, weights: file })).toBe(
      `loadKerasModel: the weights of ${4 * layers * size * size} bytes cannot all be in a file of ${file.length}. ` +
        'The file was not written by Keras.',
    );
  });
});

describe('JSON', () => {
  it('with __proto__ is refused, and changes nothing', async () => {
    const json = architecture.replace('"trainable": true', '"__proto__": {"polluted": true}');
    expect(await refusal({ json, weights })).toBe(
      'loadKerasModel: the architecture must not have the key __proto__. ' +
        'It should be what model.to_json() of Keras returns.',
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'with the class %s means no class of JavaScript',
    async (name) => {
      const json = changed((model) => {
        model.config.layers[4]!.class_name = name;
      });
      expect(await refusal(json)).toContain(
        `loadKerasModel: sequential/dense (${name}) is of a class that cannot be loaded here. These can: Activation, `,
      );
    },
  );

  it('that nests deeply is refused', async () => {
    const json = `{"class_name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(await refusal({ json, weights })).toBe(
      'loadKerasModel: the architecture must be nested at most 100 deep. ' +
        'It should be what model.to_json() of Keras returns.',
    );
  });

  it('of thousands of layers is refused', async () => {
    const json = changed((model) => {
      const { layers } = model.config;
      model.config.layers = Array.from({ length: 3000 }, () => layers[2]!);
    });
    expect(await refusal(json)).toBe(
      'loadKerasModel: the architecture must have at most 2000 layers, received 3000. ' +
        'The architecture should be what model.to_json() of Keras returns.',
    );
  });

  it('with a Lambda is refused; its Python code is never run', async () => {
    const json = changed((model) => {
      model.config.layers[4] = {
        class_name: 'Lambda',
        module: 'keras.layers',
        registered_name: null,
        config: {
          name: 'lambda',
          function: { class_name: '__lambda__', config: { code: '4wEA' } },
        },
      };
    });
    expect(await refusal(json)).toBe(
      'loadKerasModel: sequential/lambda (Lambda) is of a class that cannot be loaded here. ' +
        'A Lambda holds Python code, which is never run here. Use other layers instead.',
    );
  });
});
