import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { dropout, dropoutComposed } from '../../../src/kernels/dropout/dropout.js';
import { embedding } from '../../../src/kernels/embedding/embedding.js';
import { embeddingComposed } from '../../../src/kernels/embedding/embedding-composed.js';
import type { Cell } from '../../../src/kernels/recurrent/cell.js';
import { LSTM } from '../../../src/kernels/recurrent/cells/lstm.js';
import type { RecurrentInputs } from '../../../src/kernels/recurrent/inputs.js';
import { ready } from '../../../src/kernels/bridge/ready.js';
import {
  BACKENDS,
  bytesInUse,
  expectClose,
  generator,
  inTidy,
  kernels,
  uniform,
  useBackend,
} from '../kernels.js';
import {
  drawCase,
  drawInputs,
  EACH_CELL,
  forward,
  outputsOf,
  type RecurrentCase,
} from './cases.js';
import { onCpu, twinOf } from './twins.js';

/** A layer behind an embedding, with dropout between them or not. */
interface WordCase extends RecurrentCase {
  vocabulary: number;
  rate: number;
  /** Whether index 0 comes. */
  padding: boolean;
}

type Kind = 'fused' | 'composed';
type Named = Record<string, tf.Tensor>;

const PLAIN: WordCase = {
  ...{ batch: 9, time: 11, inputs: 32, units: 8, vocabulary: 12, rate: 0.2, padding: true },
  ...{ cell: LSTM, bias: true, setting: 0, initialStates: false, goBackwards: false },
  ...{ mask: 'none', loss: ['h'], dropout: 0, recurrentDropout: 0 },
};

function drawWords(sizes: number[], rate: number, seed: number, cell: Cell = LSTM): WordCase {
  const [batch, time, vocabulary, inputs, units] = sizes as [
    number,
    number,
    number,
    number,
    number,
  ];
  const drawn = drawCase([batch, time, inputs, units], seed, cell);
  return { ...drawn, dropout: 0, vocabulary, rate, padding: true };
}

const casesOf = (cell: Cell): WordCase[] => [
  // Every remainder of inputs and units by four and eight; one shard and two; one word.
  ...[1, 2, 3, 4, 5, 8, 33].map((inputs, i) => drawWords([9, 11, 12, inputs, 9 - i], 0, i, cell)),
  ...[1, 4, 5, 8, 12, 33].map((units, i) => drawWords([9, 11, 12, 32, units], 0.2, 20 + i, cell)),
  ...[32, 64, 96].map((inputs, i) => drawWords([7, 9, 20, inputs, 16], 0.3, 30 + i, cell)),
  ...[1, 2, 3, 101].map((batch, i) => drawWords([batch, 17, 8, 32, 7], 0.1, 40 + i, cell)),
  drawWords([1, 2, 1, 32, 3], 0.2, 50, cell),
  // More rows than are gathered for the weight gradient, and more words than at once.
  drawWords([600, 2, 150, 32, 5], 0.2, 51, cell),
  drawWords([20, 40, 300, 3, 5], 0, 52, cell),
  // Large shards and small ones, which miss many of the words, with padding and without.
  drawWords([60, 3, 80, 32, 8], 0.1, 55, cell),
  { ...drawWords([60, 3, 80, 6, 8], 0, 56, cell), padding: false },
  // Weights that fit the nearest cache and are taken by tiles of rows, and some that do not.
  ...[44, 48, 50].map((units, i) => drawWords([13, 7, 12, 32, units], 0.2, 60 + i, cell)),
  // The layer's own dropout, the same at every step.
  ...[1, 5, 12, 33].map((units, i) => ({
    ...drawWords([9, 11, 12, 32, units], 0, 70 + i, cell),
    dropout: 0.2,
  })),
  { ...drawWords([60, 7, 20, 64, 8], 0, 74, cell), dropout: 0.3, padding: false },
  { ...drawWords([9, 11, 12, 64, 8], 0.2, 53, cell), padding: false },
  { ...drawWords([9, 11, 12, 5, 8], 0, 54, cell), padding: false },
];

const title = ({ cell, ...golden }: WordCase) => JSON.stringify(golden);

/** Mostly a few words; the last of the vocabulary never comes. */
function drawIndices({ batch, time, vocabulary, padding }: WordCase): tf.Tensor2D {
  const random = generator(batch + time + vocabulary);
  const first = padding ? 0 : 1;
  const draw = () => first + Math.floor(random() ** 2 * Math.max(1, vocabulary - 1 - first));
  const rows = Array.from({ length: batch }, () => Array.from({ length: time }, draw));
  return tf.tensor2d(rows, [batch, time], 'int32');
}

function drawTensors(golden: WordCase): { mask?: tf.Tensor2D; differentiable: Named } {
  const { x: _, mask, ...weights } = drawInputs(golden);
  const table = uniform([golden.vocabulary, golden.inputs], generator(golden.vocabulary));
  const given = Object.entries({ table, ...weights }).filter(([, tensor]) => tensor !== undefined);
  return { ...(mask && { mask }), differentiable: Object.fromEntries(given) as Named };
}

const lookedUp = { fused: embedding, composed: embeddingComposed };
const droppedOut = { fused: dropout, composed: dropoutComposed };

/** A sum in which every value has a weight of its own. */
const weighted = (tensor: tf.Tensor) =>
  tf.sum(tf.mul(tensor, uniform(tensor.shape, generator(tensor.size)))) as tf.Scalar;

function resultsOf(kind: Kind, golden: WordCase, named: Named, mask?: tf.Tensor2D) {
  const { table, ...weights } = named as Named & { table: tf.Tensor2D };
  const rows = lookedUp[kind](drawIndices(golden), table) as tf.Tensor3D;
  const x = golden.rate ? droppedOut[kind](rows, golden.rate, 5) : rows;
  const inputs = { ...weights, x, mask } as unknown as RecurrentInputs;
  return { rows, x, inputs, ...forward(kind, golden, inputs) };
}

type Loss = (outputs: ReturnType<typeof resultsOf>, kind: Kind) => tf.Scalar;

/** The outputs and the gradients of the table, the weights and the initial states. */
function valuesOf(kind: Kind, golden: WordCase, loss?: Loss): Record<string, Float32Array> {
  return inTidy(() => {
    const { mask, differentiable } = drawTensors(golden);
    const names = Object.keys(differentiable);
    const results: Record<string, Float32Array> = {};
    const read = (name: string, tensor: tf.Tensor) => {
      results[name] = tensor.dataSync<'float32'>().slice();
    };
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      const named = Object.fromEntries(tensors.map((tensor, i) => [names[i]!, tensor]));
      const outputs = resultsOf(kind, golden, named, mask);
      for (const name of golden.loss) read(name, outputs[name]!);
      if (loss) return loss(outputs, kind);
      return tf.addN(golden.loss.map((name) => weighted(outputs[name]!))) as tf.Scalar;
    })(Object.values(differentiable));
    names.forEach((name, i) => {
      read(`gradient of ${name}`, gradients[i]!);
    });
    return results;
  });
}

async function expectTwin(golden: WordCase, loss?: Loss): Promise<void> {
  const compute = () => valuesOf('composed', golden, loss);
  const key = `words ${golden.cell.name} ${title(golden)}`;
  // No key can tell what a loss does.
  const twin = await (loss ? onCpu(compute) : twinOf(key, compute));
  const fused = valuesOf('fused', golden, loss);
  expect(Object.keys(fused)).toEqual(Object.keys(twin));
  for (const [name, values] of Object.entries(twin)) expectClose(name, fused[name]!, values, 3e-6);
}

const KERNELS = BACKENDS.flatMap((backend) =>
  EACH_CELL.map(([name, cell]) => [name, backend, cell] as const),
);

describe.each(KERNELS)('%s behind an embedding, with a gradient, on %s', (_name, backend, cell) => {
  const plain: WordCase = { ...PLAIN, cell };
  let ran: string[];
  let tensors: number;
  let bytes: number;
  beforeEach(async () => {
    await useBackend(backend);
    await ready({ threads: 2 });
    tensors = tf.memory().numTensors;
    bytes = bytesInUse();
    ran = [];
    const loaded = kernels();
    const leave = loaded.leave.bind(loaded);
    // What every run comes through but those beside others, whether somebody waits for it or not.
    vi.spyOn(loaded, 'leave').mockImplementation((kernel, jobs) => {
      ran.push(kernel);
      leave(kernel, jobs);
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(bytesInUse()).toBe(bytes);
  });
  const times = (kernel: string) => ran.filter((name) => name === kernel).length;

  describe('is its twin within 3e-6 of the largest value, outputs and gradients', () => {
    it.each(casesOf(cell).map((golden) => [title(golden), golden] as const))(
      '%s',
      async (_, golden) => {
        await expectTwin(golden);
        expect(times('recurrentWordsGradient')).toBe(1);
      },
    );

    it.each([1, 3])('on %i threads', async (threads) => {
      await ready({ threads });
      bytes = bytesInUse();
      await expectTwin({ ...plain, batch: 40 });
      await ready({ threads: 2 });
      bytes = bytesInUse();
    });
  });

  it('never writes the rows, nor their gradients', () => {
    valuesOf('fused', plain);
    expect(ran).toEqual(
      expect.not.arrayContaining(['embeddingGather', 'dropout', 'embeddingScatterAdd']),
    );
    expect(times('recurrentBackward')).toBe(1);
  });

  it('repeats its results to the bit', () => {
    expect(valuesOf('fused', plain)).toEqual(valuesOf('fused', plain));
  });

  it('repeats them whichever thread takes a shard', () => {
    const golden: WordCase = { ...plain, batch: 60, vocabulary: 80 };
    const loaded = kernels();
    const withJobs = (order: (jobs: readonly number[]) => number[]) => {
      const leave = vi.spyOn(loaded, 'leave').mockImplementation((kernel, jobs) => {
        for (const job of order(jobs)) loaded.exports[kernel](job);
      });
      const values = valuesOf('fused', golden);
      leave.mockRestore();
      return values;
    };
    expect(withJobs((jobs) => jobs.toReversed())).toEqual(withJobs((jobs) => [...jobs]));
  });

  it('has the outputs of the plain path to the bit without dropout', () => {
    const golden: WordCase = { ...plain, rate: 0, loss: outputsOf(cell) };
    const known: Record<string, Float32Array> = {};
    const byWords = valuesOf('fused', golden, (results) => {
      const { x, inputs } = results;
      const rows = tf.tensor3d(x.dataSync().slice(), x.shape as [number, number, number]);
      const outputs = forward('fused', golden, { ...inputs, x: rows });
      for (const name of golden.loss) known[name] = outputs[name]!.dataSync<'float32'>().slice();
      return tf.addN(golden.loss.map((name) => weighted(results[name]!))) as tf.Scalar;
    });
    for (const name of golden.loss) expect(byWords[name]).toEqual(known[name]);
  });

  it.each([
    ['most words come once', { vocabulary: 400, batch: 4 }],
    ['much is dropped', { rate: 0.6 }],
    ['much is dropped by the layer', { rate: 0, dropout: 0.6 }],
    ['all is dropped by the layer', { rate: 0, dropout: 1 }],
    ['something is dropped before it, and by the layer', { dropout: 0.1 }],
    ['the inputs do not fill words of bits', { inputs: 16 }],
  ])('takes the plain path where %s', async (_, sizes) => {
    await expectTwin({ ...plain, ...sizes });
    expect(times('recurrentWordsGradient')).toBe(0);
    expect(times('recurrentBackward')).toBe(1);
  });

  describe.each([
    [0, 0],
    [0.2, 0],
    [0, 0.2],
  ])('with a dropout rate of %f, and %f in the layer', (rate, dropout) => {
    const golden: WordCase = { ...plain, rate, dropout };

    it('shares its rows with a second layer, and no backward pass runs twice', async () => {
      await expectTwin(golden, ({ h, inputs }, kind) => {
        const other = forward(kind, { ...golden, goBackwards: true }, inputs);
        return tf.add(weighted(h), weighted(other.c ?? other.h)) as tf.Scalar;
      });
      expect(times('recurrentWordsGradient')).toBe(2);
      expect(times('recurrentBackward')).toBe(2);
    });

    it('shares its rows with something that reads them', async () => {
      await expectTwin(
        golden,
        ({ h, rows }) => tf.add(weighted(h), weighted(tf.square(rows))) as tf.Scalar,
      );
    });

    it('shares its input with something that reads it', async () => {
      await expectTwin(
        golden,
        ({ h, x }) => tf.add(weighted(h), weighted(tf.square(x))) as tf.Scalar,
      );
    });

    it('shares its input with something whose gradient does not read it', async () => {
      await expectTwin(
        golden,
        ({ h, x }) => tf.add(weighted(h), weighted(tf.reshape(x, [-1]))) as tf.Scalar,
      );
    });

    it.each([true, false])('has the gradient of its rows, at once: %s', async (atOnce) => {
      const gradientOfRows = (kind: Kind) =>
        inTidy(() => {
          const { table, ...weights } = drawTensors(golden).differentiable;
          const rows = lookedUp[kind](drawIndices(golden), table as tf.Tensor2D) as tf.Tensor3D;
          const gradient = tf.grad((given) => {
            const x = (rate ? droppedOut[kind](given, rate, 5) : given) as tf.Tensor3D;
            const { h, c } = forward(kind, golden, { ...weights, x } as unknown as RecurrentInputs);
            return tf.add(weighted(h), weighted(c ?? h));
          })(rows);
          if (!atOnce) {
            tf.dispose([table!, weights, rows]);
            valuesOf('fused', { ...plain, units: 5 });
          }
          return gradient.dataSync<'float32'>().slice();
        });
      const fused = gradientOfRows('fused');
      await useBackend('cpu');
      const twin = gradientOfRows('composed');
      await useBackend(backend);
      expectClose('dx', fused, twin, 3e-6);
    });
  });
});

it.each(KERNELS)('%s has no second derivative on %s, and says so', async (_name, backend, cell) => {
  const plain: WordCase = { ...PLAIN, cell };
  await useBackend(backend);
  tf.tidy(() => {
    const { table, ...weights } = drawTensors(plain).differentiable;
    const first = tf.grad((given) => resultsOf('fused', plain, { ...weights, table: given }).h);
    const second = tf.grad((given) => tf.sum(tf.square(first(given))));
    expect(() => second(table!)).toThrow(
      `${cell.name}: the fused kernel has first derivatives only.`,
    );
  });
});
