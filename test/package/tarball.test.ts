import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Analysis, checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { formatMessage } from 'publint/utils';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer, packed } from './consumer.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());

const PIPELINE = `
  const tokenizer = new Tokenizer({ numWords: 5, oovToken: '?' });
  tokenizer.fitOnTexts(['a good film', 'a bad film']);
  const padded = padSequences(tokenizer.textsToSequences(['a good, good film']), { maxlen: 6 });
  console.log(JSON.stringify(padded.arraySync()));
`;
const PADDED = '[[0,0,2,4,4,3]]\n';

describe('the tarball', () => {
  test('holds the build, the command and the documents, nothing else', () => {
    const documents = packed()
      .paths.filter((path) => !path.startsWith('dist/'))
      .sort();
    expect(documents).toEqual([
      'CHANGELOG.md',
      'COMPATIBILITY.md',
      'LICENSE',
      'README.md',
      'bin/tfjs-recurrent.js',
      'package.json',
    ]);
    const strange = packed().paths.filter((path) => !/^dist\/.*\.(c?js|d\.ts)$/.test(path));
    expect(strange.sort()).toEqual(documents);
  });

  test('stays within its budget, and so does what Node loads of it', () => {
    const { paths, bytes } = packed();
    const size = (path: string) =>
      statSync(join(consumer.folder, 'node_modules/tfjs-recurrent', path)).size;
    const inNode = paths.filter((path) => path.startsWith('dist/in-node/')).map(size);
    // Whoever needs more raises it here, where it shows.
    expect(bytes).toBeLessThan(1_550_000);
    expect(inNode.reduce((sum, one) => sum + one)).toBeLessThan(1_450_000);
  });

  test('points to no source map, since it ships none', () => {
    const pointing = packed()
      .paths.filter((path) => path.startsWith('dist/'))
      .filter((path) => {
        const text = readFileSync(
          join(consumer.folder, 'node_modules/tfjs-recurrent', path),
          'utf8',
        );
        return text.includes('sourceMappingURL');
      });
    expect(pointing).toEqual([]);
  });

  test('brings its command along', () => {
    const { stdout, stderr } = spawnSync('npx', ['tfjs-recurrent', '--help'], {
      cwd: consumer.folder,
      encoding: 'utf8',
    });
    expect(stderr.replace(/^npm warn .*\n/gm, '')).toBe('');
    expect(stdout).toMatch(/^Usage: tfjs-recurrent convert IN OUT\n/);
  });

  test('satisfies publint', async () => {
    const tarball = new Uint8Array(readFileSync(packed().tarball)).buffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('has types where a program finds them, in every resolution of TypeScript', async () => {
    const bytes = new Uint8Array(readFileSync(packed().tarball));
    const result = await checkPackage(createPackageFromTarballData(bytes));
    expect(result).toMatchObject({ types: { kind: 'included' } });
    const { problems, entrypoints } = result as Analysis;
    expect(Object.keys(entrypoints)).toEqual(['.', './node', './predict', './package.json']);
    // Node, since 20.19, lets CommonJS require these ES modules; docs/works-with.md says what
    // TypeScript asks of such a program.
    const { resolutionKind, kind } = { resolutionKind: 'node16-cjs', kind: 'CJSResolvesToESM' };
    expect(problems).toEqual(
      ['.', './node', './predict'].map((entrypoint) => ({ kind, entrypoint, resolutionKind })),
    );
  });
});

describe('in a fresh process the package says only what it is asked to', () => {
  test('import', () => {
    const code = `
      import { padSequences, Tokenizer } from 'tfjs-recurrent';
      import '@tensorflow/tfjs-backend-cpu';
      ${PIPELINE}`;
    expect(consumer.run('esm.mjs', code)).toEqual({ stdout: PADDED, stderr: '' });
  });

  test('require, since Node now loads modules that way too', () => {
    const code = `
      const { padSequences, Tokenizer } = require('tfjs-recurrent');
      require('@tensorflow/tfjs-backend-cpu');
      ${PIPELINE}`;
    expect(consumer.run('required.cjs', code)).toEqual({ stdout: PADDED, stderr: '' });
  });

  test('tfjs-recurrent/node has all of the main entry, the same objects', () => {
    const code = `
      import * as everywhere from 'tfjs-recurrent';
      import * as inNode from 'tfjs-recurrent/node';
      const lost = Object.keys(everywhere).filter((name) => everywhere[name] !== inNode[name]);
      console.log(lost.length, typeof inNode.readTextDirectory);`;
    expect(consumer.run('node.mjs', code)).toEqual({ stdout: '0 function\n', stderr: '' });
  });

  test('Node gets the build that loads fast, with the same exports and the user’s tfjs-layers', () => {
    const code = `
      import * as tfl from '@tensorflow/tfjs-layers';
      import '@tensorflow/tfjs-backend-cpu';
      import * as inNode from 'tfjs-recurrent';
      import * as everywhere from './node_modules/tfjs-recurrent/dist/index.js';
      const build = import.meta.resolve('tfjs-recurrent').split('/').slice(-3).join('/');
      const alike = Object.keys(inNode).join() === Object.keys(everywhere).join();
      console.log(build, alike, inNode.createSentimentLstm() instanceof tfl.LayersModel);`;
    const { stdout } = consumer.run('build.mjs', code);
    expect(stdout).toBe('dist/in-node/index.js true true\n');
  });
});
