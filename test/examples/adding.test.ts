import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ready } from 'tfjs-recurrent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareBars } from '../../examples/adding/bars.js';
import { measure } from '../../examples/adding/experiment.js';
import { NETWORKS } from '../../examples/adding/networks.js';
import { reach, relativeToLast } from '../../examples/adding/norms.js';
import { DEFAULTS } from '../../examples/adding/options.js';
import { drawSums, GUESSING } from '../../examples/adding/problem.js';
import { seededRandom } from '../../examples/shared/random.js';
import { runExampleCommand } from './command.js';

describe('the adding problem', () => {
  const { x, y } = drawSums(2000, 10, seededRandom(1));
  const sequences = x.arraySync();
  const sums = y.arraySync().flat();

  it('marks one value in each half, and asks for their sum', () => {
    sequences.forEach((steps, i) => {
      const marked = steps.flatMap(([value, marker], t) => (marker === 1 ? [{ t, value }] : []));
      expect(marked.map(({ t }) => t < 5)).toEqual([true, false]);
      expect(marked[0]!.value! + marked[1]!.value!).toBeCloseTo(sums[i]!, 6);
    });
  });

  it('costs 0.167 for whoever always says 1', () => {
    const cost = sums.reduce((total, sum) => total + (sum - 1) ** 2, 0) / sums.length;
    expect(cost).toBeCloseTo(GUESSING, 2);
  });

  it('is the same for a seed', () => {
    expect(drawSums(5, 10, seededRandom(1)).x.arraySync()).toEqual(sequences.slice(0, 5));
  });
});

describe('how far a gradient reaches', () => {
  it('is counted back from the last step, while it stays above a share of that', () => {
    const norms = relativeToLast(Float32Array.of(4, 0.001, 1, 2));
    expect(norms[0]).toBe(2);
    expect(reach(norms)).toBe(2);
    expect(reach(norms, 1e-4)).toBe(4);
  });
});

describe('bars of shares', () => {
  it('say for screen readers what they show', () => {
    const svg = shareBars('Right', ['GRU'], [{ name: '50 steps', shares: [0.854] }], 'length');
    expect(svg).toContain('aria-label="Right. 50 steps: GRU 85 %."');
  });
});

// Six steps are no long memory.
describe.each(NETWORKS)('of six steps, $name', (network) => {
  it('adds better than a guess after 300 batches', async () => {
    await ready({ threads: 1 });
    const { score } = await measure(network, 6, { ...DEFAULTS, steps: 300 });
    expect(score.meanSquaredError).toBeLessThan(0.12);
  });
});

describe('npm run demo:gradients', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'adding-'));
  });
  afterAll(() => rm(out, { recursive: true }));

  const small = ['--lengths', '6,8', '--steps', '40', '--reviews', '100'];
  const charts = [
    ...['accuracy-by-length.svg', 'gradients-adding.svg', 'gradients-fresh.svg'],
    'gradients-sentiment.svg',
  ];

  it('writes scores and charts, and again the same bytes', async () => {
    const runs = ['first', 'second'].map((name) => join(out, name));
    const outcomes = await Promise.all(
      runs.map((folder) => runExampleCommand('adding', [...small, '--out', folder])),
    );
    for (const { code, stderr } of outcomes)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const files = await readdir(runs[0]!);
    expect(files.sort()).toEqual([...charts, 'corpus', 'result.json'].sort());
    for (const chart of charts) {
      const [first, second] = await Promise.all(
        runs.map((run) => readFile(join(run, chart), 'utf8')),
      );
      expect(second).toBe(first);
    }
    const [result, again] = await Promise.all(
      runs.map(async (run) => JSON.parse(await readFile(join(run, 'result.json'), 'utf8'))),
    );
    expect({ ...again, seconds: {} }).toEqual({ ...result, seconds: {} });
    expect(Object.keys(result.learnt)).toEqual(['SimpleRNN', 'GRU', 'LSTM', 'LSTM, gates open']);
    expect(result.learnt.LSTM.length).toBe(8);
    expect(result.sentiment.norms.GRU.length).toBe(300);
  });

  it.each([
    [['--lengths', '100,50'], '--lengths must rise, as in 50,100, received "100,50".\n'],
    [['--lengths', '2'], '--lengths must be a whole number from 4 on, received "2".\n'],
    [['--cells', '3'], "Unknown option '--cells'. Run with --help for the options.\n"],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await runExampleCommand('adding', args);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
  });
});
