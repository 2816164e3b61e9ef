import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createLanguageModel,
  fitWithSeed,
  type GenerateTextOptions,
  generateText,
  layers,
  loadWithVocabularies,
  saveWithVocabularies,
  Tokenizer,
} from '../../../src/index.js';
import { inMemory } from '../../in-memory.js';
import { useBackend } from '../../kernels/kernels.js';

beforeAll(() => useBackend('cpu'));

const TEXT = 'the sea keeps no calendar, and the lamp keeps no sea. ';

function characters(): Tokenizer {
  const tokenizer = new Tokenizer({ charLevel: true, lower: false });
  tokenizer.fitOnTexts([TEXT]);
  return tokenizer;
}

const sizeOf = (tokenizer: Tokenizer) => tokenizer.wordIndex.size + 1;

/** A model with weights that make some characters much likelier than others. */
function sharp(options: object = {}) {
  const tokenizer = characters();
  const vocabularySize = sizeOf(tokenizer);
  const model = createLanguageModel({ vocabularySize, units: 9, seed: 3, ...options });
  const output = model.layers.at(-1)!;
  output.setWeights(output.getWeights().map((weight) => tf.mul(weight, 8)));
  return { model, tokenizer };
}

/** The same, slowly: the whole text through the model for each character, the likeliest taken. */
function likeliest(model: tfl.LayersModel, tokenizer: Tokenizer, prompt: string, length: number) {
  const [tokens = []] = tokenizer.textsToSequences([prompt]);
  for (let i = 0; i < length; i++) {
    const whole = model.predict(tf.tensor2d([tokens], [1, tokens.length], 'int32')) as tf.Tensor3D;
    const last = [...whole.dataSync()].slice(-whole.shape[2]);
    last[0] = 0; // padding
    tokens.push(last.indexOf(Math.max(...last)));
  }
  const written = tokens.slice(-length);
  return written.map((token) => tokenizer.indexWord.get(token)).join('');
}

describe('generateText', () => {
  it.each([{ cell: 'lstm' }, { cell: 'gru', units: [6, 7] }, { cell: 'simpleRNN', oneHot: true }])(
    'writes what the likeliest characters of whole predictions are: %j',
    async (options) => {
      const { model, tokenizer } = sharp(options);
      const prompt = 'the lamp';
      const text = await generateText(model, { prompt, length: 25, temperature: 0, tokenizer });
      expect(text).toBe(likeliest(model, tokenizer, prompt, 25));
      expect(text).toHaveLength(25);
    },
  );

  it('goes on from each of several prompts as from it alone, when nothing is drawn', async () => {
    const { model, tokenizer } = sharp();
    const prompts = ['the', 'a calendar keeps', 's'];
    const write = (prompt: string | string[]) =>
      generateText(model, { prompt, length: 12, temperature: 0, tokenizer });
    const together = await write(prompts);
    expect(together).toEqual([
      await write('the'),
      await write('a calendar keeps'),
      await write('s'),
    ]);
  });

  it('repeats a seed, and writes something else for another', async () => {
    const { model, tokenizer } = sharp();
    const write = (options: object) =>
      generateText(model, { prompt: 'the ', length: 40, tokenizer, ...options });
    expect(await write({})).toBe(await write({ seed: 0 }));
    expect(await write({ seed: 1 })).not.toBe(await write({ seed: 0 }));
    expect(await write({ topK: 1 })).toBe(await write({ temperature: 0 }));
    expect(await write({ topP: 1e-9 })).toBe(await write({ temperature: 0 }));
  });

  it('never writes what is no word: padding, and words beyond numWords', async () => {
    const tokenizer = new Tokenizer({ numWords: 3 });
    tokenizer.fitOnTexts(['sea sea sea lamp lamp calendar']);
    const model = createLanguageModel({ vocabularySize: 6, units: 4 });
    const text = await generateText(model, { prompt: 'Sea', length: 300, tokenizer });
    expect(new Set(text.split(' '))).toEqual(new Set(['sea', 'lamp']));
    await expect(
      generateText(model, { prompt: 'the calendar', length: 3, tokenizer }),
    ).rejects.toThrow('the word "the" of prompt is not in the vocabulary');
  });

  it('takes the OOV token for words that it does not know, where there is one', async () => {
    const tokenizer = new Tokenizer({ oovToken: '?' });
    tokenizer.fitOnTexts(['sea lamp']);
    const model = createLanguageModel({ vocabularySize: 4, units: 4 });
    const write = (prompt: string) =>
      generateText(model, { prompt, length: 20, tokenizer, temperature: 0 });
    expect(await write('sea unheard')).toBe(await write('sea ?unknown'));
  });

  it('learns a text by heart, and leaves no tensor', async () => {
    const tokenizer = characters();
    const vocabularySize = sizeOf(tokenizer);
    const model = createLanguageModel({ vocabularySize, units: 24, learningRate: 0.02, seed: 1 });
    const [tokens = []] = tokenizer.textsToSequences([TEXT.repeat(9)]);
    const rows = Array.from({ length: 8 }, (_, row) => row * TEXT.length);
    const time = TEXT.length;
    const x = tf.tensor2d(
      rows.map((at) => tokens.slice(at, at + time)),
      [8, time],
      'int32',
    );
    const next = rows.flatMap((at) => tokens.slice(at + 1, at + time + 1));
    const y = tf.tensor3d(next, [8, time, 1], 'int32');
    const { history } = await fitWithSeed(model, x, y, { epochs: 150, batchSize: 8 });
    expect((history.loss as number[]).at(-1)).toBeLessThan(0.3);
    const before = tf.memory().numTensors;
    const text = await generateText(model, {
      prompt: 'the sea keeps',
      length: TEXT.length - 13,
      temperature: 0,
      tokenizer,
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(`the sea keeps${text}`).toBe(TEXT);
  });

  it('writes the same with a model that was saved with its vocabulary and loaded', async () => {
    const { model, tokenizer } = sharp({ units: [5, 6], dropoutRate: 0.2 });
    const { handler } = inMemory();
    await saveWithVocabularies({ model, vocabularies: { characters: tokenizer } }, handler);
    const loaded = await loadWithVocabularies(handler);
    const options = { prompt: 'sea', length: 60, seed: 4 };
    const text = await generateText(loaded.model, {
      ...options,
      tokenizer: loaded.vocabularies.characters!,
    });
    expect(text).toBe(await generateText(model, { ...options, tokenizer }));
  });

  it.each([
    [{ prompt: '' }, 'generateText: prompt must hold at least one character, received "".'],
    [{ prompt: [] }, 'prompt must be a text, or a list of texts with at least one'],
    [{ prompt: ['sea', ''] }, 'prompt[1] must hold at least one character'],
    [{ prompt: 7 }, 'prompt must be a text, or a list of texts with at least one, received 7'],
    [
      { prompt: 'the Sea' },
      'generateText: the character "S" of prompt is not in the vocabulary. It has 17 characters',
    ],
    [{ length: 0 }, 'length must be a positive integer, received 0'],
    [{ length: 2.5 }, 'length must be a positive integer, received 2.5'],
    [{ temperature: -1 }, 'generateText: temperature must be a number of at least 0'],
    [{ topK: 19 }, 'topK must be at most 18, the size of the vocabulary, received 19'],
    [{ topP: 0 }, 'topP must be a number above 0 and at most 1'],
    [{ seed: 0.5 }, 'seed must be a whole number'],
    [{ tokenizer: undefined }, 'tokenizer must be the Tokenizer'],
    [{ tokenizer: new Tokenizer() }, 'tokenizer has no words'],
    [{ maxLength: 3 }, 'there is no option maxLength. Write length.'],
  ])('refuses %j', async (wrong, message) => {
    const { model, tokenizer } = sharp();
    const options = { prompt: 'sea', length: 5, tokenizer, ...wrong } as never;
    await expect(generateText(model, options)).rejects.toThrow(message);
  });

  it('refuses models that give no distribution over the vocabulary', async () => {
    const tokenizer = characters();
    const options: GenerateTextOptions<string> = { prompt: 'sea', length: 5, tokenizer };
    const small = createLanguageModel({ vocabularySize: 16, units: 4 });
    await expect(generateText(small, options)).rejects.toThrow(
      /^generateText: the output of the model must be a distribution over the vocabulary, and index 16, ".", is beyond its 16 tokens\. Build the model with vocabularySize: tokenizer\.wordIndex\.size \+ 1/,
    );
    const logits = tfl.sequential({
      layers: [
        layers.embedding({ inputDim: 17, outputDim: 3 }),
        layers.gru({ units: 4, returnSequences: true }),
        layers.dense({ units: 17 }),
      ],
    });
    await expect(generateText(logits, options)).rejects.toThrow('received "the activation linear"');
  });
});
