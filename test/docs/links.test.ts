import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guides, read, root } from './examples.js';

/** Where a guide points, in Markdown, in its references and in HTML, without what is inside code. */
function linksOf(markdown: string): string[] {
  const prose = withoutCode(markdown);
  const links = prose.matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"|^\[[^\]]+\]: (\S+)$/gm);
  return [...links].map(
    ([, inMarkdown, inHtml, inReference]) => inMarkdown ?? inHtml ?? inReference!,
  );
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, 'code');
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const { repository } = JSON.parse(read('package.json'));
const [, name] = /^git\+https:\/\/github\.com\/(.+)\.git$/.exec(repository.url)!;
/** Where GitHub shows a file of the repository, and where it serves the file itself. */
const OF_REPOSITORY = [
  `https://github.com/${name}/blob/HEAD/`,
  `https://raw.githubusercontent.com/${name}/HEAD/`,
];

test.each(guides)('every link of %s leads somewhere', (guide) => {
  const broken = linksOf(read(guide)).filter((link) => {
    const start = OF_REPOSITORY.find((one) => link.startsWith(one));
    if (start === undefined && /^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.slice(start?.length ?? 0).split('#') as [string, string?];
    const from = start === undefined ? dirname(guide) : '';
    const target = path === '' ? guide : join(from, path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(guides)('every reference of %s is written out, and used', (guide) => {
  const prose = withoutCode(read(guide));
  const used = [...prose.matchAll(/\]\[([\w-]+)\]/g)].map(([, name]) => name);
  const written = [...prose.matchAll(/^\[([\w-]+)\]: /gm)].map(([, name]) => name);
  expect(new Set(used)).toEqual(new Set(written));
});

describe('outside of the repository', () => {
  test.each(['README.md', 'COMPATIBILITY.md', 'CHANGELOG.md'])(
    'the links of %s work, which npm shows without the files around it',
    (guide) => {
      expect(linksOf(read(guide)).filter((link) => !/^(https:|#)/.test(link))).toEqual([]);
    },
  );

  test('package.json and the README name one repository', () => {
    const { homepage, bugs } = JSON.parse(read('package.json'));
    const named = [read('README.md'), homepage, bugs].flatMap((text) =>
      [...text.matchAll(/github(?:usercontent)?\.com\/([\w.-]+\/[\w.-]+)/g)].map(([, one]) => one),
    );
    expect(named.length).toBeGreaterThan(3);
    expect([...new Set(named)]).toEqual([name]);
  });

  test('scripts/repository.mjs writes every file that says where the repository lives', () => {
    const below = ['src', 'examples', 'docs', 'site/pages'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(ts|mjs|html|md)$/.test(path))
        .filter((path) => !/(^|[\\/])(node_modules|dist|runs)[\\/]/.test(path))
        .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
    );
    const files = ['package.json', 'CITATION.cff', ...guides, ...below];
    const naming = new Set(files.filter((file) => read(file).includes(`github.com/${name}`)));
    const script = read('scripts/repository.mjs');
    const written = [...script.matchAll(/^ {2}'(.+)',$/gm)].map(([, file]) => file!);
    expect(written.sort()).toEqual([...naming].sort());
  });
});
