import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spikeChart } from '../../examples/strokes/chart.js';
import { labelErrorRate, NearestFrames } from '../../examples/strokes/judge.js';
import { CLASSES, FEATURES, inventWritings } from '../../examples/strokes/strokes.js';
import { runExampleCommand } from './command.js';

describe('the handwriting', () => {
  it('is the same for a seed, and every frame has a movement and a place', () => {
    const writings = inventWritings(50, 1);
    expect(inventWritings(50, 1)).toEqual(writings);
    expect(inventWritings(50, 2)[0]).not.toEqual(writings[0]);
    for (const { digits, frames, places } of writings) {
      expect(places.length).toBe(frames.length);
      expect(frames.every((frame) => frame.length === FEATURES)).toBe(true);
      // A digit begins where its first part does.
      const begun = places.filter((place, t) => place !== places[t - 1] && place.part === 0);
      expect(begun.filter(({ label }) => label > 0).map(({ label }) => label - 1)).toEqual(digits);
    }
  });
});

describe('the judge', () => {
  it('counts labels that are exchanged, left out or too many', () => {
    expect(labelErrorRate([[1, 2, 3]], [[1, 2, 3]])).toBe(0);
    expect(labelErrorRate([[1, 2, 3, 4]], [[1, 3, 5, 4]])).toBe(0.5);
    expect(labelErrorRate([[1], [2]], [[], [2, 2]])).toBe(1);
  });

  it('has a baseline that reads most of what it has seen', () => {
    const writings = inventWritings(60, 3);
    const nearest = new NearestFrames(writings);
    const read = writings.map((writing) => nearest.read(writing));
    expect(
      labelErrorRate(
        writings.map(({ digits }) => digits),
        read,
      ),
    ).toBeLessThan(0.9);
  });
});

it('draws a digit above each spike', () => {
  const [writing] = inventWritings(1, 4);
  const spikes = writing!.frames.map((_, t) =>
    Array.from({ length: CLASSES }, (_, k) => Number(k === (t === 3 ? 8 : 0))),
  );
  const chart = spikeChart(writing!, spikes);
  expect(chart.match(/fill="#17becf">7<\/text>/g)?.length).toBe(1);
});

describe('npm run demo:strokes', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'strokes-'));
  });
  afterAll(() => rm(out, { recursive: true }));

  it('trains, is far above its baseline, and leaves a model that reads', async () => {
    const small = ['--samples', '600', '--epochs', '9', '--batch-size', '16', '--out', out];
    const run = await runExampleCommand('strokes', small);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const { baseline, greedy, beam } = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
    expect(greedy).toBeLessThan(baseline - 0.3);
    expect(beam).toBeLessThan(baseline - 0.3);
    expect((await readdir(out)).sort()).toEqual(['loss.svg', 'model', 'result.json', 'spikes.svg']);
    const read = await runExampleCommand('strokes', ['--read', '27', '--out', out]);
    expect({ code: read.code, stderr: read.stderr }).toEqual({ code: 0, stderr: '' });
    expect(read.stdout).toMatch(/^read: \d+, from \d+ frames; drawn in .*read\.svg\n$/);
  });

  it.each([
    [['--epoch', '2'], "Unknown option '--epoch'. Run with --help for the options.\n"],
    [['--samples', '3'], '--samples must be a whole number from 20 on, received "3".\n'],
    [['--read', 'ten'], '--read needs digits, received "ten".\n'],
    [
      ['--read', '1', '--out', 'runs/none'],
      'runs/none holds no trained reader. Train one with `npm run demo:strokes`, or name its folder with --out.\n',
    ],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await runExampleCommand('strokes', args);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
  });
});
