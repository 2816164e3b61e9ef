import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it, test } from 'vitest';
import { errorOf, FileError, RecurrentError, reasonOf } from '../src/foundation/errors.js';
import { fileError } from '../src/foundation/reject-file.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(root + path, 'utf8');
const parse = (path: string, text: string) =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** The parts of a message that a call gives, and the entry that it leads to. */
interface Call {
  at: string;
  /** The function that takes it; undefined where it is kept first. */
  taker: string | undefined;
  /** The entry, where it is spelled out. */
  entry: string | undefined;
  namesEntry: boolean;
  hasReceived: boolean;
  /** What its message looks like; undefined where the words are put together elsewhere. */
  pattern: RegExp | undefined;
}

/** These add an entry of their own, or warn without throwing. */
const WITHOUT_ENTRY = new Set(['refuse', 'refuseLayer', 'complain', 'warn']);

/** Every object in a file that names what was `expected`. */
function callsIn(path: string, text: string): Call[] {
  const calls: Call[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node) && partOf(node, 'expected'))
      calls.push(callOf(path, node));
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return calls;
}

function callOf(path: string, node: ts.ObjectLiteralExpression): Call {
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  const taker = ts.isCallExpression(node.parent)
    ? node.parent.expression.getText().split(/[.#]/).at(-1)
    : undefined;
  const see = partOf(node, 'see');
  const hasReceived = partOf(node, 'received') !== undefined;
  const expected = patternsOf(initializerOf(partOf(node, 'expected')));
  const remedy = patternsOf(initializerOf(partOf(node, 'remedy'))) ?? '.*';
  return {
    at: `${path}:${line + 1}`,
    taker,
    entry: see && /^see: '([\w-]+)'$/.exec(see.getText())?.[1],
    namesEntry: see !== undefined,
    hasReceived,
    pattern:
      expected === undefined
        ? undefined
        : new RegExp(`^(.+: )?(\\S+ \\(\\w+\\) )?${expected}(, received .+)?\\.( ${remedy}| .*)?$`),
  };
}

function partOf(node: ts.ObjectLiteralExpression, name: string) {
  return node.properties.find((part) => part.name?.getText() === name);
}

const initializerOf = (part: ts.ObjectLiteralElementLike | undefined) =>
  part && ts.isPropertyAssignment(part) ? part.initializer : undefined;

/** A pattern for the texts that an expression can give; undefined where it is not spelled out. */
function patternsOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return escaped(node.text);
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(({ literal }) => `.*${escaped(literal.text)}`);
    return escaped(node.head.text) + spans.join('');
  }
  if (ts.isConditionalExpression(node)) {
    return `(${patternsOf(node.whenTrue) ?? '.+'}|${patternsOf(node.whenFalse) ?? '.+'})`;
  }
  if (ts.isBinaryExpression(node)) {
    return `${patternsOf(node.left) ?? '.+'}${patternsOf(node.right) ?? '.+'}`;
  }
  return undefined;
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Calls whose message would lead to an entry about something else. */
function withoutEntry(calls: Call[]): string[] {
  return calls
    .filter(({ taker = '' }) => !WITHOUT_ENTRY.has(taker))
    .filter(({ namesEntry, hasReceived }) => !namesEntry && !hasReceived)
    .map(({ at }) => at);
}

const sources = Object.fromEntries(
  readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [`src/${path}`, read(`src/${path}`)]),
);
const calls = Object.entries(sources).flatMap(([path, text]) => callsIn(path, text));

const page = read('docs/troubleshooting.md');
const [ours = ''] = page.split('\n## Errors of others\n');
/** The entries of the page about our errors: their addresses, and the message that each shows. */
const shown = new Map(
  ours
    .split('\n### ')
    .slice(1)
    .map((entry) => {
      const [heading = ''] = entry.split('\n');
      const slug = heading.toLowerCase().replaceAll(' ', '-');
      return [slug, /```text\n(.+)\n```/.exec(entry)?.[1] ?? ''];
    }),
);

const entries = [...read('src/foundation/entries.ts').matchAll(/^ {2}\| '([\w-]+)'/gm)].map(
  ([, entry]) => entry!,
);

describe('every error has an entry on the page', () => {
  it('which has one for each that a message can name, and no other', () => {
    expect(new Set(entries).size).toBe(entries.length);
    expect([...shown.keys()].sort()).toEqual([...entries].sort());
  });

  it('that some call names', () => {
    const named = Object.entries(sources)
      .filter(([path]) => path !== 'src/foundation/entries.ts')
      .map(([, text]) => text)
      .join('\n');
    expect(
      entries.filter((entry) => !named.includes(`'${entry}'`) && entry !== 'wrong-value'),
    ).toEqual([]);
  });

  it('and each call leads to one: it names it, or shows the value that is wrong', () => {
    expect(calls.length).toBeGreaterThan(400);
    expect(withoutEntry(calls)).toEqual([]);
  });

  it('and errors are made where the address is added', () => {
    const makers = Object.entries(sources)
      .filter(([, text]) => /new (RecurrentError|FileError)\(/.test(text))
      .map(([path]) => path);
    expect(makers.sort()).toEqual([
      'src/foundation/errors.ts',
      'src/foundation/reject-file.ts',
      'src/predict/load-forecaster.ts', // puts another name before a message
      'src/predict/reading/keras.ts', // so does this
      'src/training/worker/worker-training.ts', // repeats the message of the worker
    ]);
  });

  it.each([...shown])('%s shows a message as the code says it', (slug, message) => {
    const patterns = calls
      .filter(
        ({ entry, taker }) => (entry ?? 'wrong-value') === slug || /^refuse/.test(taker ?? ''),
      )
      .flatMap(({ pattern }) => pattern ?? []);
    expect(message.includes('…') || patterns.some((one) => one.test(message))).toBe(true);
  });
});

describe('the checker fails on', () => {
  test('a call that names no entry and shows no value', () => {
    const text = "reject({ where, expected: 'it must be so' });";
    expect(withoutEntry(callsIn('a.ts', text))).toEqual(['a.ts:1']);
  });

  test('a message that no call says', () => {
    const [call] = callsIn('a.ts', "reject({ where, expected: name + ' must be so', see: 'x' });");
    expect([call!.entry, call!.pattern!.test('f: a must be so.')]).toEqual(['x', true]);
    expect(call!.pattern!.test('f: a must not be so.')).toBe(false);
  });
});

describe('a message', () => {
  const complaint = { where: 'f', expected: 'n must be 1', received: 2 };

  it('ends with the address of its entry', () => {
    const { homepage } = JSON.parse(read('package.json'));
    const [repository] = homepage.split('#');
    expect(errorOf({ ...complaint, see: 'wrong-shape' }).message).toBe(
      `f: n must be 1, received 2.\n${repository}/blob/HEAD/docs/troubleshooting.md#wrong-shape`,
    );
    const error = fileError('a.txt', complaint, 'why');
    expect(error.message).toMatch(/\n.*#wrong-value$/);
    expect([error instanceof FileError, error.path, error.cause]).toEqual([true, 'a.txt', 'why']);
  });

  it('is repeated in another one without the address', () => {
    expect(reasonOf(errorOf(complaint))).toBe('f: n must be 1, received 2.');
    expect(reasonOf(new RecurrentError('two\nlines'))).toBe('two\nlines');
    expect(reasonOf('not an error')).toBe('not an error');
  });
});
