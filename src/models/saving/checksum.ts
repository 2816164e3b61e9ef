import { crc32 } from '../../foundation/crc32.js';
import { tf } from '../../foundation/tensorflow.js';
import { encodeUtf8 } from '../../foundation/utf8.js';

/**
 * The checksum of what is saved whole. A cryptographic digest would find no more damage,
 * and browsers offer none in every page.
 *
 * Of JSON counts what it says, not how it is written: servers and databases keep it as they like.
 *
 * @param artifacts With all metadata but the checksum itself.
 */
export function savedChecksum(artifacts: tf.io.ModelArtifacts): string {
  const { weightData = new ArrayBuffer(0), ...rest } = artifacts;
  const { modelTopology, weightSpecs, trainingConfig, userDefinedMetadata } = rest;
  const said = { modelTopology, weightSpecs, trainingConfig, userDefinedMetadata };
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const checksum = crc32(weights, crc32(encodeUtf8(JSON.stringify(said, sorted))));
  return checksum.toString(16).padStart(8, '0');
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
