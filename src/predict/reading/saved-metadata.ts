/** What was saved with a model, if it is as it was saved. */
import { reject } from '../../foundation/errors.js';
import { savedChecksum } from '../../models/saving/checksum.js';
import type { SavedParts } from './parts.js';

/** Metadata by names; nothing about it is certain. */
export type Fields = Record<string, unknown>;

const WHERE = 'loadPredictor';

/**
 * The fields under a key of the metadata.
 *
 * @param version How those are written that are read here.
 * @throws RecurrentError for another version than this one's, and where the checksum is wrong.
 */
export function readMetadata(
  parts: SavedParts,
  weights: Uint8Array,
  key: string,
  version: number,
): Fields {
  const { userDefinedMetadata = {} } = parts;
  const { crc32, ...fields } = Object(userDefinedMetadata[key]) as Fields;
  if (fields.version !== version) {
    reject({
      where: WHERE,
      expected: `what was saved must be of version ${version}`,
      received: fields.version,
      remedy: 'Load it with the release of tfjs-recurrent that saved it.',
    });
  }
  if (crc32 !== undefined) {
    const unsealed = { ...parts, userDefinedMetadata: { ...userDefinedMetadata, [key]: fields } };
    if (savedChecksum(unsealed as never, weights) !== crc32) rejectDamage();
  }
  return fields;
}

/** Throws that what is read cannot be what was saved. */
export function rejectDamage(): never {
  reject({
    where: WHERE,
    expected: 'the model is damaged: it has changed since it was saved',
    remedy: 'Take it from a copy, or save it again.',
    see: 'damaged-model',
  });
}
