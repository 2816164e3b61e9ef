/** Where the site describes types. */
import { expect, test } from 'vitest';
import { groupTypes, type Known } from '../../site/reference-types.js';

const WRITTEN = new Map([
  ['index/README.md', '- [padOptions](interfaces/PadOptions.md)'],
  [
    'index/functions/pad.md',
    '# Function: pad()\n\nTakes [`PadOptions`](../interfaces/PadOptions.md).\n',
  ],
  [
    'index/functions/read.md',
    '# Function: read()\n\n[`PadOptions`](../interfaces/PadOptions.md), [`Step`](../type-aliases/Step.md)\n',
  ],
  [
    'index/interfaces/PadOptions.md',
    [
      '# Interface: PadOptions\n',
      'How [pad](../functions/pad.md) does it, at a [side](#property-side).\n',
      '## Properties\n',
      '| <a id="property-side"></a> `side?` | [`Side`](../type-aliases/Side.md) |\n',
      '## Methods\n',
      '### fill()\n',
      '```ts',
      '# none of a heading',
      '```',
    ].join('\n'),
  ],
  [
    'index/type-aliases/Side.md',
    '# Type Alias: Side\n\nSee [it](../interfaces/PadOptions.md#fill).',
  ],
  [
    'index/type-aliases/Step.md',
    '# Type Alias: Step\n\nFor [it](../interfaces/PadOptions.md#property-side).',
  ],
  ['index/type-aliases/Alone.md', '# Type Alias: Alone\n\nOf [`Step`](Step.md).'],
]);

const SOURCES: Record<string, string> = { pad: 'src/pad.ts', PadOptions: 'src/pad.ts' };

const known = (page: string): Known => ({
  from: SOURCES[page.replace(/.*\/(\w+)\.md$/, '$1')] ?? page,
  shared: { page: 'types/all.md', heading: 'Types: All' },
});

const { pages, places } = groupTypes(WRITTEN, known);

test('types have no pages of their own', () => {
  expect([...pages.keys()].sort()).toEqual([
    'index/README.md',
    'index/functions/pad.md',
    'index/functions/read.md',
    'types/all.md',
  ]);
});

test('a type stands beside what is from its file, else beside the only one that needs it', () => {
  const pageOf = (type: string) => places.get(`index/${type}.md`)!.page;
  expect(pageOf('interfaces/PadOptions')).toBe('index/functions/pad.md');
  expect(pageOf('type-aliases/Step')).toBe('index/functions/read.md');
  expect(pageOf('type-aliases/Side')).toBe('types/all.md');
  expect(pageOf('type-aliases/Alone')).toBe('types/all.md');
});

test('its headings go one level down, with the anchors that links name', () => {
  const [, section] = pages.get('index/functions/pad.md')!.split('\n## PadOptions {#padoptions}\n');
  expect(section).not.toContain('Properties');
  expect(section).toContain('\n### Methods\n');
  expect(section).toContain('\n#### fill() {#padoptions-fill}\n');
  expect(section).toContain('\n# none of a heading\n');
  expect(section).toContain('<a id="padoptions-side"></a>');
});

test('links lead to where types are, from pages and from types', () => {
  expect(pages.get('index/README.md')).toContain('(functions/pad.md#padoptions)');
  expect(pages.get('index/functions/pad.md')).toContain('Takes [`PadOptions`](#padoptions)');
  expect(pages.get('index/functions/pad.md')).toContain('[pad](pad.md)');
  expect(pages.get('index/functions/pad.md')).toContain('[side](#padoptions-side)');
  expect(pages.get('index/functions/pad.md')).toContain('(../../types/all.md#side)');
  expect(pages.get('index/functions/read.md')).toContain('[it](pad.md#padoptions-side)');
  expect(pages.get('types/all.md')).toContain('[it](../index/functions/pad.md#padoptions-fill)');
  expect(pages.get('types/all.md')).toContain('[`Step`](../index/functions/read.md#step)');
});
