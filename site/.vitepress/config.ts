import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { editableFences } from './editable-fences.js';
import { renderForSearch } from './search.js';
import { referenceSidebar, sidebarIn } from './sidebar.js';

const description =
  'Recurrent networks in JavaScript that train faster than Python on the same CPU, with the preprocessing and the files of Keras.';

// A cell whose state goes back into it.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M3 12V8a5 5 0 0 1 10 0M13 8l-2.2-1.6M13 8l1.4-2.2' fill='none' stroke='%231f6feb' stroke-width='2'/%3E%3C/svg%3E";

const placeOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The anchor of a heading as GitHub makes it, which reads the same files. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'tfjs-recurrent',
  description,
  head: [['link', { rel: 'icon', href: ICON }]],
  srcDir: './.pages',
  outDir: './dist',
  cleanUrls: true,
  lastUpdated: false,
  // Else every page carries the names of all others' scripts.
  metaChunk: true,
  // It is built beside the site; see build.mjs.
  ignoreDeadLinks: [/^\/playground/],
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: editableFences,
  },
  vite: {
    resolve: {
      // The package as it is built, which examples on the pages run.
      alias: [
        { find: 'tfjs-recurrent', replacement: placeOf('../../dist/index.js') },
        // Not every page is there in both languages, which VitePress expects.
        { find: /^(\.|\.\.)\/composables\/langs$/, replacement: placeOf('./theme/languages.ts') },
      ],
    },
    worker: { format: 'es' },
    build: { chunkSizeWarningLimit: 4000 },
  },
  transformPageData({ relativePath, frontmatter }) {
    const other = relativePath.startsWith('zh/') ? relativePath.slice(3) : `zh/${relativePath}`;
    if (!existsSync(placeOf(`../.pages/${other}`))) return;
    frontmatter.inOtherLanguage = `/${other.replace(/(index)?\.md$/, '')}`;
  },
  locales: {
    root: { label: 'English', lang: 'en' },
    zh: {
      label: '中文',
      lang: 'zh-CN',
      themeConfig: {
        nav: [
          { text: '入门', link: '/zh/start' },
          { text: '理论', link: '/zh/guide/' },
          { text: '参考（英文）', link: '/reference/' },
          { text: '试一试', link: '/playground/#lang=zh', target: '_self' },
        ],
        sidebar: sidebarIn('zh'),
        outline: { label: '本页内容' },
        docFooter: { prev: '上一页', next: '下一页' },
      },
    },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/guides' },
      { text: 'Theory', link: '/guide/' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Playground', link: '/playground/', target: '_self' },
    ],
    sidebar: { '/': sidebarIn('en'), '/reference/': referenceSidebar() },
    search: { provider: 'local', options: { _render: renderForSearch } },
    outline: [2, 3],
  },
});
