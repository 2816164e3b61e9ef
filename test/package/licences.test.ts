import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './consumer.js';

interface Locked {
  license?: string;
  dev?: boolean;
}

/** Licences that ask no more of a program than to name them. */
const PERMISSIVE = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
];

/** Of what only development needs: what is of other licences, by name, after somebody has read them. */
const READ: Record<string, string> = {
  'axe-core': 'MPL-2.0', // used as it is, by tests alone
  argparse: 'Python-2.0', // permissive; TypeDoc's reader of Markdown brings it
  h5wasm: 'SEE LICENSE IN LICENSE.txt', // those of NIST and of the HDF5 library, permissive
};

const { packages }: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
);
const locked = Object.entries(packages).flatMap(([path, { license = 'none', dev = false }]) =>
  path === '' ? [] : [{ name: path.split('node_modules/').pop()!, license, dev }],
);

/** `MIT OR GPL-2.0` leaves a choice, `MIT AND GPL-2.0` does not. */
const isPermissive = (license: string) =>
  license
    .replaceAll(/[()]/g, '')
    .split(' AND ')
    .every((part) => part.split(' OR ').some((one) => PERMISSIVE.includes(one)));

test('what users install with the package is under permissive licences', () => {
  const installed = locked.filter(({ dev }) => !dev);
  expect(installed.length).toBeGreaterThan(10);
  expect(installed.filter(({ license }) => !isPermissive(license))).toEqual([]);
});

test('so is what development needs, with exceptions that are named', () => {
  const others = locked.filter(({ dev, license }) => dev && !isPermissive(license));
  expect(Object.fromEntries(others.map(({ name, license }) => [name, license]))).toEqual(READ);
});
