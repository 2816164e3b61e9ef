/** What stands beside the pages: every page of docs and examples, in an order for readers. */
import { readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';
import { referenceByTask } from '../reference.js';

type Item = DefaultTheme.SidebarItem;

const GUIDE = [
  '1-sequences',
  '2-rnn',
  '3-topologies',
  '4-vanishing',
  '5-main-road',
  '6-gates',
  '7-gru',
  '8-attention',
  '9-imdb',
];

const ENGLISH: Record<string, readonly string[]> = {
  Start: ['start', 'from-keras', 'from-tf-layers', 'choosing-a-cell'],
  'What you want to do': [
    'sentiment',
    'presets',
    'topologies',
    'series',
    'text-generation',
    'translation',
    'attention',
    'streams',
    'ctc',
    'keras',
  ],
  'Look inside': ['explain', 'health'],
  'Train and deploy': ['training', 'browser', 'deployment', 'works-with', 'troubleshooting'],
  Experiments: ['imdb', 'benchmarks', 'benchmarks-family'],
  Inside: ['architecture', 'compatibility', 'changelog'],
};

/** What is there in Chinese, too. */
const CHINESE: Record<string, readonly string[]> = {
  入门: ['start', 'from-keras', 'choosing-a-cell'],
  动手做: ['sentiment', 'presets', 'browser'],
};

/** The sidebar of a language: the first heading of each page is its name. */
export function sidebarIn(language: 'en' | 'zh'): Item[] {
  const [folder, theory, groups] =
    language === 'zh' ? (['zh/', '理论', CHINESE] as const) : (['', 'Theory', ENGLISH] as const);
  const pages = Object.entries(groups).map(([text, files]) => ({
    text,
    items: files.map((name) => itemOf(`${folder}${name}`)),
  }));
  return [...pages, { text: theory, items: GUIDE.map((name) => itemOf(`${folder}guide/${name}`)) }];
}

/**
 * Beside the reference: its tasks, whose exports its first page lists. Every page carries the whole sidebar
 * with it, and there are hundreds of exports.
 */
export function referenceSidebar(): Item[] {
  const tasks = referenceByTask().map(({ task, place }) => ({ text: task, link: place }));
  return [{ text: 'Reference', link: '/reference/', items: tasks }];
}

// Where the heading of a page is that of another one, too.
const NAMES: Record<string, string> = { 'benchmarks-family': 'Every recurrent model' };

function itemOf(page: string): Item {
  const text = readFileSync(new URL(`../.pages/${page}.md`, import.meta.url), 'utf8');
  const [, heading] = /^# (.+)$/m.exec(text) ?? [];
  return { text: NAMES[page] ?? (heading ?? page).replaceAll('`', ''), link: `/${page}` };
}
