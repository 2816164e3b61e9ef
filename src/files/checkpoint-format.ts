/** What stands in the two files of a checkpoint, and whether it is what was written. */
import {
  isOfThisVersion,
  type TrainingState,
  type TrainingStateHeader,
} from '../training/checkpoint.js';
import { headerDamage } from '../training/header-damage.js';
import { byteLength } from '../training/tensor-bytes.js';
import { digestOfRest, sha256, withOwnDigest } from './content-digest.js';

export const HEADER = 'state.json';
export const DATA = 'state.bin';

/** The header, and digests of `state.bin` and of `state.json` itself. */
type StoredHeader = TrainingStateHeader & { dataSha256: string; sha256: string };

/** Before `state.json` had a digest, there was that of `state.bin` alone. */
const OLD_FIELDS = 'format,version,epoch,history,optimizer,random,tensors';

/** The text of `state.json`. */
export function writeHeader({ header, data }: TrainingState): string {
  const dataSha256 = sha256(data);
  return withOwnDigest((digest) =>
    JSON.stringify({ ...header, dataSha256, sha256: digest } satisfies StoredHeader),
  ).text;
}

/** The state, or which of the files is not as it was written. */
export function readState(
  json: Uint8Array,
  data: Uint8Array,
  epoch: number,
): TrainingState | typeof HEADER | typeof DATA {
  const { sha256: own, dataSha256, ...header } = parse(json);
  if (typeof own !== 'string' || header.epoch !== epoch) return HEADER;
  const state = { header: header as TrainingStateHeader, data };
  const digest = sha256(data);
  if (own === digestOfRest(json, own)) return dataSha256 === digest ? state : DATA;
  if (dataSha256 !== undefined || !isSoundOldHeader(state.header)) return HEADER;
  if (own !== digest) return DATA;
  return sizeOf(state.header) === data.length ? state : HEADER;
}

function parse(json: Uint8Array): Partial<StoredHeader> {
  try {
    return Object(JSON.parse(Buffer.from(json).toString()));
  } catch {
    return {};
  }
}

function isSoundOldHeader(header: TrainingStateHeader): boolean {
  return (
    Object.keys(header).join() === OLD_FIELDS &&
    isOfThisVersion(header) &&
    headerDamage(header) === undefined
  );
}

function sizeOf({ tensors }: TrainingStateHeader): number {
  return tensors.reduce((bytes, each) => bytes + byteLength(each), 0);
}
