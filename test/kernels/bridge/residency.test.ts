import { beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../../src/foundation/tensorflow.js';
import { dropout } from '../../../src/kernels/dropout/dropout.js';
import { embedding } from '../../../src/kernels/embedding/embedding.js';
import { LSTM } from '../../../src/kernels/recurrent/cells/lstm.js';
import { composed as composedLayer } from '../../../src/kernels/recurrent/composed.js';
import type { RecurrentInputs, RecurrentOutputs } from '../../../src/kernels/recurrent/inputs.js';
import { recurrent } from '../../../src/kernels/recurrent/recurrent.js';
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

const SETTINGS = { goBackwards: false, setting: 0, returnSequences: true };

/** Weights and input of an LSTM with as many units as inputs, to stack it or apply it twice. */
function square(units: number, seed: number) {
  const random = generator(seed);
  return {
    x: uniform<tf.Rank.R3>([3, 5, units], random),
    kernel: uniform<tf.Rank.R2>([units, 4 * units], random),
    recurrentKernel: uniform<tf.Rank.R2>([units, 4 * units], random, 0.5),
    bias: uniform<tf.Rank.R1>([4 * units], random),
  };
}

function composed(inputs: RecurrentInputs) {
  const activations = { activation: tf.tanh, recurrentActivation: tf.sigmoid };
  const outputs = composedLayer(LSTM, inputs, {
    goBackwards: false,
    returnSequences: true,
    ...activations,
  });
  return withC(outputs);
}

/** An LSTM has a second state. */
const withC = (outputs: RecurrentOutputs) => ({ ...outputs, c: outputs.c! });

const fused = (inputs: RecurrentInputs) => withC(recurrent(LSTM, inputs, SETTINGS));
type Lstm = typeof fused;

const counts = () => ({
  bytes: bytesInUse(),
  tensors: tf.memory().numTensors,
  dataIds: tf.engine().backend.numDataIds(),
});

describe.each(BACKENDS)('what a kernel computes, on %s', (backend) => {
  let before: ReturnType<typeof counts>;
  beforeEach(async () => {
    await useBackend(backend);
    before = counts();
  });

  /** One to twenty, without a change, by a kernel of ours. */
  const resident = () => lookedUpIn(tf.reshape(tf.range(1, 21), [20, 1]));
  const lookedUpIn = (table: tf.Tensor2D) => embedding(tf.range(0, 20, 1, 'int32'), table);
  const VALUES = Array.from({ length: 20 }, (_, i) => i + 1);

  it('takes up the kernels’ memory until anybody else reads it', () => {
    tf.tidy(() => {
      const table = tf.reshape(tf.range(1, 21), [20, 1]) as tf.Tensor2D;
      lookedUpIn(table).dataSync();
      const withTable = bytesInUse();
      const made = lookedUpIn(table);
      expect(bytesInUse()).toBeGreaterThanOrEqual(withTable + 80);
      expect([...made.dataSync()]).toEqual(VALUES);
      expect(bytesInUse()).toBe(withTable);
      expect([...made.dataSync()], 'once more').toEqual(VALUES);
    });
    expect(counts()).toEqual(before);
  });

  it('has its table copied once, until that is disposed of', () => {
    tf.tidy(() => {
      const table = tf.ones<tf.Rank.R2>([1000, 16]);
      const indices = tf.tensor1d([0, 999], 'int32');
      const made = [1, 2, 3].map(() => embedding(indices, table));
      const tables = (bytesInUse() - before.bytes) / 64_000;
      expect(Math.round(tables)).toBe(1);
      for (const tensor of made) expect(tensor.dataSync()).toEqual(new Float32Array(32).fill(1));
    });
    expect(counts()).toEqual(before);
  });

  it.each<[string, (made: tf.Tensor) => tf.Tensor, number[]]>([
    ['added to', (made) => tf.add(made, 1), VALUES.map((value) => value + 1)],
    ['added to itself', (made) => tf.add(made, made), VALUES.map((value) => 2 * value)],
    ['multiplied as a matrix', (made) => tf.matMul(made, made, true), [2870]],
    ['summed', (made) => tf.sum(made), [210]],
    ['sliced', (made) => tf.slice(made, [3], [2]), [4, 5]],
    ['transposed', (made) => tf.transpose(made), VALUES],
    ['concatenated', (made) => tf.concat([made, made]), [...VALUES, ...VALUES]],
    ['cast', (made) => tf.cast(made, 'int32'), VALUES],
    ['gathered', (made) => tf.gather(made, [19, 0]), [20, 1]],
    ['reshaped, then added to', (made) => tf.add(tf.reshape(made, [4, 5]), 0), VALUES],
    ['cloned, then reversed', (made) => tf.reverse(tf.clone(made), 0), [...VALUES].reverse()],
    ['put in a variable', (made) => addedAsVariable(made), VALUES],
    ['given to a kernel of ours', (made) => dropout(made, 0, 1), VALUES],
    ['reshaped for a kernel of ours', (made) => dropout(tf.reshape(made, [20]), 0, 1), VALUES],
  ])('can be %s', (_, operation, expected) => {
    tf.tidy(() => {
      const made = resident();
      expect([...operation(made).dataSync()]).toEqual(expected);
      expect([...made.dataSync()], 'and is what it was').toEqual(VALUES);
    });
    expect(counts()).toEqual(before);
  });

  function addedAsVariable(made: tf.Tensor): tf.Tensor {
    const variable = tf.variable(made);
    const sum = tf.add(variable, 0);
    variable.dispose(); // which tf.tidy does not
    return sum;
  }

  it('outlives its first name through reshape, clone and keep', () => {
    const aliases = [
      (made: tf.Tensor) => tf.reshape(made, [2, 10]),
      (made: tf.Tensor) => tf.clone(made),
      (made: tf.Tensor) => tf.reshape(tf.clone(tf.reshape(made, [5, 4])), [20]),
    ];
    for (const alias of aliases) {
      const kept = tf.tidy(() => alias(resident()));
      tf.tidy(() => void dropout(tf.zeros([500]), 0.5, 1)); // another kernel runs in between
      expect([...kept.dataSync()]).toEqual(VALUES);
      kept.dispose();
    }
    const kept = inTidy(() => tf.keep(resident()));
    tf.tidy(() => void dropout(tf.zeros([500]), 0.5, 1));
    expect([...kept.dataSync()]).toEqual(VALUES);
    kept.dispose();
    expect(counts()).toEqual(before);
  });

  it('stays in the array of data() after the tensor and its memory are gone', async () => {
    const made = inTidy(() => tf.keep(resident()));
    const [asked, values] = [made.data(), made.dataSync()];
    made.dispose();
    for (let i = 0; i < 5; i++) tf.tidy(() => void dropout(tf.fill([20], 9), 0, i));
    expect([...(await asked)]).toEqual(VALUES);
    expect([...values]).toEqual(VALUES);
  });

  it('moves to another backend and back', async () => {
    const other = BACKENDS.find((name) => name !== backend)!;
    const [read, lent] = inTidy(() => [tf.keep(resident()), tf.keep(resident())] as const);
    await useBackend(other);
    tf.tidy(() => {
      expect([...dropout(lent, 0, 1).dataSync()], 'by a kernel of ours').toEqual(VALUES);
      expect([...tf.add(lent, read).dataSync()], 'by others').toEqual(VALUES.map((v) => 2 * v));
    });
    await useBackend(backend);
    expect([...read.dataSync()]).toEqual(VALUES);
    expect([...tf.tidy(() => tf.neg(lent)).dataSync()]).toEqual(VALUES.map((v) => -v));
    tf.dispose([read, lent]);
    expect(bytesInUse()).toBe(before.bytes);
  });

  it('is released when nobody ever reads it', () => {
    tf.tidy(() => void fused(square(6, 1)));
    expect(counts()).toEqual(before);
  });

  it('is released on the other backend than it was made on', async () => {
    const made = inTidy(() => tf.keep(resident()));
    await useBackend(BACKENDS.find((name) => name !== backend)!);
    made.dispose();
    expect(bytesInUse()).toBe(before.bytes);
  });
});

describe.each(BACKENDS)('what a gradient needs, on %s', (backend) => {
  let before: ReturnType<typeof counts>;
  beforeEach(async () => {
    await useBackend(backend);
    before = counts();
  });
  const loss = (run: Lstm, inputs: RecurrentInputs, x: tf.Tensor) =>
    tf.sum(tf.square(run({ ...inputs, x: x as tf.Tensor3D }).h));

  it('is released with the gradient', () => {
    tf.tidy(() => {
      const inputs = square(6, 2);
      tf.grad((x) => {
        const value = loss(fused, inputs, x);
        expect(bytesInUse(), 'until then it is there').toBeGreaterThan(
          before.bytes + 3 * 5 * 6 * 4,
        );
        return value;
      })(inputs.x);
    });
    expect(counts()).toEqual(before);
  });

  it('is released when the LSTM is not on the way to the loss', () => {
    tf.tidy(() => {
      const inputs = square(6, 2);
      tf.grad((x) => {
        fused({ ...inputs, x: x as tf.Tensor3D });
        return tf.sum(tf.square(x));
      })(inputs.x);
    });
    expect(counts()).toEqual(before);
  });

  it('is released by the next gradient when the tape throws', () => {
    tf.tidy(() => {
      const inputs = square(6, 2);
      const failing = tf.grad((x) => {
        fused({ ...inputs, x: x as tf.Tensor3D });
        throw new Error('on purpose');
      });
      for (let i = 0; i < 3; i++) expect(() => failing(inputs.x)).toThrow('on purpose');
      tf.grad((x) => tf.sum(tf.square(x)))(inputs.x);
    });
    expect(bytesInUse()).toBe(before.bytes);
  });

  it('is there for the outer of two nested gradients', () => {
    const run = (which: Lstm) =>
      inTidy(() => {
        const inputs = square(6, 3);
        const gradient = tf.grad((x) => {
          const outer = loss(which, inputs, x);
          // A gradient of something else, begun and ended in between.
          tf.grad((y) => loss(which, inputs, y))(tf.ones([3, 5, 6]));
          return outer;
        });
        return gradient(inputs.x).dataSync<'float32'>().slice();
      });
    expectClose('gradient', run(fused), run(composed), 2e-6);
    expect(bytesInUse()).toBe(before.bytes);
  });

  it('is there for the value of an inner gradient that the outer differentiates', () => {
    const run = (which: Lstm) =>
      inTidy(() => {
        const inputs = square(4, 4);
        const gradient = tf.grad((x) => {
          const { value } = tf.valueAndGrad((scale: tf.Tensor) =>
            tf.mul(tf.sum(scale), loss(which, inputs, x)),
          )(tf.scalar(2));
          return tf.sum(value);
        });
        return gradient(inputs.x).dataSync<'float32'>().slice();
      });
    expectClose('gradient', run(fused), run(composed), 2e-6);
  });

  it('does not pile up over 200 steps of training', () => {
    tf.tidy(() => {
      const inputs = square(6, 5);
      const weights = [inputs.kernel, inputs.recurrentKernel, inputs.bias!].map((weight) =>
        tf.variable(weight),
      );
      const [kernel, recurrentKernel, bias] = weights as [
        tf.Variable<tf.Rank.R2>,
        tf.Variable<tf.Rank.R2>,
        tf.Variable<tf.Rank.R1>,
      ];
      const optimizer = tf.train.sgd(0.01);
      const step = () => {
        optimizer.minimize(() =>
          tf.sum(tf.square(fused({ x: inputs.x, kernel, recurrentKernel, bias }).sequence!)),
        );
        return [counts(), kernels().memory.memory.buffer.byteLength];
      };
      step();
      const settled = step();
      for (let i = 0; i < 198; i++) step();
      expect(step()).toEqual(settled);
      optimizer.dispose();
      tf.dispose(weights);
    });
    expect(counts()).toEqual(before);
  });

  describe('is kept apart for every call: gradients within 2e-6 of the twin’s', () => {
    const gradientsOf = (
      which: Lstm,
      model: (run: Lstm, a: RecurrentInputs, b: RecurrentInputs) => tf.Tensor,
    ) =>
      inTidy(() => {
        const [a, b] = [square(5, 6), square(5, 7)];
        const given = [
          a.x,
          a.kernel,
          a.recurrentKernel,
          a.bias!,
          b.kernel,
          b.recurrentKernel,
          b.bias!,
        ];
        const gradients = tf.grads((...tensors: tf.Tensor[]) => {
          const [x, ...weights] = tensors as [tf.Tensor3D, ...tf.Tensor[]];
          const [k, r, bias, k2, r2, bias2] = weights as tf.Tensor2D[];
          const first = { x, kernel: k!, recurrentKernel: r!, bias: bias as tf.Tensor };
          const second = { x, kernel: k2!, recurrentKernel: r2!, bias: bias2 as tf.Tensor };
          return tf.sum(
            tf.square(model(which, first as RecurrentInputs, second as RecurrentInputs)),
          );
        })(given);
        return gradients.map((gradient) => gradient.dataSync<'float32'>().slice());
      });

    it.each<[string, (run: Lstm, a: RecurrentInputs, b: RecurrentInputs) => tf.Tensor]>([
      ['two stacked', (run, a, b) => run({ ...b, x: run(a).sequence! }).h],
      [
        'one applied twice, and another',
        (run, a, b) => tf.add(run({ ...a, x: run(a).sequence! }).h, run(b).h),
      ],
      [
        'one applied to the same input twice',
        (run, a, b) => tf.mul(run(a).h, tf.add(run(a).c, run(b).c)),
      ],
      [
        'the states of one are where another begins',
        (run, a, b) => {
          const { h, c } = run(a);
          return run({ ...b, initialH: h, initialC: c }).sequence!;
        },
      ],
      [
        'h and c begin as one tensor',
        (run, a, b) => {
          const { h } = run(a);
          return run({ ...b, initialH: h, initialC: h }).c;
        },
      ],
    ])('%s', (_, model) => {
      const [ours, twins] = [gradientsOf(fused, model), gradientsOf(composed, model)];
      ours.forEach((gradient, i) => {
        expectClose(`gradient ${i}`, gradient, twins[i]!, 2e-6);
      });
      expect(bytesInUse()).toBe(before.bytes);
    });
  });
});
