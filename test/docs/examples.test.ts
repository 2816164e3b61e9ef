import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Example,
  examplesForPages,
  examplesThatPrint,
  guides,
  examplesOf,
  root,
} from './examples.js';
import { writeBuiltPackage, writeLightPackages } from '../light-packages.js';
import { instrument, tidy } from './instrument.js';

const examples = examplesThatPrint();
const reporter = new URL('reporter.mjs', import.meta.url).href;

// Inside the project, where what the packages need is found.
let folder: string;
/** Each of two hundred processes loads the packages. */
let light: string;
beforeAll(() => {
  mkdirSync(join(root, 'runs'), { recursive: true });
  folder = mkdtempSync(join(root, 'runs/examples-'));
  light = join(folder, 'light');
  mkdirSync(light);
  writeLightPackages(light);
  writeBuiltPackage(light);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('every example prints what its comments say', () => {
  test.for(examples.map((example, index) => [example.where, example, index] as const))(
    '%s',
    async ([, example, index], { expect }) => {
      const { javascript, expected, unexplained } = instrument(example.code, reporter);
      expect(unexplained, 'prints, but no comment below shows what').toEqual([]);
      const { printed, complaints } = await runFresh(`example-${index}`, javascript);
      expect(complaints).toBe('');
      expect(printed).toEqual(expected);
    },
  );
});

test('every example compiles under strict', () => {
  const files = new Map(
    [...examples, ...examplesForPages()].map((example, index) => {
      const file = join(folder, `example-${index}.ts`);
      writeFileSync(file, example.code);
      return [file, example];
    }),
  );
  const program = ts.createProgram([...files.keys()], {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: ['node', 'vite/client'] },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext },
    ...{ lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], moduleDetection: ts.ModuleDetectionKind.Force },
  });
  const errors = ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => describeError(diagnostic, files.get(diagnostic.file?.fileName ?? '')));
  expect(errors).toEqual([]);
});

test('what needs a page is not hidden as a fragment, which nobody runs', () => {
  const hidden = guides
    .flatMap(examplesOf)
    .filter(({ kind }) => kind === 'ts fragment')
    .filter(({ code }) => /\b(document|window|fetch|indexeddb|localstorage|Worker)\b/.test(code));
  expect(hidden.map(({ where }) => where)).toEqual([]);
});

function describeError({ file, start, messageText }: ts.Diagnostic, example?: Example): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || example === undefined) return message;
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
  return `${example.where}: ${message} in: ${file.text.split('\n')[line]}`;
}

async function runFresh(name: string, javascript: string) {
  const script = join(light, `${name}.mjs`);
  const output = join(light, `${name}.json`);
  writeFileSync(script, javascript);
  const cwd = mkdtempSync(join(tmpdir(), 'example-'));
  try {
    const env = { ...process.env, EXAMPLE_OUTPUT: output };
    const child = spawn(process.execPath, [script], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stderr] = await Promise.all([text(child.stderr), text(child.stdout)]);
    // Missing when the example did not even load; stderr then says why.
    const printed: Record<string, string[]> = existsSync(output)
      ? JSON.parse(readFileSync(output, 'utf8'))
      : {};
    return {
      printed: Object.fromEntries(
        Object.entries(printed).map(([site, lines]) => [site, tidy(lines.join('\n'))]),
      ),
      complaints: withoutGreeting(stderr).trim(),
    };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** TensorFlow.js's own cpu backend recommends tfjs-node once a process; that is not ours. */
function withoutGreeting(stderr: string): string {
  return stderr.replace(/\n=+\nHi, looks like you are running TensorFlow\.js[\s\S]*?\n=+\n/, '');
}
