import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expand } from '../../examples/imdb/sample/grammar.js';
import { seededRandom } from '../../examples/shared/random.js';
import type { Review } from '../../examples/imdb/sample/reviews.js';
import {
  CLOSINGS,
  GRAMMAR,
  OPENINGS,
  OPINIONS,
  OUTBURSTS,
  PLOT,
  TURNS,
} from '../../examples/imdb/sample/sentences.js';
import {
  inventSampleCorpus,
  SAMPLE_SIZE,
  writeSampleCorpus,
} from '../../examples/imdb/sample-corpus.js';

const corpus = inventSampleCorpus();
const all = [...corpus.train, ...corpus.test];
const words = (text: string): string[] => text.replace(/<[^>]+>/g, ' ').match(/[\w'-]+/g) ?? [];

describe('the sample corpus', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(inventSampleCorpus(1)).toEqual(corpus);
    expect(inventSampleCorpus(2).train[0]).not.toEqual(corpus.train[0]);
  });

  it('holds as much praise as blame in both halves, and no middling ratings', () => {
    for (const half of ['train', 'test'] as const) {
      const ratings = corpus[half].map(({ rating }) => rating);
      expect(ratings.filter((rating) => rating >= 7)).toHaveLength(SAMPLE_SIZE[half] / 2);
      expect(ratings.filter((rating) => rating <= 4)).toHaveLength(SAMPLE_SIZE[half] / 2);
      expect(new Set(ratings)).toEqual(new Set([1, 2, 3, 4, 7, 8, 9, 10]));
    }
  });

  it('says nothing twice, neither in a half nor across the halves', () => {
    const normal = all.map(({ text }) => words(text).join(' ').toLowerCase());
    expect(new Set(normal).size).toBe(all.length);
  });

  it('is of all lengths, from a few words to a few hundred', () => {
    const lengths = all.map(({ text }) => words(text).length).sort((one, other) => one - other);
    expect(lengths.at(0)).toBeLessThan(6);
    expect(lengths.at(-1)).toBeGreaterThan(250);
    expect(lengths.filter((length) => length < 20).length).toBeGreaterThan(100);
    expect(lengths.filter((length) => length > 150).length).toBeGreaterThan(100);
  });

  it('looks as if it came from the web: line breaks and entities here and there', () => {
    const share = (part: string) =>
      all.filter(({ text }) => text.includes(part)).length / all.length;
    expect(share('<br />')).toBeGreaterThan(0.1);
    expect(share('&amp;')).toBeGreaterThan(0.01);
    expect(share('&quot;')).toBeGreaterThan(0.01);
  });

  it('mixes its signals: praise and blame use the same judging words, in other shares', () => {
    const reviewsWith = (word: string, good: boolean) =>
      all.filter(({ text, rating }) => rating > 5 === good && words(text).includes(word)).length;
    for (const word of ['tedious', 'clumsy', 'wooden']) {
      expect(reviewsWith(word, true)).toBeGreaterThan(10);
      expect(reviewsWith(word, false)).toBeGreaterThan(reviewsWith(word, true));
    }
  });

  it('leaves no slot of a template open, whatever is drawn', () => {
    const random = seededRandom(3);
    const film = { ...GRAMMAR };
    for (const fact of [
      'title',
      'director',
      'lead',
      'partner',
      'composer',
      'genre',
      'place',
      'time',
    ]) {
      film[fact] = ['X'];
    }
    Object.assign(film, { rating: ['8'], low: ['low'] });
    for (const template of [CLOSINGS, OPENINGS, OPINIONS, OUTBURSTS, PLOT, TURNS].flat()) {
      for (const leaning of ['good', 'bad'] as const) {
        expect(expand(template, leaning, film, random)).not.toMatch(/[{}]|a\(n\)|undefined/i);
      }
    }
    for (const { text } of all) expect(text).not.toMatch(/[{}]|a\(n\)|undefined/i);
  });
});

describe('the grammar', () => {
  const random = seededRandom(1);
  const write = (template: string, leaning: 'good' | 'bad') =>
    expand(
      template,
      leaning,
      { 'good.adjective': ['honest'], 'bad.adjective': ['awful'], film: ['film'] },
      random,
    );

  it('reads one template for praise and for blame', () => {
    expect(write('not {other.adjective} but {same.adjective}.', 'good')).toBe(
      'Not awful but honest.',
    );
    expect(write('not {other.adjective} but {same.adjective}.', 'bad')).toBe(
      'Not honest but awful.',
    );
  });

  it('finds the article that fits', () => {
    expect(write('a(n) {film}, a(n) {same.adjective} one', 'good')).toBe('A film, an honest one');
  });

  it('names a symbol that is missing', () => {
    expect(() => write('{weather}', 'good')).toThrow('The sample grammar has no symbol {weather}.');
  });
});

describe('writeSampleCorpus', () => {
  const directories: string[] = [];
  afterAll(() => Promise.all(directories.map((path) => rm(path, { recursive: true }))));

  it('writes the folders of the dataset, again in place of what was there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sample-'));
    directories.push(directory);
    const target = join(directory, 'corpus');
    await writeSampleCorpus(target, 2);
    await writeSampleCorpus(target);

    expect(await readdir(directory)).toEqual(['corpus']);
    const first = corpus.train.find(({ rating }) => rating > 5) as Review;
    const path = join(target, 'train', 'pos', `0_${first.rating}.txt`);
    expect(await readFile(path, 'utf8')).toBe(first.text);
    for (const half of ['train', 'test'] as const) {
      for (const label of ['pos', 'neg']) {
        const names = await readdir(join(target, half, label));
        expect(names).toHaveLength(SAMPLE_SIZE[half] / 2);
        const rating = label === 'pos' ? /^\d+_(7|8|9|10)\.txt$/ : /^\d+_[1-4]\.txt$/;
        for (const name of names) expect(name).toMatch(rating);
      }
    }
  });
});
