import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { guides, read, root } from './examples.js';

/** Where a guide points, in Markdown and in HTML, without what is inside code. */
function linksOf(markdown: string): string[] {
  const prose = withoutCode(markdown);
  const links = [...prose.matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"/g)];
  return links.map(([, inMarkdown, inHtml]) => inMarkdown ?? inHtml!);
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

test.each(guides)('every link of %s leads somewhere', (guide) => {
  const broken = linksOf(read(guide)).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split('#') as [string, string?];
    const target = path === '' ? guide : join(dirname(guide), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});
