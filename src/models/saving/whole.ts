/**
 * How a model is saved as one thing with what it needs besides: an ordinary TensorFlow.js model, with
 * vocabularies and settings in the metadata that users may add to one, which every handler keeps.
 */
import { reasonOf, RecurrentError, reject } from '../../foundation/errors.js';
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { nextTurn } from '../../foundation/turn.js';
import { registerLayers } from '../../layers/register.js';
import { savedChecksum } from './checksum.js';
import { oneHandler } from './handlers.js';
import { rejectDamage, type SavedFields, type SavedKind } from './kind.js';
import { loadSavedModel, type SavedModelError } from './load-saved-model.js';

/** Something done to all that a model is saved as. */
type ChangeArtifacts = (artifacts: tf.io.ModelArtifacts) => tf.io.ModelArtifacts;

/**
 * Saves a model and `fields` in a single call of the handler, which so writes both or none.
 *
 * @param fields What JSON can say, by the names in `kind.fields`; the version and a checksum of it
 *   all are added.
 * @param change Made to what the model saves, before the checksum is taken.
 */
export function saveWhole(
  kind: SavedKind,
  where: string,
  model: tfl.LayersModel,
  fields: SavedFields,
  target: tf.io.IOHandler | string,
  includeOptimizer = false,
  change: ChangeArtifacts = (artifacts) => artifacts,
): Promise<tf.io.SaveResult> {
  const handler = oneHandler(where, target, 'save');
  const metadata = { version: kind.version, ...fields };
  // Not by model.setUserDefinedMetadata, which warns above a megabyte of vocabulary.
  const withMetadata: tf.io.IOHandler = {
    save: (saved) => {
      const artifacts = change(saved);
      const unsealed = withFields(kind, artifacts, metadata);
      const sealed = { ...metadata, crc32: checksumOf(unsealed) };
      return handler.save!(withFields(kind, artifacts, sealed));
    },
  };
  return model.save(withMetadata, { includeOptimizer });
}

/**
 * Reads what {@link saveWhole} wrote. The model is compiled if it was saved with its optimizer, by what
 * TensorFlow.js makes of that: see {@link compileAsSaved}.
 *
 * @param read Checks the fields, which may be anything, and makes the state from them.
 * @param change Undoes that of {@link saveWhole}, where the checksum is right.
 * @throws RecurrentError when there is nothing of this kind, or when it is damaged. No tensor is left.
 */
export async function loadWhole<State>(
  kind: SavedKind,
  where: string,
  source: tf.io.IOHandler | string,
  read: (fields: SavedFields) => State,
  change: ChangeArtifacts = (artifacts) => artifacts,
): Promise<{ model: tfl.LayersModel; state: State }> {
  const artifacts = await readArtifacts(kind, where, oneHandler(where, source, 'load'));
  const { [kind.key]: metadata, ...others } = artifacts.userDefinedMetadata ?? {};
  const fields = readFields(kind, where, metadata);
  const state = read(fields);
  await nextTurn(); // words and weights are large: a page paints between the two
  requireUnchanged(kind, where, artifacts, fields);
  registerLayers();
  const ofModel = change({ ...artifacts, userDefinedMetadata: others });
  const model = await readModel(kind, where, ofModel);
  return { model, state };
}

/**
 * Reads what was saved, once, for callers that choose by it how to load it.
 *
 * @returns A handler that gives it again, and the keys of its metadata.
 */
export async function readOnce(
  kind: SavedKind,
  where: string,
  source: tf.io.IOHandler | string,
): Promise<{ source: tf.io.IOHandler; keys: string[] }> {
  const artifacts = await readArtifacts(kind, where, oneHandler(where, source, 'load'));
  const keys = Object.keys(Object(artifacts.userDefinedMetadata));
  return { source: { load: async () => artifacts }, keys };
}

/**
 * Compiles a model of {@link loadWhole} anew, and hands the new optimizer what the one that it was
 * saved with remembers.
 */
export async function compileAsSaved(model: tfl.LayersModel, compile: () => void): Promise<void> {
  const saved: tf.Optimizer | null = model.optimizer;
  compile();
  if (saved == null) return;
  const weights = await saved.getWeights();
  await model.optimizer.setWeights(weights);
  weights[0]?.tensor.dispose(); // the count of steps, which getWeights makes
  saved.dispose();
}

function withFields(
  kind: SavedKind,
  artifacts: tf.io.ModelArtifacts,
  fields: object,
): tf.io.ModelArtifacts {
  const userDefinedMetadata = { ...artifacts.userDefinedMetadata, [kind.key]: fields };
  return { ...artifacts, userDefinedMetadata };
}

async function readArtifacts(
  kind: SavedKind,
  where: string,
  handler: tf.io.IOHandler,
): Promise<tf.io.ModelArtifacts> {
  try {
    return Object(await handler.load!());
  } catch (error) {
    if (error instanceof RecurrentError) throw error;
    const reason = reasonOf(error);
    const expected = `the ${kind.noun} cannot be read: ${reason}`;
    return reject({ where, expected, see: 'unreadable-file' }, error);
  }
}

function readFields(kind: SavedKind, where: string, metadata: unknown): SavedFields {
  if (typeof metadata !== 'object' || metadata === null) {
    reject({
      where,
      expected: `the model was not saved by ${kind.savedBy}: ${kind.lacks}`,
      remedy: kind.otherwise,
      see: 'saved-by-something-else',
    });
  }
  const fields = metadata as SavedFields;
  if (fields.version !== kind.version) {
    reject({
      where,
      expected: `the saved ${kind.noun} must be of version ${kind.version}`,
      received: fields.version,
      remedy: 'Load it with the release of tfjs-recurrent that saved it.',
      see: 'saved-by-something-else',
    });
  }
  const known = ['version', ...kind.fields, 'crc32'];
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) rejectDamage(kind, where, `it has an unknown ${unknown}`);
  return fields;
}

/** What was saved without a checksum, as classifiers once were, or lost it on purpose, is taken. */
function requireUnchanged(
  kind: SavedKind,
  where: string,
  artifacts: tf.io.ModelArtifacts,
  fields: SavedFields,
): void {
  const { crc32: promised, ...unsealed } = fields;
  if (promised === undefined) return;
  let found: string | undefined;
  try {
    found = checksumOf(withFields(kind, artifacts, unsealed));
  } catch {
    // Lists inside one another without end, which nothing of ours holds.
  }
  if (found !== promised) rejectDamage(kind, where, 'it has changed since it was saved');
}

function checksumOf({
  weightData = new ArrayBuffer(0),
  ...artifacts
}: tf.io.ModelArtifacts): string {
  return savedChecksum(artifacts, new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
}

async function readModel(
  kind: SavedKind,
  where: string,
  artifacts: tf.io.ModelArtifacts,
): Promise<tfl.LayersModel> {
  try {
    return await loadSavedModel(artifacts);
  } catch (error) {
    return rejectDamage(kind, where, (error as SavedModelError).message);
  }
}
