/**
 * How a model in a folder can tell that it is as it was saved: the weights are named after a digest
 * of `model.json`, in which a digest of the weights stands. Loaders of TensorFlow.js notice neither.
 */
import type { tf } from '../foundation/tensorflow.js';
import { digestOfRest, sha256, withOwnDigest } from './content-digest.js';

/** What `fileSystem` calls weights. */
export const WEIGHTS = /^weights-([0-9a-f]{16})\.bin$/;

/** A group of weights in `model.json`. */
type Group = tf.io.WeightsManifestConfig[number] & { sha256?: unknown };

/** The text of `model.json`, and the name that the weights must have. */
export function writeModelJson(
  model: object,
  weightSpecs: tf.io.WeightsManifestEntry[],
  weights: Uint8Array,
): { json: string; name: string } {
  const named = (digest: string) => `weights-${digest}.bin`;
  const ofWeights = sha256(weights);
  const { text, digest } = withOwnDigest(
    (own) => {
      const group = { paths: [named(own)], weights: weightSpecs, sha256: ofWeights };
      return JSON.stringify({ ...model, weightsManifest: [group satisfies Group] });
    },
    (whole) => short(whole),
  );
  return { json: text, name: named(digest) };
}

/**
 * Whether a model is as it was saved, and if not, which of its files.
 *
 * @param json The bytes of `model.json`.
 * @param manifest The groups of weights in it.
 * @param weights The bytes of the file of weights that it names.
 * @returns `'unknown'` for a model that was saved by others, or changed on purpose.
 */
export function findChange(
  json: Uint8Array,
  manifest: tf.io.WeightsManifestConfig,
  weights: Uint8Array,
): 'none' | 'unknown' | 'json' | 'weights' {
  const group: Group = manifest[0] ?? { paths: [], weights: [] };
  const named = WEIGHTS.exec(group.paths[0] ?? '')?.[1];
  if (named === undefined) return 'unknown';
  const digest = sha256(weights);
  if (named === short(digestOfRest(json, named)))
    return group.sha256 === digest ? 'none' : 'weights';
  // Of before model.json had a digest: the name is that of the weights.
  if (Object.keys(group).length > OLD_FIELDS) return 'json';
  return named === short(digest) ? 'unknown' : 'weights';
}

const OLD_FIELDS = 2; // paths and weights

const short = (digest: string) => digest.slice(0, 16);
