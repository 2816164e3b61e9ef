import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A ```ts block of the documentation. */
export interface Example {
  /** File and line of its first line, as an editor opens it: `src/x.ts:12`. */
  where: string;
  code: string;
}

export const guides = [
  'README.md',
  'CHANGELOG.md',
  'COMPATIBILITY.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...find('examples', 'README.md'),
].filter((file) => existsSync(join(root, file)));

/**
 * Every ```ts block that prints something, from the guides and from the comments
 * in src/. A piece of a longer program is tagged ```ts fragment and not run.
 */
export function examplesThatPrint(): Example[] {
  const inGuides = guides.flatMap((file) => fences(file, read(file).split('\n')));
  const inSource = find('src', '.ts').flatMap((file) => fences(file, commentLines(read(file))));
  return [...inSource, ...inGuides].filter(({ code }) =>
    /console\.log\(|\.print\(\)|\.summary\(\)/.test(code),
  );
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
  lines.forEach((line, index) => {
    if (start === undefined && /^\s*```ts\s*$/.test(line)) start = index + 1;
    else if (start !== undefined && /^\s*```\s*$/.test(line)) {
      examples.push({ where: `${file}:${start + 1}`, code: lines.slice(start, index).join('\n') });
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
