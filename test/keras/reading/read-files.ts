/** The files of test/golden/interop, and what Keras recorded about them. */
import { readFileSync } from 'node:fs';
import type { KerasFiles } from '../../../src/index.js';

const folder = new URL('../../golden/interop/', import.meta.url);

export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}

export function textOf(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}

/** `lstm` or `bigru`; see test/golden/README.md. */
export type Variant = 'lstm' | 'bigru';

/** What Keras computed. */
export interface Recorded {
  inputs: number[][];
  predictions: number[][];
}

export function recorded(variant: Variant): Recorded {
  return JSON.parse(textOf(`${variant}.io.json`));
}

/** What loadKerasModel takes. */
export type KerasInput = Uint8Array | KerasFiles;

/** Every way in which a variant can be loaded, by its file names. */
export function waysToLoad(variant: Variant): [title: string, open: () => KerasInput][] {
  const architectures = [
    ...['keras3.json', 'keras224_handwritten.json'],
    ...(variant === 'lstm' ? ['keras216_handwritten.json'] : []),
  ];
  const weights = [
    ...['weights_legacy.h5', 'weights.h5', 'weights_keras224_handwritten.h5', 'model_legacy.h5'],
  ];
  const pairs = architectures.flatMap((json) =>
    weights.map((h5): [string, () => KerasInput] => [
      `${json} + ${h5}`,
      () => ({ json: textOf(`${variant}.${json}`), weights: bytesOf(`${variant}.${h5}`) }),
    ]),
  );
  return [
    ['keras', () => bytesOf(`${variant}.keras`)],
    ['model_legacy.h5', () => bytesOf(`${variant}.model_legacy.h5`)],
    ...pairs,
  ];
}
