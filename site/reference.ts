/** The reference by task: what TypeDoc wrote, a page for each export, in the groups of reference-tasks.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { TASKS, taskOf } from './reference-tasks.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGES = 'site/.reference';

export type Entry = 'index' | 'node' | 'predict';

/** An export and its page. */
interface Described {
  name: string;
  entry: string;
  link: string;
  /** The sentence that its page begins with. */
  line: string;
  isType: boolean;
  task: string | undefined;
}

/** By the folder of TypeDoc, what a user imports. */
export const ENTRIES: Record<Entry, { file: string; name: string }> = {
  index: { file: 'src/index.ts', name: 'tfjs-recurrent' },
  node: { file: 'src/node.ts', name: 'tfjs-recurrent/node' },
  predict: { file: 'src/predict.ts', name: 'tfjs-recurrent/predict' },
};

const known = new Map<Entry, Record<string, string>>();

/** What an entry exports, by name: the file of src/ that it is from. */
export function exportsOf(entry: Entry): Record<string, string> {
  const found = known.get(entry) ?? readExports(ENTRIES[entry].file);
  known.set(entry, found);
  return found;
}

function readExports(file: string): Record<string, string> {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const found: Record<string, string> = {};
  for (const statement of source.statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
    const from = posix
      .join('src', (statement.moduleSpecifier as ts.StringLiteral).text)
      .replace(/\.js$/, '.ts');
    const { exportClause } = statement;
    const names = ts.isNamespaceExport(exportClause)
      ? [exportClause.name]
      : exportClause.elements.map(({ name }) => name);
    for (const { text } of names) found[text] = from;
  }
  return found;
}

/** The task of an export. All of the entry that predicts is for one. */
export function taskOfExport(entry: Entry, name: string): string | undefined {
  const from = exportsOf(entry)[name];
  if (from === undefined) return undefined;
  return taskOf(entry === 'predict' ? ENTRIES.predict.file : from);
}

/** Every task with its exports. */
export function referenceByTask() {
  const all = readdirSync(join(root, PAGES), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && !path.endsWith('README.md'))
    .map(describe)
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  return TASKS.map(({ task, line }) => {
    const own = all.filter((one) => one.task === task);
    return {
      task,
      place: `/reference/#${slugOf(task)}`,
      line,
      values: own.filter((one) => !one.isType),
      types: own.filter((one) => one.isType),
    };
  });
}

function describe(path: string): Described {
  const parts =
    /^(?<entry>\w+)\/(?:namespaces\/(?<namespace>\w+)\/)?(?<kind>[\w-]+)\/(?<file>[\w-]+)\.md$/;
  const { entry, namespace, kind, file } = parts.exec(path)!.groups as {
    entry: Entry;
    namespace?: string;
    kind: string;
    file: string;
  };
  const text = readFileSync(join(root, PAGES, path), 'utf8');
  return {
    name: namespace === undefined ? file : `${namespace}.${file}`,
    entry: ENTRIES[entry].name,
    link: `/reference/${path.replace(/\.md$/, '')}`,
    line: firstSentence(text),
    isType: kind === 'interfaces' || kind === 'type-aliases',
    task: taskOfExport(entry, namespace ?? file),
  };
}

/** Of the first paragraph that is neither heading nor code, without its links, which start from its own page. */
function firstSentence(markdown: string): string {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '').split(/\n{2,}/);
  const paragraph = prose.find((part) => /^[^#|>*\s-]/.test(part.trim())) ?? '';
  const line = paragraph
    .trim()
    .replaceAll('\n', ' ')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
  return /^.*?[.:](?=\s|$)/.exec(line)?.[0].replace(/:$/, '.') ?? line;
}

/** What the address of a task's part of that page ends with. */
const slugOf = (task: string) => task.toLowerCase().replace(/[^a-z]+/g, '-');

/** The first page of the reference. */
export function referencePage(): string {
  const parts = referenceByTask().map(({ task, line, values, types }) => {
    const lists = [lines(values)];
    if (types.length > 0) lists.push(`::: details Types\n${lines(types)}\n:::`);
    return `## ${task} {#${slugOf(task)}}\n\n${line}\n\n${lists.join('\n\n')}\n`;
  });
  const entries = Object.entries(ENTRIES).map(
    ([folder, { name }]) => `[\`${name}\`](/reference/${folder}/index.md)`,
  );
  return `# Reference

Every export, by what you want to do. Each page has parameters with their defaults, what is thrown, and an example
that a test runs. By entry: ${entries.join(', ')}.

${parts.join('\n')}`;
}

function lines(all: Described[]): string {
  return all
    .map(({ name, entry, link, line }) => {
      const where = entry === ENTRIES.node.name ? ` (\`${entry}\`)` : '';
      return `- [\`${name}\`](${link})${where}: ${line}`;
    })
    .join('\n');
}
