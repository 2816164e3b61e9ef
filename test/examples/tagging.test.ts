import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, SeenWords } from '../../examples/tagging/judge.js';
import { inventCorpus, type Sentence } from '../../examples/tagging/sentences.js';
import { runExampleCommand } from './command.js';

const textOf = (sentence: Sentence) => sentence.map(({ word }) => word).join(' ');

describe('the sentences', () => {
  const { train, validation, test } = inventCorpus(1000, 0);

  it('are the same for a seed, and none is in two parts', () => {
    expect(inventCorpus(1000, 0).test).toEqual(test);
    expect(inventCorpus(1000, 1).test[0]).not.toEqual(test[0]);
    const all = [...train, ...validation, ...test].map(textOf);
    expect(new Set(all).size).toBe(all.length);
  });

  it('have words that only their neighbours explain, and others that training never shows', () => {
    const seen = new SeenWords(train);
    const words = test.flat().map(({ word }) => word);
    const share = (some: string[]) => some.length / words.length;
    expect(share(words.filter((word) => seen.isAmbiguous(word)))).toBeGreaterThan(0.3);
    expect(share(words.filter((word) => !seen.isSeen(word)))).toBeGreaterThan(0.02);
  });
});

describe('the judge', () => {
  it('counts words, the ambiguous and the unseen among them, and whole sentences', () => {
    const train: Sentence[] = [
      [
        { word: 'lights', tag: 'noun' },
        { word: 'shine', tag: 'verb' },
      ],
      [
        { word: 'she', tag: 'pronoun' },
        { word: 'lights', tag: 'verb' },
        { word: 'lights', tag: 'noun' },
      ],
    ];
    const seen = new SeenWords(train);
    expect(['lights', 'shine', 'lamps'].map((word) => seen.commonest(word))).toEqual([
      ...['noun', 'verb', 'noun'],
    ]);
    const test: Sentence[] = [
      [
        { word: 'lamps', tag: 'noun' },
        { word: 'shine', tag: 'verb' },
      ],
      [
        { word: 'she', tag: 'pronoun' },
        { word: 'lights', tag: 'verb' },
      ],
    ];
    const said = [
      ['noun', 'verb'],
      ['pronoun', 'noun'],
    ];
    expect(judge(test, said, seen)).toEqual({
      ...{ words: 0.75, ambiguous: 0, unseen: 1, sentences: 0.5 },
    });
  });
});

describe('npm run demo:tagging', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'tagging-'));
  });
  afterAll(() => rm(out, { recursive: true }));

  it('trains, is far above its baseline, and leaves a model that tags', async () => {
    const small = ['--samples', '600', '--epochs', '5', '--batch-size', '16', '--out', out];
    const run = await runExampleCommand('tagging', small);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const { baseline, tagger } = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(tagger.ambiguous).toBeGreaterThan(baseline.ambiguous + 0.2);
    expect(tagger.words).toBeGreaterThan(baseline.words + 0.08);
    expect((await readdir(out)).sort()).toEqual(['accuracy.svg', 'model', 'result.json']);
    const ask = ['--tag', 'The guards watch the plants.', '--out', out];
    const tagged = await runExampleCommand('tagging', ask);
    expect(tagged.stdout).toBe(
      'the/determiner guards/noun watch/verb the/determiner plants/noun ./mark\n',
    );
  });

  it.each([
    [['--epoch', '2'], "Unknown option '--epoch'. Run with --help for the options.\n"],
    [['--samples', '3'], '--samples must be a whole number from 20 on, received "3".\n'],
    [['--tag', ' '], '--tag needs a text, received "". Try --tag "the guards watch the light".\n'],
    [
      ['--tag', 'a', '--out', 'runs/none'],
      'runs/none holds no trained tagger. Train one with `npm run demo:tagging`, or name its folder with --out.\n',
    ],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await runExampleCommand('tagging', args);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
  });
});
