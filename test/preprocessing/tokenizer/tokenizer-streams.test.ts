/** Texts that come one by one: what takes them, and what the other methods say. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tokenizer } from '../../../src/index.js';

const TEXTS = ['the cat sat', 'the dog', '', 'a cat – a CAT!', 'snow ☃ dog'];

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'texts-'));
  file = join(folder, 'texts.txt');
  await writeFile(file, `${TEXTS.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function* oneByOne<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

describe('Tokenizer.fitOnTextsAsync', () => {
  const sources: [string, () => AsyncIterable<string> | Iterable<string>][] = [
    ['an async generator', () => oneByOne(TEXTS)],
    ['the lines of a file', () => createInterface({ input: createReadStream(file) })],
    ['a stream of objects', () => Readable.from(TEXTS)],
    ['a list', () => TEXTS],
    ['a generator', () => TEXTS.values()],
  ];
  test.each(sources)('learns what fitOnTexts learns, from %s', async (_, source) => {
    const [one, all] = [new Tokenizer({ oovToken: '?' }), new Tokenizer({ oovToken: '?' })];
    await one.fitOnTextsAsync(source());
    all.fitOnTexts(TEXTS);
    expect(one.toJson()).toBe(all.toJson());
    await one.fitOnTextsAsync(source());
    all.fitOnTexts(TEXTS);
    expect(one.toJson()).toBe(all.toJson());
  });

  test('takes texts that were split, characters, and those of an analyzer', async () => {
    const words = TEXTS.map((text) => text.split(' '));
    for (const [options, texts] of [
      [{}, words],
      [{ charLevel: true }, TEXTS],
      [{ analyzer: (text: string) => text.split('a') }, TEXTS],
    ] as const) {
      const [one, all] = [new Tokenizer(options), new Tokenizer(options)];
      await one.fitOnTextsAsync(oneByOne<string | readonly string[]>(texts));
      all.fitOnTexts(texts);
      expect(one.toJson()).toBe(all.toJson());
    }
  });

  test('two at once learn what one after the other learn', async () => {
    const [both, all] = [new Tokenizer(), new Tokenizer()];
    await Promise.all([
      both.fitOnTextsAsync(oneByOne(TEXTS)),
      both.fitOnTextsAsync(oneByOne(TEXTS)),
    ]);
    all.fitOnTexts([...TEXTS, ...TEXTS]);
    expect(both.documentCount).toBe(all.documentCount);
    expect([...both.wordCounts]).toEqual([...all.wordCounts]);
  });

  test('leaves the tokenizer as it was when a text is none, or the stream fails', async () => {
    const tokenizer = new Tokenizer();
    tokenizer.fitOnTexts(['before']);
    const before = tokenizer.toJson();
    const wrong = oneByOne(['after', 5 as never]);
    await expect(tokenizer.fitOnTextsAsync(wrong)).rejects.toThrow(
      'Tokenizer.fitOnTextsAsync: texts[1] must be a string or a list of words, received 5.',
    );
    async function* failing() {
      yield 'after';
      throw new Error('unplugged');
    }
    await expect(tokenizer.fitOnTextsAsync(failing())).rejects.toThrow('unplugged');
    expect(tokenizer.toJson()).toBe(before);
  });

  test.each(['utf8', undefined] as const)(
    'refuses a stream of a file, which is cut anywhere, encoding: %s',
    async (encoding) => {
      const stream = createReadStream(file, encoding);
      await expect(new Tokenizer().fitOnTextsAsync(stream)).rejects.toThrow(
        "Tokenizer.fitOnTextsAsync: texts must be whole texts, and a stream of a file is cut anywhere, received a ReadStream. Read it by lines: createInterface({ input: stream }) of 'node:readline'.",
      );
      stream.destroy();
    },
  );

  test('refuses what cannot be iterated', async () => {
    for (const texts of ['a b', undefined, { a: 1 }]) {
      await expect(new Tokenizer().fitOnTextsAsync(texts as never)).rejects.toThrow(
        'Tokenizer.fitOnTextsAsync: texts must be a list of texts',
      );
    }
  });
});

describe('methods that need all texts at once say what to do with a stream:', () => {
  const tokenizer = new Tokenizer();
  tokenizer.fitOnTexts(TEXTS);

  test('fitOnTexts', () => {
    expect(() => tokenizer.fitOnTexts(oneByOne(TEXTS) as never)).toThrow(
      'Tokenizer.fitOnTexts: texts must be a list of texts, received an AsyncGenerator. Texts that come one by one are for fitOnTextsAsync.',
    );
  });

  test.each(['textsToSequences', 'textsToMatrix', 'textsToSequencesGenerator'] as const)(
    '%s',
    (method) => {
      const plain = method.replace('Generator', '');
      expect(() => tokenizer[method](Readable.from(TEXTS) as never)).toThrow(
        `Tokenizer.${method}: texts must be a list of texts, received a Readable. Take one at a time: for await (const text of texts) tokenizer.${plain}([text]).`,
      );
    },
  );

  test.each([
    ['fitOnSequences', 'fitOnSequences'],
    ['sequencesToTexts', 'sequencesToTexts'],
    ['sequencesToMatrix', 'sequencesToMatrix'],
    ['sequencesToTextsGenerator', 'sequencesToTexts'],
  ] as const)('%s', (method, plain) => {
    const sequences = oneByOne([[1]]) as never;
    expect(() => [...((tokenizer[method](sequences) ?? []) as Iterable<unknown>)]).toThrow(
      `Take one at a time: for await (const sequence of sequences) tokenizer.${plain}([sequence]).`,
    );
  });

  test('and with a promise', () => {
    for (const method of ['fitOnTexts', 'textsToSequences'] as const) {
      expect(() => tokenizer[method](Promise.resolve(TEXTS) as never)).toThrow(
        `Tokenizer.${method}: texts must be a list of texts, received a Promise. Await it first.`,
      );
    }
  });
});
