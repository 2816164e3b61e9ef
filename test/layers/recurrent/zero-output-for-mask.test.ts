import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { adam, fitWithSeed, layers as ours, registerLayers } from '../../../src/index.js';
import { expectClose, useBackend } from '../../kernels/kernels.js';
import { inMemory } from '../../in-memory.js';

beforeAll(() => useBackend('cpu'));

const X = () => tf.randomUniform([3, 5, 2], -1, 1, 'float32', 1) as tf.Tensor3D;
const MASK = () => tf.tensor2d([0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0], [3, 5], 'bool');

type Zero = boolean | 'untilFirst';

/** The steps whose outputs are kept, from those that count, in the order of the outputs. */
function kept(zero: Zero, goBackwards: boolean): tf.Tensor {
  const counts = tf.cast(goBackwards ? tf.reverse(MASK(), 1) : MASK(), 'float32');
  if (zero === true) return tf.expandDims(counts, 2);
  return tf.expandDims(tf.cast(tf.greater(tf.cumsum(counts, 1), 0), 'float32'), 2);
}

const make = (zeroOutputForMask: Zero, goBackwards: boolean) =>
  ours.gru({
    ...{ units: 2, returnSequences: true, goBackwards, zeroOutputForMask },
    ...{ kernelInitializer: 'ones', recurrentInitializer: 'ones', biasInitializer: 'ones' },
  });

describe.each([
  [true as const, false],
  [true as const, true],
  ['untilFirst' as const, false],
  ['untilFirst' as const, true],
])('zeroOutputForMask %s, goBackwards %s', (zero, goBackwards) => {
  const state = () => tf.fill([3, 2], 0.7);

  it('has the values and gradients of the plain layer times what is kept', () => {
    const call = (layer: tfl.layers.Layer, x: tf.Tensor) =>
      layer.apply([x, state()], { mask: MASK() } as never) as tf.Tensor;
    const [zeroed, plain] = [make(zero, goBackwards), make(false, goBackwards)];
    const one = tf.valueAndGrad((x) => tf.sum(tf.square(call(zeroed, x))) as tf.Scalar)(X());
    const other = tf.valueAndGrad(
      (x) => tf.sum(tf.square(tf.mul(call(plain, x), kept(zero, goBackwards)))) as tf.Scalar,
    )(X());
    expectClose('value', one.value.dataSync(), other.value.dataSync(), 1e-6);
    expectClose('gradient', one.grad.dataSync(), other.grad.dataSync(), 1e-6);
    expect(other.value.dataSync()[0]).toBeGreaterThan(0.1);
  });
});

describe('of a model that is saved and loaded', () => {
  it('the setting and a mask that is not seen survive', async () => {
    registerLayers();
    const tokens = tfl.input({ shape: [4] });
    const x = ours.embedding({ inputDim: 5, outputDim: 2, maskZero: true }).apply(tokens);
    const zeroed = make(true, false).apply(x) as tfl.SymbolicTensor;
    const unseen = make(false, true).apply(x, { mask: null } as never) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: tokens, outputs: [zeroed, unseen] });
    const { handler } = inMemory();
    await model.save(handler);
    const loaded = await tfl.loadLayersModel(handler);
    const words = tf.tensor2d([0, 2, 0, 1, 3, 0, 0, 0], [2, 4]);
    const [expected, received] = [model, loaded].map((one) => one.predict(words) as tf.Tensor[]);
    expected!.forEach((output, i) => {
      expectClose(`output ${i}`, received![i]!.dataSync(), output.dataSync(), 1e-6);
    });
    // Masked steps are zeros in the one, and count in the other.
    const values = (output: tf.Tensor) => [...output.dataSync()];
    expect(values(expected![0]!).slice(0, 2)).toEqual([0, 0]);
    expect(values(expected![1]!).every((value) => value !== 0)).toBe(true);
  });
});

describe('in training without a tape', () => {
  const build = (zero: Zero, returnSequences: boolean) => {
    const x = tfl.input({ shape: [5, 2] });
    const first = tfl.input({ shape: [3] });
    const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
    const masked = tfl.layers.masking({ maskValue: 0 }).apply(x) as tfl.SymbolicTensor;
    const layer = ours.gru({
      ...{ units: 3, returnSequences, zeroOutputForMask: zero, recurrentActivation: 'sigmoid' },
      ...{ kernelInitializer: seeded(1), recurrentInitializer: seeded(2) },
    });
    const outputs = ours
      .dense({ units: 2, kernelInitializer: seeded(3) })
      .apply(layer.apply(masked, { initialState: [first] })) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [x, first], outputs });
    model.compile({ optimizer: adam(0.05), loss: 'meanSquaredError' });
    return model;
  };

  it.each([
    [true as const, true],
    ['untilFirst' as const, true],
    ['untilFirst' as const, false],
    [true as const, false],
  ])('%s comes to what it is on one, sequences %s, with weights of samples', async (zero, all) => {
    const x = tf.mul(X(), tf.expandDims(tf.cast(MASK(), 'float32'), 2));
    const first = tf.fill([3, 3], 0.5);
    const y = tf.randomUniform(all ? [3, 5, 2] : [3, 2], -1, 1, 'float32', 4);
    const sampleWeight = tf.tensor1d([1, 2, 0.5]);
    const results = await Promise.all(
      [true, false].map(async (onTape) => {
        const model = build(zero, all);
        const { optimizer } = model;
        if (onTape) optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
        await fitWithSeed(model, [x, first], y, { epochs: 3, batchSize: 3, sampleWeight });
        return model.getWeights().flatMap((weight) => [...weight.dataSync()]);
      }),
    );
    expectClose('weights', results[1]!, results[0]!, 1e-5);
  });
});
