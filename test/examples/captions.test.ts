import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commonestSentence, judge, nearestSentence } from '../../examples/captions/judge.js';
import {
  INPUTS,
  inventScenes,
  isKeptForTest,
  readScene,
  sentenceOf,
  toVector,
} from '../../examples/captions/scenes.js';
import { runExampleCommand } from './command.js';

describe('the scenes', () => {
  const scenes = inventScenes(400, 0);

  it('are the same for a seed', () => {
    expect(inventScenes(400, 0)).toEqual(scenes);
    expect(inventScenes(400, 1).train[0]).not.toEqual(scenes.train[0]);
  });

  it('to test on have a shape in a colour that training never shows, of parts that it does', () => {
    const { train, test } = scenes;
    expect(train.some(({ scene }) => scene.some(isKeptForTest))).toBe(false);
    expect(test.every(({ scene }) => scene.some(isKeptForTest))).toBe(true);
    const things = train.flatMap(({ scene }) => scene);
    expect(new Set(things.map(({ colour }) => colour)).size).toBe(6);
    expect(new Set(things.map(({ shape }) => shape)).size).toBe(5);
    expect(train.every(({ vector }) => vector.length === INPUTS)).toBe(true);
  });

  it('are described in words, which can be read back', () => {
    const say = (text: string) => sentenceOf(readScene(text)!);
    expect(say('small red star 0.1 0.9')).toBe('a small red star at the top left');
    expect(say('orange oval')).toBe('an orange oval at the left');
    expect(say('grey square 0.5 0.5')).toBe('a grey square in the middle');
    expect(say('red star 0.2 0.5 and large blue oval 0.8 0.5')).toBe(
      'a red star to the left of a large blue oval',
    );
    expect(say('red star 0.5 0.1 and red star 0.5 0.8')).toBe('a red star below another red star');
    expect(readScene('star')).toBeNull();
    expect(readScene('red star and blue oval and red oval')).toBeNull();
    expect(toVector(readScene('red star')!).at(-1)).toBe(0);
  });
});

describe('the judge', () => {
  const scene = readScene('red star')!;
  const of = (sentence: string, vector: number[]) => ({ scene, sentence, vector });

  it('counts sentences that are right, and words at their places', () => {
    const scenes = [of('a red star', []), of('a red star at the top', [])];
    expect(judge(scenes, ['a red star', 'a blue star'])).toEqual({ exact: 0.5, words: 5 / 9 });
  });

  it('has two baselines', () => {
    const train = [of('far', [9, 9]), of('near', [1, 0]), of('far', [8, 8])];
    expect(nearestSentence(train, [0, 0])).toBe('near');
    expect(commonestSentence(train, 1)).toBe('far');
  });
});

describe('npm run demo:captions', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'captions-'));
  });
  afterAll(() => rm(out, { recursive: true }));

  it('trains, is above a baseline, and leaves a model that describes', async () => {
    const small = ['--samples', '600', '--epochs', '10', '--batch-size', '16', '--out', out];
    const run = await runExampleCommand('captions', small);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    // So few scenes are not enough to put words together anew.
    expect(result.model.words).toBeGreaterThan(result.commonest.words + 0.05);
    expect((await readdir(out)).sort()).toEqual(['loss.svg', 'model', 'result.json']);
    const ask = ['--scene', 'grey star 0.2 0.5', '--out', out];
    const said = await runExampleCommand('captions', ask);
    expect(said.stdout).toMatch(/^an? [a-z ]+\n$/);
  });

  it.each([
    [['--beams'], "Unknown option '--beams'. Run with --help for the options.\n"],
    [
      ['--scene', ' '],
      '--scene needs a text, received "". Try --scene "small red star 0.2 0.9".\n',
    ],
    [
      ['--scene', 'red star', '--out', 'runs/none'],
      'runs/none holds no trained model. Train one with `npm run demo:captions`, or name its folder with --out.\n',
    ],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await runExampleCommand('captions', args);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
  });
});
