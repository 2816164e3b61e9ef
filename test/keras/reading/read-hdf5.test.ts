import { beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { openHdf5 } from '../../../src/keras/hdf5/hdf5-file.js';
import { bytesOf } from './read-files.js';

type H5wasm = typeof import('h5wasm');
let h5wasm: H5wasm;
let files: { readFile(name: string): Uint8Array; unlink(name: string): void };

beforeAll(async () => {
  h5wasm = await import('h5wasm');
  files = ((await h5wasm.ready) as unknown as { FS: typeof files }).FS;
});

/** What the HDF5 library writes. */
function written(libver: string, fill: (file: InstanceType<H5wasm['File']>) => void): Uint8Array {
  const file = new h5wasm.File('written.h5', 'w', { libver } as never);
  fill(file);
  file.close();
  const bytes = files.readFile('written.h5');
  files.unlink('written.h5');
  return bytes;
}

describe.each(['v108', 'v110', 'v112', 'v114', 'latest'])(
  'a file that the HDF5 library writes for %s',
  (libver) => {
    it.each([0, 1, 8, 9, 60, 700])('has its %i datasets by name', (count) => {
      const bytes = written(libver, (file) => {
        for (let i = 0; i < count; i++) {
          const data = new Float32Array([i, -i]);
          file.create_dataset({ name: `array ${i}`, data, shape: [1, 2], dtype: '<f' });
        }
      });
      const root = openHdf5(bytes);
      expect(root.names().sort()).toEqual(
        Array.from({ length: count }, (_, i) => `array ${i}`).sort(),
      );
      for (let i = 0; i < count; i++) {
        const array = root.get(`array ${i}`)!.array()!;
        expect([array.shape, [...array.read()]]).toEqual([
          [1, 2],
          [i, -i],
        ]);
      }
      expect(root.get('array')).toBeUndefined();
    });

    it.each([1, 8, 9, 300])('has its %i attributes, of either kind of text', (count) => {
      const bytes = written(libver, (file) => {
        for (let i = 0; i < count; i++) {
          file.create_attribute(`of any length ${i}`, [`text ${i}`, '', 'ü'], [3], 'S');
          file.create_attribute(`of one length ${i}`, ['ab', `${i}`], [2], 'S5');
        }
        file.create_attribute('long', 'long '.repeat(30_000), null, 'S');
        file.create_attribute('empty', new Float64Array(0), [0]);
      });
      const root = openHdf5(bytes);
      for (let i = 0; i < count; i++) {
        expect(root.texts(`of any length ${i}`)).toEqual([`text ${i}`, '', 'ü']);
        expect(root.texts(`of one length ${i}`)).toEqual(['ab', `${i}`]);
      }
      expect(root.texts('long')).toEqual(['long '.repeat(30_000)]);
      expect(root.texts('empty')).toEqual([]);
      expect(root.texts('missing')).toBeUndefined();
    });

    it('has groups within groups', () => {
      const bytes = written(libver, (file) => {
        const inner = file.create_group('layers').create_group('lstm').create_group('vars');
        inner.create_dataset({ name: '0', data: new Float32Array(6), shape: [2, 3], dtype: '<f' });
      });
      const root = openHdf5(bytes);
      expect(root.get('layers/lstm/vars/0')).toMatchObject({ path: '/layers/lstm/vars/0' });
      expect(root.get('layers/lstm/vars/0')!.array()!.shape).toEqual([2, 3]);
      expect(root.get('layers/lstm')!.array()).toBeUndefined();
      expect(root.get('layers/gru/vars/0')).toBeUndefined();
    });
  },
);

describe('every array of the files of Keras', () => {
  const names = ['lstm', 'bigru'].flatMap((variant) =>
    ['weights.h5', 'weights_legacy.h5', 'weights_keras224_handwritten.h5'].map(
      (end) => `${variant}.${end}`,
    ),
  );

  it.each(names)('is what the HDF5 library reads: %s', (name) => {
    const bytes = bytesOf(name);
    (files as unknown as { writeFile(name: string, bytes: Uint8Array): void }).writeFile(
      name,
      bytes,
    );
    const file = new h5wasm.File(name, 'r');
    const root = openHdf5(bytes);
    let arrays = 0;
    for (const path of file.paths()) {
      const entity = file.get(path);
      if (!(entity instanceof h5wasm.Dataset) || entity.dtype !== '<f') continue;
      const array = root.get(path)!.array()!;
      expect([array.shape, [...array.read()]]).toEqual([
        entity.shape,
        [entity.value as Float32Array].flatMap((value) =>
          typeof value === 'number' ? [value] : [...value],
        ),
      ]);
      arrays++;
    }
    file.close();
    expect(arrays).toBeGreaterThan(7);
  });
});

describe('what Keras does not write is refused:', () => {
  const remedy = 'Load the model in Keras and save it again.';
  const refusal = (bytes: Uint8Array) => {
    try {
      openHdf5(bytes).get('array')!.array()!.read();
    } catch (error) {
      return reasonOf(error);
    }
    return 'nothing was thrown';
  };
  const data = new Float32Array(64);

  it('compressed arrays', () => {
    const bytes = written('v110', (file) =>
      file.create_dataset({ name: 'array', data, shape: [64], chunks: [8], compression: 'gzip' }),
    );
    expect(refusal(bytes)).toBe(
      `loadKerasModel: the HDF5 file uses compression, which files of Keras do not. ${remedy}`,
    );
  });

  it('arrays in pieces', () => {
    const bytes = written('v110', (file) =>
      file.create_dataset({ name: 'array', data, shape: [64], chunks: [8] }),
    );
    expect(refusal(bytes)).toBe(
      `loadKerasModel: the HDF5 file uses arrays in pieces, which files of Keras do not. ${remedy}`,
    );
  });

  it('numbers other than float32', () => {
    const bytes = written('v110', (file) =>
      file.create_dataset({ name: 'array', data: new Float64Array(3) }),
    );
    expect(refusal(bytes)).toBe(
      'loadKerasModel: the HDF5 file uses float of 8 bytes instead of float32 (/array), ' +
        `which files of Keras do not. ${remedy}`,
    );
  });

  it('links to other files, which are never opened', () => {
    const bytes = written('v110', (file) =>
      file.create_external_link('/etc/passwd', '/array', 'array'),
    );
    expect(refusal(bytes)).toBe(
      'loadKerasModel: the HDF5 file uses a link to somewhere else ("array"), ' +
        `which files of Keras do not. ${remedy}`,
    );
  });
});
