/**
 * A training step of an encoder-decoder with Luong's attention, from 30 steps to 12.
 *
 *     npx tsx bench/rows/encoder-decoder.ts --python PATH [--node24 PATH]
 */
import { seededRandom } from '../../src/foundation/random.js';
import { Bench, KEEP_MEMORY, runRow } from '../harness/bench.js';
import { type Figures, inTurn, median } from '../harness/in-turn.js';
import { ratio } from '../harness/row.js';
import { requireLoss, requireParameters } from '../harness/same.js';

const SIZES = {
  units: 64,
  embeddingDim: 32,
  source: { vocabularySize: 40, length: 30 },
  target: { vocabularySize: 42, length: 12 },
};
const BATCH = 64;
const STEPS = 40;
const PARAMETERS = 1280 + 1344 + 2 * 24_832 + 8192 + 2730;
// Whoever does not learn stays at log(42) = 3.74.
const LOSS = 3.72;
// V8 compiles what a translation runs for some two hundred of them.
const ONE = { target: 3, count: 250, first: 50 };

const OURS = 'ours, Node 20';
const NEWER = 'ours, Node 24';
const WIDE = 'ours, Node 24, 256-bit';
const FILE = 'pytorch_encoder_decoder.py';
const KEPT = { environment: KEEP_MEMORY };

const bench = new Bench('encoder-decoder', { rounds: 7 });
await runRow(bench, async () => {
  const peer = 'encoder-decoder.ts';
  const ours = await bench.peer(OURS, peer, [bench.backend, 'auto']);
  if (!ours) throw new Error(bench.missing.at(-1)!.why);
  const node = bench.node24;
  const newer = node
    ? [
        await bench.peer(NEWER, peer, [bench.backend, 'auto'], { node }),
        await bench.peer(WIDE, peer, [bench.backend, 'auto', 'wide'], { node }),
      ]
    : [];
  const pytorch = [
    await bench.peer('PyTorch, one thread', FILE, ['1'], KEPT),
    await bench.peer('PyTorch, two threads', FILE, ['2'], KEPT),
  ];
  const everyone = [ours, ...newer, ...pytorch].filter((one) => one !== undefined);

  const built = [];
  for (const one of everyone) {
    const { parameters } = await one.ask<{ parameters: number }>('build', SIZES);
    built.push({ name: one.name, parameters });
  }
  const random = seededRandom(1);
  const sources = Array.from({ length: BATCH * STEPS }, () =>
    Array.from({ length: SIZES.source.length }, () => 1 + Math.floor(39 * random())),
  );
  const losses = new Map<string, number>();
  const turns = everyone.map((one) => ({
    name: one.name,
    run: async () => {
      const { ms, loss } = await one.ask<{ ms: number; loss: number }>('fit', {
        ...{ sources, batch: BATCH },
      });
      losses.set(one.name, loss);
      return ms;
    },
  }));
  const entries = await inTurn(turns, bench.rounds, 2);
  for (const [name, loss] of losses) requireLoss(name, loss, LOSS);
  const { ms } = await ours.ask<{ ms: number[] }>('one', {
    ...{ source: sources[0]!, count: ONE.count },
  });

  const [best] = entries
    .filter(({ name }) => name.startsWith('PyTorch'))
    .toSorted((a, b) => median(a.rounds) - median(b.rounds));
  const first: Figures = { name: `the first ${ONE.first}`, rounds: ms.slice(0, ONE.first) };
  const translated: Figures = { name: 'fifty later ones', rounds: ms.slice(-ONE.first) };
  bench.finish({
    title: 'A training step of an encoder-decoder',
    method:
      `One pass of \`fit\` over ${STEPS} batches of ${BATCH} pairs, divided by ${STEPS}: two embeddings ` +
      `of ${SIZES.embeddingDim}, an LSTM of ${SIZES.units} units over ${SIZES.source.length} steps, one ` +
      `over ${SIZES.target.length} steps that begins with its states, attention by products, a tanh ` +
      'layer, softmax, Adam; random tokens, of which the first eleven are to be written in reverse. ' +
      'PyTorch: the same layers, with `torch.set_flush_denormal(True)` and `MALLOC_TRIM_THRESHOLD_` ' +
      'and `MALLOC_MMAP_THRESHOLD_` at 4 GB, with one thread and with two; the target is for the ' +
      `faster one. Below, one source translated greedily, ${SIZES.target.length} steps at most: in a process that has ` +
      'just been trained in, while V8 still compiles what a translation runs, and two hundred translations later.',
    tables: [
      { title: 'training', unit: 'ms a step', entries },
      { title: 'one source', unit: 'ms', entries: [first, translated] },
    ],
    verdicts: [
      ...[OURS, NEWER, WIDE].flatMap((name) =>
        ratio(
          `${name} : ${best?.name}`,
          entries.find((entry) => entry.name === name),
          best,
          { relation: 'at most', value: 0.75 },
        ),
      ),
      {
        what: 'one source, translated greedily',
        value: median(translated.rounds),
        unit: 'ms',
        target: { relation: 'at most', value: ONE.target },
      },
    ],
    checks: [
      requireParameters(PARAMETERS, built),
      `every loss is below ${LOSS}, so that all of them learn`,
    ],
  });
});
