import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/**
 * The rooms of src/ and their numbers. A file imports its own room or a lower
 * number; two rooms of one number never import each other.
 */
const ROOMS: Record<string, number> = {
  foundation: 0,
  preprocessing: 1,
  engine: 1,
  kernels: 2,
  layers: 3,
  training: 4,
  inspect: 4,
  keras: 4,
  models: 5,
  datasets: 5,
  files: 6,
  predict: 6,
};

const DOOR = 'src/foundation/tensorflow.ts';
const NODE_ONLY_PACKAGES = new Set(['cli-progress']);
const BROWSER_SAFE_PACKAGES = new Set(['entities', 'd3-scale', 'd3-shape', 'fflate']);
const LONGEST_FILE = 400;

/** Repository path to text, both written with forward slashes. */
type Sources = Record<string, string>;

/** Every rule that `sources` breaks, one line each; empty when the house is in order. */
function violations(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) => [
    ...tooLong(path, text),
    ...(isScript(path) && path.startsWith('src/')
      ? importsOf(path, text).flatMap((target) => forbidden(path, target))
      : []),
  ]);
}

function tooLong(path: string, text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines > LONGEST_FILE ? [`${path} has ${lines} lines, more than ${LONGEST_FILE}`] : [];
}

function isScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

/** What a file of src/ asks for, in any syntax; `undefined` when it is not spelled out. */
function importsOf(path: string, text: string): (string | undefined)[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: (string | undefined)[] = file.referencedFiles.map((reference) =>
    reference.fileName.startsWith('.') ? reference.fileName : `./${reference.fileName}`,
  );
  found.push(...file.typeReferenceDirectives.map((reference) => reference.fileName));
  const literal = (node: ts.Node | undefined) =>
    node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) found.push(literal(node.moduleSpecifier));
    else if (ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier !== undefined) found.push(literal(node.moduleSpecifier));
    } else if (ts.isExternalModuleReference(node)) found.push(literal(node.expression));
    else if (ts.isImportTypeNode(node)) {
      found.push(ts.isLiteralTypeNode(node.argument) ? literal(node.argument.literal) : undefined);
    } else if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) {
      found.push(node.name.text);
    } else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const loads =
        expression.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(expression) && expression.text === 'require');
      if (loads) found.push(literal(node.arguments[0]));
    } else if (ts.isNewExpression(node) && isRelativeToThisModule(node)) {
      found.push(literal(node.arguments?.[0]));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** `new URL('./other.js', import.meta.url)`: how a worker's file is named. */
function isRelativeToThisModule(node: ts.NewExpression): boolean {
  return (
    node.expression.getText() === 'URL' && node.arguments?.[1]?.getText() === 'import.meta.url'
  );
}

function forbidden(path: string, target: string | undefined): string[] {
  if (target === undefined) return [`${path} imports a module whose name is not a literal`];
  const problem = target.startsWith('.')
    ? forbiddenNeighbour(path, posix.join(posix.dirname(path), target))
    : forbiddenPackage(path, target);
  return problem === undefined ? [] : [`${path} imports ${target}: ${problem}`];
}

function forbiddenNeighbour(path: string, target: string): string | undefined {
  if (!target.startsWith('src/')) return 'it is outside src/';
  const from = roomOf(path);
  const to = roomOf(target);
  if (from === 'node.ts') return undefined;
  if (from === 'engine' && target === DOOR.replace(/ts$/, 'js')) {
    return 'the engine knows nothing of TensorFlow.js';
  }
  if (/\.ts$/.test(to)) return 'the public face is for users alone';
  if (from === 'index.ts' || from === 'predict.ts')
    return to === 'files' ? 'the main entry is safe in a browser' : undefined;
  const [fromNumber, toNumber] = [ROOMS[from], ROOMS[to]];
  if (fromNumber === undefined) return `${from} is no room of the house`;
  if (toNumber === undefined) return `${to} is no room of the house`;
  if (from === to || toNumber < fromNumber) return undefined;
  return `${from} (${fromNumber}) may not see ${to} (${toNumber})`;
}

/** The folder under src/, or for the entry points their own names. */
function roomOf(path: string): string {
  return (path.split('/')[1] ?? '').replace(/^(index|node|predict)\.js$/, '$1.ts');
}

function forbiddenPackage(path: string, target: string): string | undefined {
  const mayUseNode = path.startsWith('src/files/') || path === 'src/node.ts';
  if (isBuiltin(target)) return mayUseNode ? undefined : 'Node modules belong to src/files/';
  if (target.startsWith('@tensorflow/')) {
    if (path !== DOOR) return `TensorFlow.js comes in through ${DOOR}`;
    return target.split('/').length > 2 ? 'deep imports break in Node' : undefined;
  }
  // A path within a package, such as entities/decode, is what its exports offer.
  const [name = ''] = target.match(/^(@[^/]+\/)?[^/]+/) ?? [];
  if (BROWSER_SAFE_PACKAGES.has(name)) return undefined;
  if (!NODE_ONLY_PACKAGES.has(name)) return 'it is not a known dependency';
  return mayUseNode ? undefined : 'Node-only packages belong to src/files/';
}

const root = fileURLToPath(new URL('..', import.meta.url));

function sourcesUnder(folder: string): Sources {
  const sources: Sources = {};
  for (const entry of readdirSync(root + folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    // What is built or downloaded is nobody's reading.
    if (/^(\..*|node_modules|dist|runs|binaries|aclImdb.*)$/.test(entry.name)) continue;
    if (entry.isDirectory()) Object.assign(sources, sourcesUnder(path));
    else if (isScript(path) || /\.(html|css|md)$/.test(path)) {
      sources[path] = readFileSync(root + path, 'utf8');
    }
  }
  return sources;
}

describe('the import rule', () => {
  const sources = {
    ...sourcesUnder('src'),
    ...sourcesUnder('assembly'),
    ...sourcesUnder('examples'),
  };

  it('holds in src/, and no file of src/, assembly/ or examples/ is longer than 400 lines', () => {
    expect(violations(sources)).toEqual([]);
  });

  it('is that of the page about it, which names every room and its number', () => {
    const page = readFileSync(`${root}docs/architecture.md`, 'utf8');
    const rows = page.matchAll(/^\| (\d) \| `src\/(\w+)\/`/gm);
    expect(Object.fromEntries([...rows].map(([, number, room]) => [room, Number(number)]))).toEqual(
      ROOMS,
    );
  });

  it('was read from the real files', () => {
    const door = sources[DOOR] ?? '';
    expect(importsOf(DOOR, door)).toEqual(
      expect.arrayContaining(['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', './errors.js']),
    );
  });

  it('keeps TensorFlow.js out of the entry that only predicts, also behind other files', () => {
    const reached = new Set<string>();
    const open = ['src/predict.ts'];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (reached.has(path)) continue;
      reached.add(path);
      const code = ts.transpile(sources[path] ?? '', { verbatimModuleSyntax: true, target: 99 });
      for (const target of importsOf(path, code)) {
        if (!target?.startsWith('.')) expect(target).not.toMatch(/@tensorflow/);
        else open.push(posix.join(posix.dirname(path), target).replace(/js$/, 'ts'));
      }
    }
    expect(reached).toContain('src/kernels/recurrent/inference.ts');
    expect(reached).not.toContain(DOOR);
  });

  it('knows every dependency of package.json', () => {
    const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    const known = [...NODE_ONLY_PACKAGES, ...BROWSER_SAFE_PACKAGES].sort();
    expect(Object.keys(manifest.dependencies).sort()).toEqual(known);
  });
});

describe('the checker fails on', () => {
  const broken: [what: string, path: string, text: string, message: string][] = [
    [
      'a lower room that looks up',
      'src/kernels/lstm.ts',
      "import { lstm } from '../layers/lstm.js';",
      'src/kernels/lstm.ts imports ../layers/lstm.js: kernels (2) may not see layers (3)',
    ],
    [
      'rooms of one number that see each other',
      'src/training/history.ts',
      "import { chart } from '../inspect/charts.js';",
      'src/training/history.ts imports ../inspect/charts.js: training (4) may not see inspect (4)',
    ],
    [
      'import type',
      'src/engine/memory.ts',
      "import type { Padding } from '../preprocessing/pad-sequences.js';",
      'src/engine/memory.ts imports ../preprocessing/pad-sequences.js: engine (1) may not see preprocessing (1)',
    ],
    [
      'a type named inline',
      'src/kernels/lstm.ts',
      "export type Args = import('../layers/lstm.js').LstmArgs;",
      'src/kernels/lstm.ts imports ../layers/lstm.js: kernels (2) may not see layers (3)',
    ],
    [
      'dynamic import',
      'src/layers/lstm.ts',
      "export const load = async () => (await import('../models/sentiment.js')).create;",
      'src/layers/lstm.ts imports ../models/sentiment.js: layers (3) may not see models (5)',
    ],
    [
      'dynamic import of a name made up on the way',
      'src/layers/lstm.ts',
      "const name = 'node:fs'; export const fs = import(name);",
      'src/layers/lstm.ts imports a module whose name is not a literal',
    ],
    [
      're-export',
      'src/preprocessing/words.ts',
      "export { Tokenizer } from '../keras/tokenizer.js';",
      'src/preprocessing/words.ts imports ../keras/tokenizer.js: preprocessing (1) may not see keras (4)',
    ],
    [
      're-export of everything',
      'src/preprocessing/words.ts',
      "export * from '../layers/index.js';",
      'src/preprocessing/words.ts imports ../layers/index.js: preprocessing (1) may not see layers (3)',
    ],
    [
      'require',
      'src/training/progress.ts',
      "const bar = require('cli-progress');",
      'src/training/progress.ts imports cli-progress: Node-only packages belong to src/files/',
    ],
    [
      'import by assignment',
      'src/training/progress.ts',
      "import fs = require('node:fs');",
      'src/training/progress.ts imports node:fs: Node modules belong to src/files/',
    ],
    [
      'a reference directive',
      'src/engine/runtime.ts',
      '/// <reference path="../files/folders.ts" />\nexport {};',
      'src/engine/runtime.ts imports ../files/folders.ts: engine (1) may not see files (6)',
    ],
    [
      "a worker's file",
      'src/engine/threads.ts',
      "new Worker(new URL('../files/worker.js', import.meta.url));",
      'src/engine/threads.ts imports ../files/worker.js: engine (1) may not see files (6)',
    ],
    [
      'foundation that imports something of ours',
      'src/foundation/errors.ts',
      "import { words } from '../preprocessing/words.js';",
      'src/foundation/errors.ts imports ../preprocessing/words.js: foundation (0) may not see preprocessing (1)',
    ],
    [
      'TensorFlow.js past the door',
      'src/layers/lstm.ts',
      "import type { Tensor } from '@tensorflow/tfjs-core';",
      `src/layers/lstm.ts imports @tensorflow/tfjs-core: TensorFlow.js comes in through ${DOOR}`,
    ],
    [
      "another module's types, opened for more",
      'src/layers/lstm.ts',
      "export {}; declare module '@tensorflow/tfjs-core' { interface Tensor { ours: 1 } }",
      `src/layers/lstm.ts imports @tensorflow/tfjs-core: TensorFlow.js comes in through ${DOOR}`,
    ],
    [
      'an engine that knows TensorFlow.js',
      'src/engine/runtime.ts',
      "import { tf } from '../foundation/tensorflow.js';",
      'src/engine/runtime.ts imports ../foundation/tensorflow.js: the engine knows nothing of TensorFlow.js',
    ],
    [
      'a deep import of TensorFlow.js',
      DOOR,
      "import { LSTM } from '@tensorflow/tfjs-layers/dist/layers/recurrent';",
      `${DOOR} imports @tensorflow/tfjs-layers/dist/layers/recurrent: deep imports break in Node`,
    ],
    [
      'a Node module outside src/files/',
      'src/models/sentiment.ts',
      "import { readFile } from 'fs/promises';",
      'src/models/sentiment.ts imports fs/promises: Node modules belong to src/files/',
    ],
    [
      'a package nobody declared',
      'src/files/archives.ts',
      "import _ from 'lodash';",
      'src/files/archives.ts imports lodash: it is not a known dependency',
    ],
    [
      'the main entry that reaches for files',
      'src/index.ts',
      "export { loadImdb } from './files/imdb.js';",
      'src/index.ts imports ./files/imdb.js: the main entry is safe in a browser',
    ],
    [
      'a room that imports the public face',
      'src/models/sentiment.ts',
      "import { layers } from '../index.js';",
      'src/models/sentiment.ts imports ../index.js: the public face is for users alone',
    ],
    [
      'a folder that is no room',
      'src/utils/strings.ts',
      "import { show } from '../foundation/errors.js';",
      'src/utils/strings.ts imports ../foundation/errors.js: utils is no room of the house',
    ],
    [
      'a way out of src/',
      'src/kernels/lstm.ts',
      "import '../../assembly/lstm.js';",
      'src/kernels/lstm.ts imports ../../assembly/lstm.js: it is outside src/',
    ],
    [
      'a long file',
      'assembly/lstm.ts',
      'let x: i32 = 1;\n'.repeat(401),
      'assembly/lstm.ts has 401 lines, more than 400',
    ],
  ];

  it.each(broken)('%s', (_what, path, text, message) => {
    expect(violations({ [path]: text })).toEqual([message]);
  });
});

describe('the checker lets pass', () => {
  const fine: [what: string, path: string, text: string][] = [
    ['a lower room', 'src/layers/lstm.ts', "import { run } from '../kernels/lstm.js';"],
    ['its own room', 'src/models/lstm.ts', "export type { A } from './sentiment.js';"],
    ['the door itself', DOOR, "import * as tf from '@tensorflow/tfjs-core';"],
    ["a package's path", 'src/preprocessing/html.ts', "import 'entities/decode';"],
    [
      'Node in src/files/',
      'src/files/bar.ts',
      "import 'node:fs'; import { b } from 'cli-progress';",
    ],
    ['node.ts that exports files', 'src/node.ts', "export * from './files/imdb.js';"],
    ['prose', 'src/layers/a.ts', "// import 'node:fs'\nconst s = \"import 'node:fs'\";"],
    ['400 lines', 'assembly/lstm.ts', 'let x: i32 = 1;\n'.repeat(400)],
  ];

  it.each(fine)('%s', (_what, path, text) => {
    expect(violations({ [path]: text })).toEqual([]);
  });
});
