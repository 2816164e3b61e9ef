import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A block of code in the documentation. */
export interface Example {
  /** File and line of its first line, as an editor opens it: `src/x.ts:12`. */
  where: string;
  /** The heading above it, in a guide. */
  heading: string;
  /** What stands behind the three ticks: its language, and what it is. */
  kind: string;
  code: string;
}

export const guides = [
  'README.md',
  'CHANGELOG.md',
  'COMPATIBILITY.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...find('docs', '.md'),
  ...find('examples', 'README.md'),
].filter((file) => existsSync(join(root, file)));

/** What is written for the site alone. */
export const sitePages = find('site/pages', '.md');

/**
 * Every ```ts block that prints something, from the guides and from the comments
 * in src/. A piece of a longer program is tagged ```ts fragment and not run.
 */
export function examplesThatPrint(): Example[] {
  const inSource = find('src', '.ts').flatMap((file) => fences(file, commentLines(read(file))));
  const onPages = [...guides, ...sitePages].flatMap(examplesOf);
  return once(
    [...inSource, ...onPages].filter(
      ({ kind, code }) => kind === 'ts' && /console\.log\(|\.print\(\)|\.summary\(\)/.test(code),
    ),
  );
}

/** Every ```ts page block: what only a page can run, as test/browser/snippets.test.ts does. */
export function examplesForPages(): Example[] {
  return once(guides.flatMap(examplesOf).filter(({ kind }) => kind === 'ts page'));
}

/** Every block below a line that makes it run in the page; a page in Chinese has its own. */
export function editableExamples(): Example[] {
  return [...guides, ...sitePages].flatMap((file) => {
    const lines = read(file).split('\n');
    const marked = lines.flatMap((line, i) =>
      line === '<!-- editable -->' ? [`${file}:${i + 3}`] : [],
    );
    const examples = examplesOf(file).filter(({ where }) => marked.includes(where));
    if (examples.length !== marked.length) throw new Error(`${file}: a mark above no snippet`);
    return examples;
  });
}

/** Without what stands on a second page, too: a page in Chinese has the code of the English one. */
function once(examples: Example[]): Example[] {
  return [...new Map(examples.toReversed().map((one) => [one.code, one])).values()].toReversed();
}

/** The ```ts file NAME blocks below the heading of a page, by their names: what lies beside it. */
export function filesBeside({ where, heading }: Example): Record<string, string> {
  const guide = where.replace(/:\d+$/, '');
  return Object.fromEntries(
    examplesOf(guide).flatMap((example) => {
      const name = /^ts file (\S+)$/.exec(example.kind)?.[1];
      return name === undefined || example.heading !== heading ? [] : [[name, example.code]];
    }),
  );
}

/** Every block of a guide, of any kind. */
export function examplesOf(guide: string): Example[] {
  return fences(guide, read(guide).split('\n'));
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function find(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .sort();
}

function fences(file: string, lines: string[]): Example[] {
  const examples: Example[] = [];
  let start: number | undefined;
  let [heading, kind] = ['', ''];
  lines.forEach((line, index) => {
    if (start === undefined && /^#+ /.test(line)) heading = line.replace(/^#+ /, '');
    const fence = /^\s*```(.*?)\s*$/.exec(line)?.[1];
    if (start === undefined && fence !== undefined) [start, kind] = [index + 1, fence];
    else if (start !== undefined && fence === '') {
      const code = lines.slice(start, index).join('\n');
      examples.push({ where: `${file}:${start + 1}`, heading, kind, code });
      start = undefined;
    }
  });
  return examples;
}

/** The same number of lines, with only the text of doc comments left on them. */
function commentLines(source: string): string[] {
  let inside = false;
  return source.split('\n').map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true;
    const text = inside ? line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, '').replace(/\*\/\s*$/, '') : '';
    if (line.includes('*/')) inside = false;
    return text;
  });
}
