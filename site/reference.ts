/** The reference by task: what TypeDoc wrote, in the groups of reference-tasks.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { TASKS, taskOf } from './reference-tasks.js';
import { type Grouped, groupTypes, isType, type Known, type Pages } from './reference-types.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGES = 'site/.reference';

export type Entry = 'index' | 'node' | 'predict';

/** An export and where it is described. */
interface Described {
  name: string;
  entry: string;
  link: string;
  /** The sentence that its description begins with. */
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

const read = new Map<Entry, Record<string, string>>();

/** What an entry exports, by name: the file of src/ that it is from. */
export function exportsOf(entry: Entry): Record<string, string> {
  const found = read.get(entry) ?? readExports(ENTRIES[entry].file);
  read.set(entry, found);
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

/** What TypeDoc wrote: a page for each export, by its path below the folder of TypeDoc. */
function writtenPages(): Pages {
  if (!existsSync(join(root, PAGES))) return new Map();
  const paths = readdirSync(join(root, PAGES), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'));
  return new Map(paths.map((path) => [path, readFileSync(join(root, PAGES, path), 'utf8')]));
}

let pagesAndPlaces: Grouped | undefined;

/** The pages of the reference, and where types are described. */
function grouped(): Grouped {
  pagesAndPlaces ??= groupTypes(writtenPages(), known);
  return pagesAndPlaces;
}

/** The pages of the reference but its first one, by their files as they were one for each export. */
export function referencePages(): Map<string, string> {
  return new Map([...grouped().pages].map(([path, text]) => [`${PAGES}/${path}`, text]));
}

function known(page: string): Known {
  const { entry, exported } = partsOf(page);
  const task = taskOfExport(entry, exported)!;
  return {
    from: exportsOf(entry)[exported]!,
    shared: { page: `types/${slugOf(task)}.md`, heading: `Types: ${task}` },
  };
}

/** Every task with its exports. */
export function referenceByTask() {
  const all = [...writtenPages()]
    .filter(([path]) => !path.endsWith('README.md'))
    .map(([path, text]) => describe(path, text))
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

function describe(path: string, text: string): Described {
  const { entry, name, exported } = partsOf(path);
  const { page, anchor } = grouped().places.get(path) ?? { page: path, anchor: '' };
  return {
    name: exported === name ? name : `${exported}.${name}`,
    entry: ENTRIES[entry].name,
    link: `/reference/${page.replace(/\.md$/, '')}${anchor && `#${anchor}`}`,
    line: firstSentence(text),
    isType: isType(path),
    task: taskOfExport(entry, exported),
  };
}

/** What TypeDoc's path of a page says; what is in a namespace is exported with it. */
function partsOf(path: string): { entry: Entry; name: string; exported: string } {
  const parts = /^(?<entry>\w+)\/(?:namespaces\/(?<namespace>\w+)\/)?[\w-]+\/(?<name>[\w-]+)\.md$/;
  const { entry, namespace, name } = parts.exec(path)!.groups as Record<string, string>;
  return { entry: entry as Entry, name: name!, exported: namespace ?? name! };
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

Every export, by what you want to do. Each page has parameters with their defaults, what is thrown, an example
that a test runs, and the types that belong to it. By entry: ${entries.join(', ')}.

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
