/** What a file is that is no model of Keras, told by its first bytes, for messages that help. */

/** A kind of file, in the words of a message. */
export interface FileKind {
  /** Completes "it is": `a pointer of Git LFS, which stands for the model`. */
  what: string;
  /** What to do about it. */
  remedy: string;
}

interface Known extends FileKind {
  /** @param text The first bytes as text, without white space in front. */
  matches(text: string, bytes: Uint8Array): boolean;
}

const FIRST_BYTES = 4096;
const SAVE_AGAIN = "In Python, load it and save it for Keras: model.save('model.keras').";
const UNPACK = 'Unpack it, and pass the .keras or .h5 file in it.';

/** Whether these bytes are at a place. */
const holds =
  (start: readonly number[], at = 0) =>
  (_text: string, bytes: Uint8Array): boolean =>
    bytes.length >= at + start.length && start.every((byte, i) => bytes[at + i] === byte);

const zlib = (_text: string, [first, second]: Uint8Array) =>
  first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second!);

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

const KINDS: readonly Known[] = [
  {
    what: 'a pointer of Git LFS, which stands for the model and does not hold it',
    remedy: 'Run git lfs pull in the repository, or download the file itself.',
    matches: (text) => text.startsWith('version https://git-lfs.github.com/spec/'),
  },
  {
    what: 'a web page',
    remedy: 'Download the file itself, by the link that says raw or download.',
    matches: (text) =>
      /^(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)?<(!doctype html|html|head|body)\b/i.test(text),
  },
  {
    what: 'a model of PyTorch',
    remedy:
      'PyTorch has no architecture in its files. Build the model in Keras and copy its weights.',
    matches: holds([0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50]),
  },
  {
    what: 'a pickle of Python (pickle or joblib), which only Python can run',
    remedy: SAVE_AGAIN,
    matches: (_text, bytes) => bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5,
  },
  {
    what: 'a model of TensorFlow Lite',
    remedy: 'It cannot be turned back. Take the model that it was made from.',
    matches: holds(ascii('TFL3'), 4),
  },
  {
    what: 'saved_model.pb of a SavedModel of TensorFlow',
    remedy: "In Python, tf.keras.models.load_model(folder) and model.save('model.h5').",
    matches: holds([0x08, 0x01, 0x12]),
  },
  {
    what: 'a model of ONNX',
    remedy: 'Take the model of Keras that it was made from.',
    matches: (_text, bytes) =>
      bytes[0] === 0x08 &&
      bytes[1]! >= 2 &&
      bytes[1]! <= 32 &&
      (bytes[2] === 0x12 || bytes[2] === 0x3a),
  },
  {
    what: 'a frozen graph of TensorFlow',
    remedy: 'It cannot be turned back. Take the model that it was made from.',
    matches: (text, bytes) =>
      bytes[0] === 0x0a && /Placeholder|Const|serving_default|NoOp/.test(text),
  },
  {
    what: 'a checkpoint of TensorFlow, which holds weights alone',
    remedy:
      "In Python, load it with model.load_weights and save the model: model.save('model.keras').",
    matches: (text, bytes) =>
      text.startsWith('model_checkpoint_path:') ||
      holds([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb], bytes.length - 8)(text, bytes),
  },
  {
    what: 'a file of safetensors, which holds weights alone',
    remedy: 'Load them into a model of Keras, and save that.',
    matches: (_text, bytes) =>
      bytes[7] === 0 && bytes[6] === 0 && bytes[8] === 0x7b && bytes[9] === 0x22,
  },
  {
    what: 'a model in the format GGUF',
    remedy: 'Only models of Keras can be loaded.',
    matches: holds(ascii('GGUF')),
  },
  {
    what: 'an array of NumPy',
    remedy: 'It holds numbers alone. Save the model as one file in Keras.',
    matches: holds([0x93, ...ascii('NUMPY')]),
  },
  {
    what: 'a file of MATLAB',
    remedy: 'Only models of Keras can be loaded.',
    matches: (text) => text.startsWith('MATLAB '),
  },
  { what: 'compressed by gzip', remedy: UNPACK, matches: holds([0x1f, 0x8b]) },
  { what: 'compressed by zlib, as by joblib', remedy: SAVE_AGAIN, matches: zlib },
  { what: 'compressed by bzip2', remedy: UNPACK, matches: holds(ascii('BZh')) },
  { what: 'compressed by xz', remedy: UNPACK, matches: holds([0xfd, ...ascii('7zXZ')]) },
  { what: 'compressed by zstd', remedy: UNPACK, matches: holds([0x28, 0xb5, 0x2f, 0xfd]) },
  { what: 'an archive of 7-Zip', remedy: UNPACK, matches: holds([...ascii('7z'), 0xbc, 0xaf]) },
  { what: 'an archive of RAR', remedy: UNPACK, matches: holds(ascii('Rar!')) },
  { what: 'an archive of tar', remedy: UNPACK, matches: holds(ascii('ustar'), 257) },
  {
    what: 'a picture or a document',
    remedy: 'Only models of Keras can be loaded.',
    matches: (text, bytes) =>
      text.startsWith('%PDF') ||
      holds([0x89, ...ascii('PNG')])('', bytes) ||
      holds([0xff, 0xd8, 0xff])('', bytes),
  },
  {
    what: "a model.json of TensorFlow.js's",
    remedy: 'Load it by tf.loadLayersModel, or by tf.loadGraphModel if its format is graph-model.',
    matches: (text) => text.startsWith('{') && /"(modelTopology|weightsManifest)"/.test(text),
  },
  {
    what: 'a Tokenizer of Keras',
    remedy: 'Read it by tokenizerFromJson.',
    matches: (text) => /^"?\{\\?"class_name\\?": \\?"Tokenizer\\?"/.test(text),
  },
  {
    what: 'a Jupyter notebook',
    remedy: "Run it, and save its model: model.save('model.keras').",
    matches: (text) => text.startsWith('{') && /"(nbformat|cells)"/.test(text),
  },
  {
    what: 'the architecture of a model as YAML',
    remedy: 'Keras 2.5 and older open it by model_from_yaml: save model.to_json() there.',
    matches: (text) => /^(backend|class_name|config|keras_version):/m.test(text),
  },
];

const ARCHITECTURE: FileKind = {
  what: 'the architecture of a model without its weights',
  remedy: 'Pass { json, weights }, with the file that model.save_weights wrote.',
};

/** What these bytes are; undefined for a kind of file that is not known here. */
export function kindOfFile(bytes: Uint8Array): FileKind | undefined {
  if (bytes.length === 0) {
    return { what: 'empty', remedy: 'Copy or download it again.' };
  }
  // Byte by byte, which is enough for what is looked for.
  const start = String.fromCharCode(...bytes.subarray(0, FIRST_BYTES));
  const text = start.replace(/^\xef\xbb\xbf/, '').trimStart();
  const known = KINDS.find((kind) => kind.matches(text, bytes));
  if (known) return known;
  return /^"?[{[]/.test(text) && /class_name\\?"/.test(text) ? ARCHITECTURE : plainText(text);
}

/** What a text is that should have been an architecture; undefined if that is not known. */
export function kindOfText(text: string): FileKind | undefined {
  const start = text.slice(0, FIRST_BYTES);
  const kind = kindOfFile(Uint8Array.from(start, (letter) => letter.charCodeAt(0)));
  return kind === ARCHITECTURE ? undefined : kind;
}

/** A text says best itself what it is: `404: Not Found`. */
function plainText(text: string): FileKind | undefined {
  const [line = ''] = text.split('\n', 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text holds
  if (line === '' || /[\0-\x08\x0e-\x1f]/.test(text)) return undefined;
  return {
    what: `a text that begins ${JSON.stringify(line.slice(0, 60))}`,
    remedy: 'Copy or download the model again.',
  };
}

/** What a zip archive is that holds no model of Keras 3, by the names of its members. */
export function kindOfArchive(names: readonly string[]): FileKind | undefined {
  const some = (pattern: RegExp) => names.find((name) => pattern.test(name));
  if (some(/(^|\/)(data|constants)\.pkl$/)) {
    return {
      what: 'a model of PyTorch',
      remedy:
        'PyTorch has no architecture in its files. Build the model in Keras and copy its weights.',
    };
  }
  if (some(/(^|\/)saved_model\.pb$/)) {
    return {
      what: 'a SavedModel of TensorFlow',
      remedy: "In Python, tf.keras.models.load_model(folder) and model.save('model.h5').",
    };
  }
  if (some(/^model\.weights\.(json|npz)$/)) {
    return {
      what: 'a .keras archive whose weights are in parts or in an archive of NumPy',
      remedy: "Load it in Keras and save it as one file: model.save('model.keras').",
    };
  }
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) {
    return { what: 'an archive of NumPy', remedy: 'Save the model as one file in Keras.' };
  }
  if (some(/(^|\/)model\.json$/) && some(/\.bin$/)) {
    return {
      what: 'a model of TensorFlow.js',
      remedy: 'Unpack it, and load it by tf.loadLayersModel.',
    };
  }
  if (some(/\/config\.json$/) && some(/\/model\.weights\.h5$/)) {
    return {
      what: 'a .keras archive whose members are in a folder',
      remedy: 'Pack config.json, metadata.json and model.weights.h5 themselves.',
    };
  }
  const inside = some(/\.(keras|h5|hdf5)$/i);
  if (inside === undefined) return undefined;
  return { what: `an archive with ${inside} in it`, remedy: 'Unpack it, and pass that file.' };
}
