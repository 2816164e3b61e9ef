// Builds the site in site/dist: the reference, the playground, the pages, and all of them as Markdown.
//
//     npm run site
//     npm run site -- FOLDER, where the playground has been built already
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');

run(here, 'npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error');
run(root, 'npx', 'typedoc', '--options', 'site/typedoc.json');
run(root, 'npx', 'tsx', 'site/collect.mjs');
const playground = join(here, '.pages/public/playground');
const [built] = process.argv.slice(2);
if (built) cpSync(built, playground, { recursive: true });
else
  run(
    root,
    'npx',
    'vite',
    'build',
    'examples/browser',
    '--outDir',
    playground,
    '--logLevel',
    'error',
  );
for (const picture of ['playground.png', 'playground-dark.png']) {
  cpSync(join(root, 'docs', picture), join(here, '.pages/public', picture));
}
run(here, 'npx', 'vitepress', 'build', '.');
writeMarkdown();

/** Each page as it was written, beside it, and a list of them for language models: llmstxt.org. */
function writeMarkdown() {
  const pages = readdirSync(join(here, '.pages'), { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !/(^|\/)index\.md$/.test(name))
    .sort();
  const lines = pages.map((page) => {
    const text = readFileSync(join(here, '.pages', page), 'utf8');
    writeFileSync(join(here, 'dist', page), text);
    const [, heading = page] = /^# (.+)$/m.exec(text) ?? [];
    return `- [${heading}](/${page})`;
  });
  const { name, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(
    join(here, 'dist/llms.txt'),
    `# ${name}\n\n> ${description}\n\n## Pages\n\n${lines.join('\n')}\n`,
  );
}

function run(cwd, command, ...args) {
  execFileSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
}
