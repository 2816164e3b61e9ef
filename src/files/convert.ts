/** Converts a model file of one library into one of another, and compares what the two predict. */
import { access } from 'node:fs/promises';
import { reject } from '../foundation/errors.js';
import { openDoor, tf, tfl } from '../foundation/tensorflow.js';
import { loadKerasModel } from '../keras/reading/load-keras-model.js';
import { writeKerasModel } from '../keras/writing/save-keras-model.js';
import { registerLayers } from '../layers/register.js';
import { writeFileAtomic } from './atomic.js';
import { ROWS, randomInputs } from './convert-inputs.js';
import { FLAGS, type ModelPlace, placeOf, readModel } from './convert-places.js';
import { fileSystem } from './file-system.js';

const WHERE = 'convert';

/** Predictions of a float32 network that went through a file and back may differ by so much. */
const TOLERANCE = 1e-6;

/** How {@link convertModel} goes about it. */
export interface ConvertOptions {
  /** Whether to write over an output that exists. Default: false. */
  force?: boolean | undefined;
  /** Whether to compare predictions before writing. Default: true. */
  check?: boolean | undefined;
  /** Whether loss, optimizer and metrics of a Keras file are read and written. Default: true. */
  compile?: boolean | undefined;
  /** As in loadKerasModel. */
  maxOutputSize?: number | undefined;
}

/** What was converted. */
export interface Conversion {
  from: { path: string; format: string };
  to: { path: string; format: string; bytes: number };
  model: {
    name: string;
    className: string;
    parameters: number;
    layers: { name: string; className: string; parameters: number }[];
  };
  /** How many random inputs were compared. */
  inputs: number;
  /** The largest difference of two predictions; undefined when they were not compared. */
  difference: number | undefined;
  /** What of the input stays behind, as a sentence. */
  warning: string | undefined;
}

/**
 * Reads a model, checks that what would be written predicts the same, and writes it.
 *
 * @param input A file or folder, its format known by its name; see {@link placeOf}.
 * @param output Likewise.
 * @throws RecurrentError when the model cannot be read or written; nothing is written then.
 */
export async function convertModel(
  input: string,
  output: string,
  { force = false, check = true, compile = true, maxOutputSize }: ConvertOptions = {},
): Promise<Conversion> {
  const from = await placeOf(WHERE, input);
  const to = await placeOf(WHERE, output);
  if (!force) await requireFree(to);
  openDoor();
  registerLayers();
  // Left out, what cannot be compiled here is told in a warning.
  const options = { compile: compile ? undefined : false, maxOutputSize };
  const { model, warning } = await readModel(WHERE, from, options);
  const written = await represent(model, to, { includeOptimizer: compile, maxOutputSize });
  let difference: number | undefined;
  if (check) {
    const again = await written.load();
    difference = compare(model, again);
    again.dispose();
    if (!(difference <= TOLERANCE)) {
      reject({
        where: WHERE,
        expected: `${output} would predict otherwise than ${input}, by`,
        received: difference,
        remedy: 'Nothing was written. Pass --no-check to write it all the same.',
        see: 'nothing-written',
      });
    }
  }
  const description = describe(model);
  const bytes = await written.save();
  model.dispose();
  return {
    from: { path: input, format: from.format },
    to: { path: output, format: to.format, bytes },
    model: description,
    inputs: check ? ROWS : 0,
    difference,
    warning,
  };
}

async function requireFree(place: ModelPlace): Promise<void> {
  for (const path of place.files) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (!exists) continue;
    reject({
      where: WHERE,
      expected: `${path} exists already`,
      remedy: 'Give another name, or pass --force to write over it.',
      see: 'nothing-written',
    });
  }
}

/** A model as it would be written: how to read it again, and how to write it. */
interface Representation {
  load(): Promise<tfl.LayersModel>;
  /** Writes, and tells how many bytes. */
  save(): Promise<number>;
}

/** What of a model is written, and how it is read again. */
interface Manner {
  includeOptimizer: boolean;
  maxOutputSize: number | undefined;
}

async function represent(
  model: tfl.LayersModel,
  place: ModelPlace,
  { includeOptimizer, maxOutputSize }: Manner,
): Promise<Representation> {
  const load = { compile: false, maxOutputSize };

  const [first = '', second = ''] = place.files;
  if (place.kind === 'tfjs') {
    const artifacts = await artifactsOf(model);
    return {
      load: () => tfl.loadLayersModel(tf.io.fromMemory(artifacts)),
      save: async () => {
        await fileSystem(place.path).save!(artifacts);
        const info = tf.io.getModelArtifactsInfoForJSON(artifacts);
        const { modelTopologyBytes = 0, weightSpecsBytes = 0, weightDataBytes = 0 } = info;
        return modelTopologyBytes + weightSpecsBytes + weightDataBytes;
      },
    };
  }
  const file = await writeKerasModel(
    model,
    { format: place.kind, includeOptimizer },
    FLAGS.uncompiled,
  );
  return {
    load: () => loadKerasModel(file, load),
    save: async () => {
      if (file instanceof Uint8Array) {
        await writeFileAtomic(first, file);
        return file.length;
      }
      await writeFileAtomic(second, file.weights);
      await writeFileAtomic(first, file.json);
      return file.weights.length + Buffer.byteLength(file.json);
    },
  };
}

async function artifactsOf(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) };
    }),
  );
  return artifacts!;
}

/** The largest difference of what two models predict on the same random input, of 1 or of the largest value. */
function compare(one: tfl.LayersModel, other: tfl.LayersModel): number {
  return tf.tidy(() => {
    const inputs = randomInputs(one);
    const [expected, received] = [one, other].map(
      (model) => [model.predict(inputs)].flat() as tf.Tensor[],
    );
    const differences = expected!.map((tensor, index) => {
      const scale = tf.maximum(1, tf.max(tf.abs(tensor)));
      return tf.div(tf.max(tf.abs(tf.sub(tensor, received![index]!))), scale).dataSync()[0]!;
    });
    return Math.max(0, ...differences);
  });
}

function describe(model: tfl.LayersModel): Conversion['model'] {
  return {
    name: model.name,
    className: model.getClassName(),
    parameters: model.countParams(),
    layers: model.layers.map((layer) => ({
      name: layer.name,
      className: layer.getClassName(),
      parameters: layer.countParams(),
    })),
  };
}
