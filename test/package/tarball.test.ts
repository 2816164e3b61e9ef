import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Analysis, checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { formatMessage } from 'publint/utils';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer, packed, tsc } from './consumer.js';

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
    expect(Object.keys(entrypoints)).toEqual(['.', './node', './package.json']);
    // Node, since 20.19, lets CommonJS require these ES modules; docs/works-with.md says what
    // TypeScript asks of such a program.
    const { resolutionKind, kind } = { resolutionKind: 'node16-cjs', kind: 'CJSResolvesToESM' };
    expect(problems).toEqual(
      ['.', './node'].map((entrypoint) => ({ kind, entrypoint, resolutionKind })),
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

describe('types', () => {
  const CODE = `
    import { padSequences, RecurrentError, Tokenizer } from 'tfjs-recurrent';
    import type { Tensor } from '@tensorflow/tfjs-core';
    const tokenizer = new Tokenizer({ numWords: 5 });
    tokenizer.fitOnTexts(['a film']);
    const padded: Tensor = padSequences(tokenizer.textsToSequences(['a film']), { padding: 'post' });
    const first: number | undefined = tokenizer.wordIndex.get('a');
    export const error: Error = new RecurrentError('no');
    export { first, padded };
    // @ts-expect-error There is no such side.
    padSequences([[1]], { padding: 'both' });
  `;
  const CODE_NODE = `
    import { readTextDirectory } from 'tfjs-recurrent/node';
    const { texts, labels } = await readTextDirectory('reviews');
    export const pairs: [string, number][] = texts.map((text, i) => [text, labels[i]!]);
  `;

  /** What tsc says under strict about a project of one file. */
  function compile(code: string, options: object): string[] {
    consumer.write('app.ts', code);
    const compilerOptions = {
      ...{ target: 'es2022', lib: ['es2022', 'dom'], strict: true, noEmit: true },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
      ...options,
    };
    consumer.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    const { stdout } = spawnSync(process.execPath, [tsc, '--pretty', 'false'], {
      cwd: consumer.folder,
      encoding: 'utf8',
    });
    // skipLibCheck is off so that our declarations are checked; TensorFlow.js's own are not ours.
    return stdout.split('\n').filter((line) => /error/.test(line) && !/@tensorflow/.test(line));
  }

  test('a strict project of a bundler compiles, without the types of Node', () => {
    const options = { moduleResolution: 'bundler', module: 'esnext', types: [] };
    expect(compile(CODE, options)).toEqual([]);
  });

  test('a strict project of Node compiles', () => {
    const options = { moduleResolution: 'nodenext', module: 'nodenext', types: ['node'] };
    expect(compile(CODE + CODE_NODE, options)).toEqual([]);
  });

  test('a strict project with the resolution of older TypeScript compiles', () => {
    const options = { moduleResolution: 'node10', module: 'esnext', types: ['node'] };
    expect(compile(CODE + CODE_NODE, options)).toEqual([]);
  });
});
