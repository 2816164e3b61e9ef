import { fileURLToPath } from 'node:url';
import { build, type Rollup } from 'vite';
import { expect, it } from 'vitest';

const index = fileURLToPath(new URL('../../../src/index.ts', import.meta.url));

/** What a browser would load at once, and what only later. */
async function bundle(names: string) {
  const entry = '\0entry.js';
  const { output } = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      modulePreload: false,
      rollupOptions: { input: entry, external: [/^@tensorflow\//] },
    },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? { id, moduleSideEffects: true } : null),
        load: (id) =>
          id === entry
            ? `import { ${names} } from ${JSON.stringify(index)}; globalThis.used = [${names}];`
            : null,
      },
    ],
  })) as Rollup.RollupOutput;
  const chunks = output.filter((part) => part.type === 'chunk');
  const packagesIn = (parts: Rollup.OutputChunk[]) => [
    ...new Set(
      parts
        .flatMap((part) => Object.keys(part.modules))
        .map((id) => /node_modules\/(fflate)\//.exec(id)?.[1])
        .filter((name) => name !== undefined),
    ),
  ];
  return {
    atOnce: packagesIn(chunks.filter(({ isEntry }) => isEntry)),
    later: packagesIn(chunks.filter(({ isEntry }) => !isEntry)).sort(),
  };
}

it.each(['loadKerasModel', 'saveKerasModel'])(
  'the zip library reaches a bundle only as a part that %s loads when it meets an archive',
  async (name) => {
    expect(await bundle(name)).toEqual({ atOnce: [], later: ['fflate'] });
  },
);

it('who imports neither loadKerasModel nor saveKerasModel gets no part of them', async () => {
  const names = 'createSentimentLstm, layers, padSequences, registerLayers, Tokenizer';
  expect(await bundle(names)).toEqual({ atOnce: [], later: [] });
});
