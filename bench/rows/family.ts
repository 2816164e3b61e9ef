/**
 * Every recurrent model that tutorials teach: a step of training, and predicting a batch.
 *
 *     npx tsx bench/rows/family.ts --python PATH [--node24 PATH]
 */
import { Bench, KEEP_MEMORY, runRow } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { FAMILY, type FamilyModel, operations } from '../harness/family.js';
import { type Figures, inTurn, median } from '../harness/in-turn.js';
import { runOnce } from '../harness/once.js';
import { ratio, type Entry, type Table, type Verdict } from '../harness/row.js';
import { requireLoss, requireParameters } from '../harness/same.js';

const WARM_UP = 3;
// Of a first pass: labels are random, so that a model can only guess. Whoever then learns them by heart
// has losses that rise at times; from the same weights, PyTorch's do at the same steps.
const LOSS_RATIO = 1.1;

const WORK = [
  { operation: 'train', what: 'training step', passes: 3, target: { 20: 0.8, 24: 0.65 } },
  { operation: 'predict', what: 'predicting a batch', passes: 1, target: { 20: 0.6, 24: 0.5 } },
] as const;

// In a row of those gates whose speed bench/peers/ceiling.mjs measures.
const UNITS_OF_GATES = 32;

const OURS = 'ours, Node 20';
const NEWER = 'ours, Node 24';
const WIDE = 'ours, Node 24, 256-bit';
const DEFAULT = 'PyTorch';
const BEST = 'PyTorch at its best';

const bench = new Bench('family', { rounds: 5 });
await runRow(bench, async () => {
  const ours = [
    await bench.peer(OURS, 'family.ts', [bench.backend, 'auto']),
    ...(bench.node24
      ? [
          await bench.peer(NEWER, 'family.ts', [bench.backend, 'auto'], { node: bench.node24 }),
          await bench.peer(WIDE, 'family.ts', [bench.backend, 'auto', 'wide'], {
            node: bench.node24,
          }),
        ]
      : []),
  ];
  const single = { ...KEEP_MEMORY, OMP_NUM_THREADS: '1' };
  const file = 'pytorch_family.py';
  const theirs = [
    await bench.peer(DEFAULT, file),
    await bench.peer(`${BEST}, one thread`, file, ['flush'], { environment: single }),
    await bench.peer(`${BEST}, its threads`, file, ['flush'], { environment: KEEP_MEMORY }),
  ];
  const everyone = [...ours, ...theirs].filter((peer) => peer !== undefined);

  const ceilings: { name: string; reaches: Ceiling }[] = [];
  for (const [name, node] of [
    ['Node 20', process.execPath],
    ['Node 24', bench.node24],
  ] as const) {
    if (!node) continue;
    ceilings.push({ name, reaches: await runOnce(node, ['bench/peers/ceiling.mjs', '2']) });
  }
  const tables: Table[] = [];
  const verdicts: Verdict[] = [];
  const checks: string[] = [];
  for (const plan of FAMILY) {
    const loaded = [];
    for (const contestant of everyone) {
      const { parameters } = await contestant.ask<{ parameters: number }>('build', { plan });
      loaded.push({ name: contestant.name, parameters });
    }
    requireParameters(loaded[0]!.parameters, loaded);
    for (const { operation, what, passes, target } of WORK) {
      const losses = new Map<string, number>();
      const turns = everyone.map((contestant) => turn(contestant, operation, plan, losses));
      const figures = withBest(await inTurn(turns, bench.rounds, WARM_UP));
      for (const [name, loss] of losses) requireLoss(name, loss, LOSS_RATIO * lossOfGuessing(plan));
      tables.push({
        title: `${plan.name}, ${what}`,
        unit: 'ms',
        entries: [
          ...figures.map((entry): Entry => ({ ...entry, note: speed(plan, passes, entry) })),
          ...ceilings.flatMap(({ name, reaches }) => leastOf(plan, passes, name, reaches)),
        ],
      });
      const of = (name: string) => figures.find((entry) => entry.name === name);
      for (const [name, most] of [
        [OURS, target[20]],
        [NEWER, target[24]],
        [WIDE, undefined],
      ] as const) {
        const aim =
          most === undefined ? undefined : ({ relation: 'at most', value: most } as const);
        verdicts.push(
          ...ratio(`${plan.name}, ${what}, ${name} : ${BEST}`, of(name), of(BEST), aim),
          ...ratio(`${plan.name}, ${what}, ${name} : ${DEFAULT}`, of(name), of(DEFAULT)),
        );
      }
    }
    checks.push(`${plan.name}: ${loaded[0]!.parameters.toLocaleString('en')} parameters each`);
  }
  checks.push(`every loss of a first pass is at most ${LOSS_RATIO} times that of guessing`);
  bench.finish({
    title: 'Every recurrent model',
    method:
      `${FAMILY.map(({ name, what, batch }) => `\`${name}\`: ${what}, batches of ${batch}`).join('; ')}. ` +
      'Random words, numbers and labels. `model.fit` with Adam, divided by its batches, and ' +
      '`model.predict`. PyTorch: the loop that its tutorials teach, as it is installed. *At its best*: glibc told to keep ' +
      'the memory of large tensors (`MALLOC_TRIM_THRESHOLD_`, `MALLOC_MMAP_THRESHOLD_`), denormal numbers ' +
      'flushed (`torch.set_flush_denormal(True)`), and the faster of one thread and its default. ' +
      'GFLOP/s count the multiplications with the weights of recurrent layers and of outputs at every ' +
      'step, forward and, in training, twice that backward; of a first layer behind words, those of each word once ' +
      'in training, and none in predicting, where they are known from the batch before. The last lines of each table ' +
      'are what these multiplications take, and with them the gates of LSTMs on the way forward, at the speed that two ' +
      `threads can reach with everything in registers and the first-level cache: ${ceilings.map(speedOf).join('; ')}. The ` +
      'gradients of gates, copies and all that is not arithmetic come on top.',
    tables,
    verdicts,
    checks,
  });
});

/** What bench/peers/ceiling.mjs measures. */
interface Ceiling {
  /** GFLOP/s. */
  rate: number;
  /** The gates of how many rows of {@link UNITS_OF_GATES} units a microsecond. */
  gates: number;
}

/** The least that a turn can take: its products, and its gates on the way forward where they are those of an LSTM. */
function leastOf(plan: FamilyModel, passes: number, name: string, { rate, gates }: Ceiling) {
  const { cell, batch, time, units, bidirectional } = plan;
  const products = total(plan, passes) / rate / 1e6;
  const entry = (what: string, ms: number): Entry => ({
    ...{ name: `${what} at the ceiling of ${name}`, rounds: [ms], note: '' },
  });
  if (cell !== 'lstm') return [entry('its products', products)];
  const all = units.reduce((sum, each) => sum + each, 0) * (bidirectional ? 2 : 1);
  const ofGates = (batch * time * all) / UNITS_OF_GATES / gates / 1e3;
  return [entry('its products', products), entry('its products and gates', products + ofGates)];
}

function speedOf({ name, reaches: { rate, gates } }: { name: string; reaches: Ceiling }): string {
  return `${rate.toFixed(0)} GFLOP/s and the gates of ${(UNITS_OF_GATES * gates).toFixed(0)} units a microsecond with ${name}`;
}

function turn(
  contestant: Contestant,
  operation: 'train' | 'predict',
  { name }: FamilyModel,
  losses: Map<string, number>,
) {
  return {
    name: contestant.name,
    run: async (round: number) => {
      const { ms, loss } = await contestant.ask<{ ms: number; loss?: number }>(operation, { name });
      if (loss !== undefined && round === -WARM_UP) losses.set(contestant.name, loss);
      return ms;
    },
  };
}

/** The two of PyTorch at its best become the faster one of them. */
function withBest(figures: Figures[]): Figures[] {
  const best = figures.filter(({ name }) => name.startsWith(BEST));
  const [first] = best.toSorted((a, b) => median(a.rounds) - median(b.rounds));
  return first ? [...figures, { name: BEST, rounds: first.rounds }] : figures;
}

/** What a model that knows nothing loses. */
function lossOfGuessing({ loss, outputs }: FamilyModel): number {
  if (loss === 'mean squared error') return 1; // the variance of the labels
  return Math.log(loss === 'crossentropy' ? outputs : 2);
}

/** Of one pass to predict, when it is known already what words give, or three to train. */
function total(plan: FamilyModel, passes: number): number {
  const { recurrent, inputs, words } = operations(plan);
  return passes * (recurrent + inputs + (passes === 1 ? 0 : words));
}

function speed(plan: FamilyModel, passes: number, { rounds }: Figures): string {
  return `${(total(plan, passes) / median(rounds) / 1e6).toFixed(1)} GFLOP/s`;
}
