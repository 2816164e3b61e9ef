import { crc32 } from '../../foundation/crc32.js';
import type { tf } from '../../foundation/tensorflow.js';
import { encodeUtf8 } from '../../foundation/utf8.js';

/**
 * The checksum of what is saved whole. A cryptographic digest would find no more damage,
 * and browsers offer none in every page.
 *
 * Of JSON counts what it says, not how it is written: servers and databases keep it as they like.
 *
 * @param artifacts With all metadata but the checksum itself.
 */
export function savedChecksum(
  artifacts: Omit<tf.io.ModelArtifacts, 'weightData'>,
  weights: Uint8Array,
): string {
  const { modelTopology, weightSpecs, trainingConfig, userDefinedMetadata } = artifacts;
  const said = { modelTopology, weightSpecs, trainingConfig, userDefinedMetadata };
  const checksum = crc32(weights, crc32(encodeUtf8(JSON.stringify(said, sorted))));
  return checksum.toString(16).padStart(8, '0');
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
