// Gathers the pages of the site in .pages/: docs, examples and what is written for the site alone.
// Links that work in the repository become links of the site, or to the source; pictures come along.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referencePage, referencePages } from './reference.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = fileURLToPath(new URL('.pages', import.meta.url));
const { homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const repository = homepage.replace(/#.*$/, '');

// From a file of the project to its page, first match first.
const PLACES = [
  [/^site\/pages\/(.+)$/, '$1'],
  [/^site\/\.reference\/(.*)README\.md$/, 'reference/$1index.md'],
  [/^site\/\.reference\/(.+)$/, 'reference/$1'],
  [/^docs\/README\.md$/, 'guides.md'],
  [/^docs\/guide\/zh\/README\.md$/, 'zh/guide/index.md'],
  [/^docs\/guide\/zh\/(.+)$/, 'zh/guide/$1'],
  [/^docs\/zh\/(.+)$/, 'zh/$1'],
  [/^docs\/guide\/README\.md$/, 'guide/index.md'],
  [/^docs\/(.+)$/, '$1'],
  [/^examples\/([^/]+)\/README\.md$/, 'examples/$1.md'],
  [/^CHANGELOG\.md$/, 'changelog.md'],
  [/^COMPATIBILITY\.md$/, 'compatibility.md'],
];

const reference = referencePages();
const files = [
  ...filesIn('docs', '.md'),
  ...filesIn('examples', 'README.md'),
  ...filesIn('site/pages', '.md'),
  ...reference.keys(),
  'CHANGELOG.md',
  'COMPATIBILITY.md',
];

const pages = files.map(pageOf);
const twice = pages.filter((page, i) => pages.indexOf(page) !== i && page !== 'reference/index.md');
if (twice.length > 0) throw new Error(`More than one file for ${twice.join(', ')}.`);

rmSync(out, { recursive: true, force: true });
const pictures = new Set();
for (const file of files) {
  const text = reference.get(file) ?? readFileSync(join(root, file), 'utf8');
  write(pageOf(file), linked(text, file));
}
if (reference.size > 0) write('reference/index.md', referencePage());
for (const picture of pictures) {
  const to = join(out, pageOf(picture));
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, picture), to);
}

function filesIn(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith(ending))
    .sort();
}

function pageOf(file) {
  const found = PLACES.find(([pattern]) => pattern.test(file));
  return found && file.replace(...found);
}

/** A page with its links changed, but for those in code. */
function linked(text, file) {
  return text
    .split(/(^```[\s\S]*?^```)/m)
    .map((part, i) => (i % 2 ? part : linkedText(part, file)))
    .join('');
}

function linkedText(text, file) {
  return text
    .replace(
      /(\]\()([^()\s]+)(\))/g,
      (_, before, href, after) => before + placeOf(href, file) + after,
    )
    .replace(/^(\[[^\]]+\]: )(\S+)$/gm, (_, before, href) => before + placeOf(href, file));
}

/** Where a link leads on the site. */
function placeOf(href, file) {
  if (/^([a-z]+:|#|\/)/i.test(href)) return href;
  const [path, hash] = href.split('#');
  let target = relative(root, join(root, dirname(file), decodeURI(path))).replaceAll('\\', '/');
  const isFolder = existsSync(join(root, target)) && statSync(join(root, target)).isDirectory();
  if (isFolder && files.includes(`${target}/README.md`)) target = `${target}/README.md`;
  const anchor = hash ? `#${hash}` : '';
  if (files.includes(target)) return `/${pageOf(target)}${anchor}`;
  if (/\.(svg|png)$/.test(target) && pageOf(target)) {
    pictures.add(target);
    return relative(dirname(pageOf(file)), pageOf(target)).replace(/^(?!\.)/, './');
  }
  return `${repository}/${isFolder ? 'tree' : 'blob'}/main/${target}${anchor}`;
}

function write(page, text) {
  const to = join(out, page);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
}
