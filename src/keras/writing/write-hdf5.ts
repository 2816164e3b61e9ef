/** Writes a tree of groups, datasets and attributes as the bytes of an HDF5 file. */

/** Texts, or lists of them. */
export type Attributes = Readonly<Record<string, string | readonly string[]>>;

/** Numbers of one shape, in C order. */
export interface H5Dataset {
  shape: readonly number[];
  values: Float32Array | BigInt64Array;
}

/** A group of an HDF5 file; the file itself is one too. */
export interface H5Group {
  attributes?: Attributes;
  groups?: Readonly<Record<string, H5Group>>;
  datasets?: Readonly<Record<string, H5Dataset>>;
}

type H5wasm = typeof import('h5wasm');
type Group = import('h5wasm').Group;

let files = 0;

/** The bytes of an HDF5 file with this content. */
export async function writeHdf5(root: H5Group): Promise<Uint8Array> {
  // Loaded at the first use: the library holds several megabytes of WebAssembly.
  const h5wasm: H5wasm = await import('h5wasm');
  const { FS } = await h5wasm.ready;
  const name = `write-${files++}.h5`;
  const file = new h5wasm.File(name, 'w');
  try {
    writeGroup(file, root);
    file.close();
    return FS.readFile(name);
  } finally {
    FS.unlink(name);
  }
}

const VARIABLE_LENGTH_TEXT = 'S';
const FLOAT32 = '<f';
const INT64 = '<q';

function writeGroup(group: Group, { attributes, groups, datasets }: H5Group): void {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'string') {
      group.create_attribute(name, value, null, VARIABLE_LENGTH_TEXT);
    } else if (value.length > 0) {
      group.create_attribute(name, [...value], [value.length], VARIABLE_LENGTH_TEXT);
    } else {
      // As h5py writes an empty list.
      group.create_attribute(name, new Float64Array(0), [0]);
    }
  }
  for (const [name, { values, shape }] of Object.entries(datasets ?? {})) {
    const dtype = values instanceof Float32Array ? FLOAT32 : INT64;
    group.create_dataset({ name, data: values, shape: [...shape], dtype });
  }
  for (const [name, inner] of Object.entries(groups ?? {})) {
    writeGroup(group.create_group(name), inner);
  }
}
