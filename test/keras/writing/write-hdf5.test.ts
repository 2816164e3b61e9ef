import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as h5wasm from 'h5wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { lookup3 } from '../../../src/keras/hdf5/checksum.js';
import { openHdf5 } from '../../../src/keras/hdf5/hdf5-file.js';
import { type H5Dataset, type H5Group, writeHdf5 } from '../../../src/keras/writing/write-hdf5.js';
import { printedBy, pythonWithKeras } from '../python.js';

/** Attributes as texts, datasets as their shape and values, both by their whole path. */
type Flat = Record<string, string | string[] | { shape: number[]; values: number[] }>;

function flatten(group: H5Group, path = '', found: Flat = {}): Flat {
  for (const [name, value] of Object.entries(group.attributes ?? {})) {
    found[`${path}@${name}`] = typeof value === 'string' ? value : [...value];
  }
  for (const [name, { shape, values }] of Object.entries(group.datasets ?? {})) {
    found[`${path}/${name}`] = { shape: [...shape], values: [...values].map(Number) };
  }
  for (const [name, inner] of Object.entries(group.groups ?? {})) {
    flatten(inner, `${path}/${name}`, found);
  }
  return found;
}

const floats = (shape: number[], random = Math.random): H5Dataset => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5),
});

const numbered = <Value>(count: number, make: (i: number) => Value) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`number ${i}`, make(i)]));

/** Groups within groups, with names and texts of every kind. */
function randomTree(seed: number): H5Group {
  const random = seededRandom(seed);
  const below = (end: number) => Math.floor(random() * end);
  const letters = [...'abz_:. 0Ωü漢😀'];
  const text = (longest: number) =>
    Array.from({ length: below(longest) }, () => letters[below(letters.length)]).join('');
  const named = <Value>(count: number, make: () => Value) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}${text(12)}`, make()]));
  const group = (depth: number): H5Group => ({
    attributes: {
      ...named(below(12), () => text(below(10) ? 40 : 9000)),
      ...named(below(3), () => Array.from({ length: below(9) }, () => text(20))),
    },
    datasets: named(below(12), () =>
      below(6)
        ? floats(
            Array.from({ length: below(4) }, () => below(6)),
            random,
          )
        : { shape: [], values: BigInt64Array.of(BigInt(below(1e9)) - 5n) },
    ),
    groups: depth === 0 ? {} : named(below(5), () => group(depth - 1)),
  });
  return group(3);
}

const TREES: Record<string, () => H5Group> = {
  'nothing at all': () => ({}),
  'one value': () => ({ datasets: { one: { shape: [], values: Float32Array.of(0.1) } } }),
  'no value': () => ({ datasets: { none: { shape: [3, 0], values: new Float32Array(0) } } }),
  'values at the ends of float32': () => ({
    datasets: {
      ends: {
        shape: [2, 3],
        values: Float32Array.of(-0, 1.4e-45, 3.4028234663852886e38, -1e-10, 1 / 3, -7),
      },
    },
  }),
  'integers at the ends of int64': () => ({
    datasets: { ends: { shape: [3], values: BigInt64Array.of(-(2n ** 53n), -1n, 2n ** 53n) } },
  }),
  '700 datasets in a group': () => ({ datasets: numbered(700, (i) => floats([1, i % 5])) }),
  '700 groups in a group': () => ({ groups: numbered(700, () => ({ attributes: { a: 'b' } })) }),
  '300 attributes': () => ({ attributes: numbered(300, (i) => (i % 2 ? `${i}` : [`${i}`, 'ü'])) }),
  'a list of 4,000 texts': () => ({ attributes: { list: Object.values(numbered(4000, String)) } }),
  'a text of 200,000 letters': () => ({
    attributes: { long: 'longé '.repeat(33_333), after: '!' },
  }),
  'texts that just fill a heap, and not quite': () =>
    // A heap of 4,096 bytes has 16 for itself, 16 for each text, and 16 for what is free.
    ({ attributes: numbered(60, (i) => 'x'.repeat(4096 - 48 - 30 + i)) }),
  'empty texts and lists': () => ({ attributes: { text: '', list: [], texts: ['', 'a', ''] } }),
  ...Object.fromEntries(
    Array.from({ length: 12 }, (_, seed) => [`random tree ${seed}`, () => randomTree(seed)]),
  ),
};

/** What the HDF5 library finds in a file. */
async function readByLibrary(bytes: Uint8Array): Promise<Flat> {
  const { FS } = await h5wasm.ready;
  FS.writeFile('read.h5', bytes);
  const file = new h5wasm.File('read.h5', 'r');
  const found: Flat = {};
  for (const path of ['', ...file.paths().map((one) => `/${one}`)]) {
    const entity = file.get(path || '/');
    if (entity instanceof h5wasm.Dataset) {
      const { value, shape } = entity;
      const values = typeof value === 'object' ? [...(value as Float32Array)] : [value];
      found[path] = { shape: shape!, values: values.map(Number) };
    } else if (entity instanceof h5wasm.Group) {
      for (const [name, { value }] of Object.entries(entity.attrs)) {
        found[`${path}@${name}`] = (ArrayBuffer.isView(value) ? [] : value) as string[];
      }
    }
  }
  file.close();
  FS.unlink('read.h5');
  return found;
}

describe.each(Object.entries(TREES))('%s', (_, make) => {
  const tree = make();
  const bytes = writeHdf5(tree);

  it('is what the HDF5 library reads', async () => {
    expect(await readByLibrary(bytes)).toEqual(flatten(tree));
  });

  it('is what loadKerasModel reads', () => {
    const root = openHdf5(bytes);
    for (const [key, value] of Object.entries(flatten(tree))) {
      const [path, attribute] = key.split('@') as [string, string?];
      if (attribute !== undefined) {
        expect(root.get(path)!.texts(attribute)).toEqual([value].flat());
      } else if (!isWhole(tree, path)) {
        const array = root.get(path)!.array()!;
        expect({ shape: array.shape, values: [...array.read()] }).toEqual(value);
      }
    }
  });
});

/** Integers are read by nobody here. */
function isWhole(tree: H5Group, path: string): boolean {
  const names = path.split('/').slice(1);
  const name = names.pop()!;
  const group = names.reduce<H5Group>((here, next) => here.groups![next]!, tree);
  return group.datasets![name]!.values instanceof BigInt64Array;
}

it('splits a list that is too long for an attribute as Keras does', () => {
  const texts = Array.from({ length: 9000 }, (_, i) => `layer ${i}`);
  const root = openHdf5(writeHdf5({ attributes: { names: texts } }));
  expect(root.texts('names')).toBeUndefined();
  expect([0, 1, 2].flatMap((part) => root.texts(`names${part}`)!)).toEqual(texts);
  expect(root.texts('names3')).toBeUndefined();
});

it('has the checksums of lookup3', () => {
  // From the self-test in lookup3.c.
  expect(lookup3(new Uint8Array(0))).toBe(0xdeadbeef);
  expect(lookup3(Buffer.from('Four score and seven years ago'))).toBe(0x17770551);
});

const python = pythonWithKeras();

describe.runIf(python !== undefined)('h5py', () => {
  let folder: string;
  let found: Record<string, { flat: Flat; changed: boolean }>;
  const names = Object.keys(TREES);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'write-hdf5-'));
    for (const [i, make] of Object.values(TREES).entries()) {
      writeFileSync(join(folder, `${i}.h5`), writeHdf5(make()));
    }
    const script = new URL('check_hdf5.py', import.meta.url);
    const [printed] = await printedBy(python!, script, folder);
    found = JSON.parse(printed!);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(names.map((name, i) => [name, i] as const))('reads %s', (name, i) => {
    expect(found[i]!.flat).toEqual(flatten(TREES[name]!()));
  });

  it.each(names.map((name, i) => [name, i] as const))('can change %s, as its own files', (_, i) => {
    expect(found[i]!.changed).toBe(true);
  });
});
