import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, createConsumer } from './consumer.js';

let consumer: Consumer;
beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());

const RIGHT = `
  import { padSequences, RecurrentError, Tokenizer } from 'tfjs-recurrent';
  import type { Tensor } from '@tensorflow/tfjs-core';
  const tokenizer = new Tokenizer({ numWords: 5 });
  tokenizer.fitOnTexts(['a film']);
  const padded: Tensor = padSequences(tokenizer.textsToSequences(['a film']), { padding: 'post' });
  const first: number | undefined = tokenizer.wordIndex.get('a');
  export const error: Error = new RecurrentError('no');
  export { first, padded };
`;
const CODE = `${RIGHT}
  // @ts-expect-error There is no such side.
  padSequences([[1]], { padding: 'both' });
`;
const CODE_NODE = `
  import { readTextDirectory } from 'tfjs-recurrent/node';
  const { texts, labels } = await readTextDirectory('reviews');
  export const pairs: [string, number][] = texts.map((text, i) => [text, labels[i]!]);
`;

/** What TypeScript says under strict about a project of one file, there and in our declarations. */
function compile(code: string, resolution: object, name = 'app.ts'): string[] {
  const files = [consumer.write(name, code)];
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2022', 'dom'], strict: true, noEmit: true },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
    ...resolution,
  };
  const config = ts.parseJsonConfigFileContent({ compilerOptions, files }, ts.sys, consumer.folder);
  const program = ts.createProgram(config.fileNames, config.options);
  // Those of TensorFlow.js and of TypeScript itself are not ours, and take most of the time.
  const folder = realpathSync(join(consumer.folder, 'node_modules/tfjs-recurrent'));
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => files.includes(fileName) || fileName.startsWith(`${folder}/`));
  expect(ours.length).toBeGreaterThan(10);
  const found = [
    ...[...config.errors, ...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()],
    ...ours.flatMap((file) => program.getSyntacticDiagnostics(file)),
    ...ours.flatMap((file) => program.getSemanticDiagnostics(file)),
  ];
  return found.map(({ file, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${file?.fileName.replace(`${folder}/`, '')}: ${message}`;
  });
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

describe('CommonJS, as docs/works-with.md has it,', () => {
  const types = ['node'];

  test('compiles with nodenext, and runs', () => {
    const options = { moduleResolution: 'nodenext', module: 'nodenext', types };
    expect(compile(CODE, options, 'app.cts')).toEqual([]);
    const code = `
      import '@tensorflow/tfjs-backend-cpu';
      ${RIGHT} console.log(first, padded.shape);`;
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
    });
    const printed = { stdout: '1 [ 1, 2 ]\n', stderr: '' };
    expect(consumer.run('app.cjs', outputText)).toEqual(printed);
  });

  test('is refused by node16, which knows nothing of a require of ES modules', () => {
    const options = { moduleResolution: 'node16', module: 'node16', types };
    const [error, ...more] = compile(
      "import { Tokenizer } from 'tfjs-recurrent';",
      options,
      'app.cts',
    );
    expect(error).toMatch(/is a CommonJS module .* referenced file is an ECMAScript module/);
    expect(more).toEqual([]);
    const dynamic = "export const loaded = import('tfjs-recurrent');";
    expect(compile(dynamic, options, 'app.cts')).toEqual([]);
  });
});
