import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { ready } from '../../../src/kernels/bridge/ready.js';
import { embedding } from '../../../src/kernels/embedding/embedding.js';
import { embeddingComposed } from '../../../src/kernels/embedding/embedding-composed.js';
import {
  bidirectional,
  bidirectionalWithGradients,
} from '../../../src/kernels/recurrent/bidirectional.js';
import type {
  BidirectionalSettings,
  DirectionInputs,
  MergeMode,
} from '../../../src/kernels/recurrent/bidirectional-inputs.js';
import type { Cell } from '../../../src/kernels/recurrent/cell.js';
import { LSTM } from '../../../src/kernels/recurrent/cells/lstm.js';
import { composed } from '../../../src/kernels/recurrent/composed.js';
import {
  BACKENDS,
  bytesInUse,
  expectClose,
  generator,
  inTidy,
  uniform,
  useBackend,
} from '../kernels.js';
import { activationsOf, drawCase, drawInputs, EACH_CELL, type RecurrentCase } from './cases.js';
import { twinOf } from './twins.js';

const MODES = ['concat', 'sum', 'ave', 'mul', null] as const;

interface BothCase extends RecurrentCase {
  mergeMode: MergeMode;
  returnSequences: boolean;
  returnState: boolean;
  zeroMasked: boolean;
  /** The rows of the table behind which the layer stands; 0 for inputs of its own. */
  vocabulary: number;
}

/** Every mode with a sequence and without, with states and without; sizes and the rest by the seed. */
const casesOf = (cell: Cell, vocabulary: number): BothCase[] =>
  MODES.flatMap((mergeMode, i) =>
    [0, 1, 2, 3].map((j): BothCase => {
      const seed = 4 * i + j;
      const sizes = [
        [9, 7, 5, 6],
        [60, 3, 8, 4],
        [1, 5, 3, 9],
        [13, 2, 33, 16],
      ][(i + j) % 4]!;
      const drawn = drawCase(sizes as [number, number, number, number], seed + 7, cell);
      return {
        ...drawn,
        ...{ mergeMode, vocabulary },
        ...{ returnSequences: j < 2, returnState: j % 2 === 1, zeroMasked: j === 0 },
        ...(vocabulary && { dropout: 0 }),
      };
    }),
  );

type Kind = 'fused' | 'composed';
type Named = Record<string, tf.Tensor>;
const WEIGHTS = [
  ...(['kernel', 'recurrentKernel', 'bias', 'vectors'] as const),
  ...(['initialH', 'initialC'] as const),
] as const;

function settingsOf(golden: BothCase): BidirectionalSettings {
  const { mergeMode, returnSequences, returnState, zeroMasked, setting } = golden;
  const dropping = (rate: number, seed: number) => (rate > 0 ? { rate, seed } : null);
  const direction = (goBackwards: boolean, seed: number) => ({
    ...{ goBackwards, setting },
    dropout: dropping(golden.dropout, seed),
    recurrentDropout: dropping(golden.recurrentDropout, seed + 1),
  });
  const { goBackwards } = golden;
  const directions = [direction(goBackwards, 11), direction(!goBackwards, 21)] as const;
  return { mergeMode, returnSequences, returnState, zeroMasked, directions };
}

const directionOf = (named: Named, i: number) =>
  Object.fromEntries(
    WEIGHTS.flatMap((name) => (named[`${name}${i}`] ? [[name, named[`${name}${i}`]]] : [])),
  ) as unknown as DirectionInputs;

/** One layer after the other, and their outputs merged: as Keras. */
function twin(golden: BothCase, x: tf.Tensor3D, named: Named, mask?: tf.Tensor2D): tf.Tensor[] {
  const { cell, mergeMode, returnSequences, returnState, zeroMasked } = golden;
  const { directions } = settingsOf(golden);
  const both = directions.map((settings, i) => {
    const activations = activationsOf(cell)[golden.setting]!;
    const inputs = { x, mask, ...directionOf(named, i) };
    return composed(cell, inputs, { ...settings, returnSequences, ...activations });
  });
  const outputs = both.map(({ sequence, h }, i) => {
    if (!sequence) return h;
    let whole: tf.Tensor = sequence;
    if (zeroMasked && mask) {
      const counts = directions[i]!.goBackwards ? tf.reverse(mask, 1) : mask;
      whole = tf.mul(whole, tf.expandDims(tf.cast(counts, 'float32'), 2));
    }
    return i === 0 ? whole : tf.reverse(whole, 1);
  });
  const [a, b] = outputs as [tf.Tensor, tf.Tensor];
  const merged = {
    concat: () => [tf.concat([a, b], -1)],
    sum: () => [tf.add(a, b)],
    ave: () => [tf.mul(0.5, tf.add(a, b))],
    mul: () => [tf.mul(a, b)],
    null: () => [a, b],
  }[mergeMode ?? 'null']();
  const states = both.flatMap(({ h, c }) => (c ? [h, c] : [h]));
  return returnState ? [...merged, ...states] : merged;
}

function fused(golden: BothCase, x: tf.Tensor3D, named: Named, mask?: tf.Tensor2D): tf.Tensor[] {
  const directions = [directionOf(named, 0), directionOf(named, 1)] as const;
  const settings = settingsOf(golden);
  const { merged, states } = bidirectional(golden.cell, { x, mask, directions }, settings);
  return [...merged, ...states];
}

function draw(golden: BothCase): { mask?: tf.Tensor2D; indices: tf.Tensor2D; tensors: Named } {
  const { batch, time, inputs, units, vocabulary } = golden;
  const { x, mask, ...first } = drawInputs(golden);
  const {
    x: _,
    mask: __,
    ...second
  } = drawInputs({ ...golden, batch, inputs, units, time: time + 1 });
  const random = generator(batch + time);
  const table = uniform([vocabulary || 1, inputs], random);
  const indices = tf.tensor2d(
    Array.from({ length: batch * time }, () => Math.floor(random() ** 2 * vocabulary)),
    [batch, time],
    'int32',
  );
  const tensors: Named = vocabulary ? { table } : { x };
  [first, second].forEach((direction, i) => {
    for (const name of WEIGHTS) if (direction[name]) tensors[`${name}${i}`] = direction[name];
  });
  return { ...(mask && { mask }), indices, tensors };
}

function outputsOf(kind: Kind, golden: BothCase, drawn: ReturnType<typeof draw>, named: Named) {
  const lookUp = kind === 'fused' ? embedding : embeddingComposed;
  const table = named.table as tf.Tensor2D | undefined;
  const x = (table ? lookUp(drawn.indices, table) : named.x) as tf.Tensor3D;
  return (kind === 'fused' ? fused : twin)(golden, x, named, drawn.mask);
}

/** A sum in which every value of every output has a weight of its own. */
const lossOf = (outputs: readonly tf.Tensor[]) =>
  tf.addN(
    outputs.map((output, i) => tf.sum(tf.mul(output, uniform(output.shape, generator(50 + i))))),
  ) as tf.Scalar;

/** The outputs, predicted and recorded, and the gradients of all that was given. */
function valuesOf(kind: Kind, golden: BothCase): Record<string, Float32Array> {
  return inTidy(() => {
    const drawn = draw(golden);
    const names = Object.keys(drawn.tensors);
    const results: Record<string, Float32Array> = {};
    const read = (name: string, tensor: tf.Tensor) => {
      results[name] = tensor.dataSync<'float32'>().slice();
    };
    const drops = golden.dropout > 0 || golden.recurrentDropout > 0;
    if (!drops) {
      // Behind an embedding, the table is folded the second time that it is seen.
      for (const time of ['first', 'second']) {
        outputsOf(kind, golden, drawn, drawn.tensors).forEach((output, i) => {
          read(`output ${i}, predicted a ${time} time`, output);
        });
      }
    }
    const gradients = tf.grads((...tensors: tf.Tensor[]) => {
      const named = Object.fromEntries(tensors.map((tensor, i) => [names[i]!, tensor]));
      const outputs = outputsOf(kind, golden, drawn, named);
      outputs.forEach((output, i) => {
        read(`output ${i}`, output);
      });
      return lossOf(outputs);
    })(Object.values(drawn.tensors));
    names.forEach((name, i) => {
      read(`gradient of ${name}`, gradients[i]!);
    });
    return results;
  });
}

const title = ({ cell: _, ...golden }: BothCase) => JSON.stringify(golden);
const KERNELS = BACKENDS.flatMap((backend) =>
  EACH_CELL.map(([name, cell]) => [name, backend, cell] as const),
);

describe.each(KERNELS)('%s in both directions, on %s', (_name, backend, cell) => {
  let tensors: number;
  let bytes: number;
  beforeEach(async () => {
    await useBackend(backend);
    await ready({ threads: 2 });
    tensors = tf.memory().numTensors;
    bytes = bytesInUse();
  });
  afterEach(() => {
    expect(tf.memory().numTensors, 'tensors').toBe(tensors);
    expect(bytesInUse(), 'bytes').toBe(bytes);
  });

  const expectTwin = async (golden: BothCase) => {
    const key = `${golden.cell.name} ${title(golden)}`;
    const expected = await twinOf(`bidirectional ${key}`, () => valuesOf('composed', golden));
    const received = valuesOf('fused', golden);
    expect(Object.keys(received)).toEqual(Object.keys(expected));
    for (const [name, values] of Object.entries(expected)) {
      expectClose(name, received[name]!, values, 3e-6);
    }
  };

  describe('is its twin within 3e-6 of the largest value, outputs and gradients', () => {
    const cases = [...casesOf(cell, 0), ...casesOf(cell, 12)];
    it.each(cases.map((golden) => [title(golden), golden] as const))('%s', async (_, golden) => {
      await expectTwin(golden);
    });

    it.each([1, 3])('on %i threads', async (threads) => {
      await ready({ threads });
      bytes = bytesInUse();
      await expectTwin({ ...casesOf(cell, 0)[1]!, batch: 40 });
      await expectTwin({ ...casesOf(cell, 12)[1]!, batch: 40 });
      await ready({ threads: 2 });
      bytes = bytesInUse();
    });
  });

  it('has the dropout of its inputs by words, another one in each direction', async () => {
    const plain = { ...casesOf(cell, 12)[0]!, inputs: 32, dropout: 0.3, mask: 'none' } as const;
    await expectTwin(plain);
  });

  it('has the gradients that a caller asks for by itself, once', () => {
    tf.tidy(() => {
      const golden: BothCase = { ...casesOf(cell, 0)[3]!, mask: 'none' };
      const { tensors: named } = draw(golden);
      const directions = [directionOf(named, 0), directionOf(named, 1)] as const;
      const inputs = { x: named.x as tf.Tensor3D, directions };
      const call = bidirectionalWithGradients(cell, inputs, settingsOf(golden));
      const outputs = [...call.outputs.merged, ...call.outputs.states];
      const weights = outputs.map((output, i) => uniform(output.shape, generator(50 + i)));
      const { x, directions: own } = call.gradients(weights);
      const expected = valuesOf('fused', golden);
      expect([...x.dataSync()]).toEqual([...expected['gradient of x']!]);
      own.forEach((gradients, i) => {
        for (const [name, gradient] of Object.entries(gradients)) {
          const values = expected[`gradient of ${name}${i}`]!;
          expect([...gradient.dataSync()], name).toEqual([...values]);
        }
      });
      expect(() => call.gradients(weights)).toThrow('first derivatives only');
    });
  });
});

it.each(BACKENDS)('has no second derivative on %s, and says so', async (backend) => {
  await useBackend(backend);
  tf.tidy(() => {
    const golden: BothCase = { ...casesOf(LSTM, 0)[0]!, mask: 'none' };
    const drawn = draw(golden);
    for (const name of ['x', 'kernel0', 'recurrentKernel1'] as const) {
      const first = tf.grad((input) =>
        tf.sum(outputsOf('fused', golden, drawn, { ...drawn.tensors, [name]: input })[0]!),
      );
      const second = tf.grad((input) => tf.add(tf.sum(first(input)), tf.sum(input)));
      expect(() => second(drawn.tensors[name]!), name).toThrow('first derivatives only');
    }
  });
});
