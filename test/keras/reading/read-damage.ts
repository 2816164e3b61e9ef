/** Files of Keras, damaged in a way that a seed repeats. */
import { crc32 } from 'node:zlib';
import { type Random, seededRandom } from '../../../src/foundation/random.js';
import { bytesOf, type KerasInput, textOf, type Variant } from './read-files.js';

export interface DamagedFile {
  title: string;
  input: KerasInput;
}

const VARIANTS: readonly Variant[] = ['lstm', 'bigru'];
const WEIGHTS = [
  ...['weights.h5', 'weights_legacy.h5', 'weights_keras224_handwritten.h5', 'model_legacy.h5'],
];
const ARCHITECTURES = ['keras3.json', 'keras224_handwritten.json'];

const kept = new Map<string, Uint8Array>();
function original(name: string): Uint8Array {
  const bytes = kept.get(name) ?? bytesOf(name);
  kept.set(name, bytes);
  return bytes;
}

const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!;

/** The file number `index` of a seed. */
export function damagedFile(seed: number, index: number): DamagedFile {
  const random = seededRandom(seed, index);
  const variant = pick(random, VARIANTS);
  const kind = pick(random, ['whole', 'whole', 'archive', 'inside', 'weights', 'json'] as const);
  switch (kind) {
    case 'whole': {
      const { title, bytes } = damage(original(`${variant}.model_legacy.h5`), random);
      return { title: `${variant}.model_legacy.h5, ${title}`, input: bytes };
    }
    case 'archive': {
      const { title, bytes } = damage(original(`${variant}.keras`), random);
      return { title: `${variant}.keras, ${title}`, input: bytes };
    }
    case 'inside': {
      const { title, bytes } = damageInside(original(`${variant}.keras`), random);
      return { title: `${variant}.keras, inside a member, ${title}`, input: bytes };
    }
    case 'weights': {
      const name = `${variant}.${pick(random, WEIGHTS)}`;
      const { title, bytes } = damage(original(name), random);
      const json = textOf(`${variant}.${pick(random, ARCHITECTURES)}`);
      return { title: `${name}, ${title}`, input: { json, weights: bytes } };
    }
    case 'json': {
      const name = `${variant}.${pick(random, ARCHITECTURES)}`;
      const { title, json } = damageJson(textOf(name), random);
      const weights = original(`${variant}.weights_legacy.h5`);
      return { title: `${name}, ${title}`, input: { json, weights } };
    }
  }
}

interface Damage {
  title: string;
  bytes: Uint8Array;
}

const STRANGE_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff];

function damage(bytes: Uint8Array, random: Random): Damage {
  const at = (length = bytes.length) => Math.floor(random() * length);
  const changed = bytes.slice();
  switch (pick(random, ['cut', 'flip', 'flip', 'set', 'set', 'word', 'move', 'zero'] as const)) {
    case 'cut':
      return { title: 'cut off', bytes: bytes.slice(0, at()) };
    case 'flip': {
      const flips = 1 + at(8);
      for (let i = 0; i < flips; i++) changed[place(bytes, random)]! ^= 1 << at(8);
      return { title: `${flips} bits flipped`, bytes: changed };
    }
    case 'set': {
      const sets = 1 + at(8);
      for (let i = 0; i < sets; i++) changed[place(bytes, random)] = pick(random, STRANGE_BYTES);
      return { title: `${sets} bytes set`, bytes: changed };
    }
    case 'word': {
      // An address, a length or a count, where there is one.
      const word = Math.min(place(bytes, random), bytes.length - 8) & ~7;
      const value = pick(random, [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53, at(), at() & ~7]);
      new DataView(changed.buffer).setBigUint64(word, BigInt(value), true);
      return { title: `the word at ${word} set to ${value}`, bytes: changed };
    }
    case 'move': {
      const length = 1 + at(512);
      const [from, to] = [at(), at()];
      changed.copyWithin(to, from, from + length);
      return { title: `${length} bytes copied from ${from} to ${to}`, bytes: changed };
    }
    case 'zero': {
      const start = at();
      changed.fill(0, start, start + 1 + at(4096));
      return { title: `zeros from ${start} on`, bytes: changed };
    }
  }
}

/** A place to damage: mostly where there is structure, not numbers and not emptiness. */
function place(bytes: Uint8Array, random: Random): number {
  for (let tries = 0; tries < 6; tries++) {
    const at = Math.floor(random() * bytes.length);
    const around = bytes.subarray(at & ~7, (at & ~7) + 8);
    const zeros = around.filter((byte) => byte === 0).length;
    if (zeros > 2 && zeros < 8) return at;
  }
  return Math.floor(random() * bytes.length);
}

/** Damages a member and puts its checksum right, so that the damage gets past it. */
function damageInside(archive: Uint8Array, random: Random): Damage {
  const changed = archive.slice();
  const view = new DataView(changed.buffer);
  let entry = view.getUint32(changed.length - 22 + 16, true);
  for (let skip = Math.floor(random() * 6); skip > 0; skip--) {
    const next = entry + 46 + view.getUint16(entry + 28, true) + view.getUint16(entry + 30, true);
    if (next + 46 > changed.length - 22) break;
    entry = next;
  }
  const local = view.getUint32(entry + 42, true);
  const head = 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const size = view.getUint32(entry + 20, true);
  const member = changed.subarray(local + head, local + head + size);
  const { title, bytes } = damage(member.slice(), random);
  member.fill(0);
  member.set(bytes);
  view.setUint32(entry + 16, crc32(member), true);
  return { title, bytes: changed };
}

const STRANGE_VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e9, 1e300, '', 'constructor', '__proto__', [], {}, [[]]],
  ...[[null], [-1], 'Lambda', { class_name: 'Lambda', config: { function: ['4wEA'] } }],
];

/** Changes a value somewhere in the tree, or characters of the text. */
function damageJson(text: string, random: Random): { title: string; json: string } {
  if (random() < 0.3) {
    const { title, bytes } = damage(new TextEncoder().encode(text), random);
    return { title, json: new TextDecoder().decode(bytes) };
  }
  const root = JSON.parse(text) as unknown;
  const title: string[] = [];
  const changes = 1 + Math.floor(random() * 3);
  for (let i = 0; i < changes; i++) {
    const [owner, key] = pick(random, placesIn(root));
    const value = pick(random, STRANGE_VALUES);
    title.push(`${key}: ${JSON.stringify(value)}`);
    owner[key] = structuredClone(value);
  }
  return { title: title.join(', '), json: JSON.stringify(root) };
}

type Owner = Record<string, unknown>;

function placesIn(value: unknown): [Owner, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const owner = value as Owner;
  return Object.keys(owner).flatMap((key) => [
    [owner, key] as [Owner, string],
    ...placesIn(owner[key]),
  ]);
}
