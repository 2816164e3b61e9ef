import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { useBackend } from './golden.js';
import {
  describeLayer,
  expectConfigRoundTrip,
  expectGradients,
  expectMasking,
  expectNoLeak,
  expectShapes,
  type LayerSubject,
} from './layer-harness.js';

beforeAll(() => useBackend('cpu'));

describe('the harness passes layers of stock TensorFlow.js', () => {
  describeLayer('dense', {
    make: () => tfl.layers.dense({ units: 3, activation: 'tanh' }),
    inputShape: [4, 5],
    outputShapes: [[4, 3]],
    weightShapes: [[5, 3], [3]],
  });

  describeLayer('embedding', {
    make: () => tfl.layers.embedding({ inputDim: 7, outputDim: 3 }),
    inputShape: [4, 5],
    vocabularySize: 7,
    outputShapes: [[4, 5, 3]],
    weightShapes: [[7, 3]],
  });

  describeLayer('dropout, which predicts nothing', {
    make: () => tfl.layers.dropout({ rate: 0.3 }),
    inputShape: [4, 5],
    outputShapes: [[4, 5]],
    weightShapes: [],
  });

  describeLayer('lstm with sequences and states', {
    make: () =>
      tfl.layers.lstm({
        units: 3,
        returnSequences: true,
        returnState: true,
        recurrentActivation: 'sigmoid',
      }),
    inputShape: [2, 4, 5],
    outputShapes: [
      [2, 4, 3],
      [2, 3],
      [2, 3],
    ],
    weightShapes: [[5, 12], [3, 12], [12]],
    mask: [
      [0, 1, 1, 0],
      [0, 0, 1, 1],
    ],
  });
});

/** Multiplies by a factor, and does one thing wrong. */
class Broken extends tfl.layers.Layer {
  static className = 'Broken';
  private readonly fault: string;
  private factor!: tfl.LayerVariable;

  constructor({ fault, ...args }: { fault: string }) {
    super(args);
    this.fault = fault;
    this.supportsMasking = true;
  }
  override build(inputShape: tfl.Shape): void {
    this.factor = this.addWeight(
      'factor',
      [inputShape.at(-1)!],
      'float32',
      tfl.initializers.ones(),
    );
    this.built = true;
  }
  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return this.fault === 'shape' ? inputShape.slice(1) : inputShape;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = [inputs].flat()[0]!;
    const sign = this.fault === 'config' ? -1 : 1;
    const product = tf.tidy(() => tf.mul(x, tf.mul(this.factor.read(), sign)));
    if (this.fault === 'leak') tf.keep(tf.zeros([1]));
    return this.fault === 'gradient' ? wronglyDifferentiated(product) : product;
  }
  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), fault: this.fault === 'config' ? 'none' : this.fault };
  }
}
tf.serialization.registerClass(Broken);

const wronglyDifferentiated = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy) => tf.mul(dy as tf.Tensor, 1.02),
}));

describe('the harness fails on', () => {
  const broken = (fault: string): LayerSubject => ({
    make: () => new Broken({ fault }),
    inputShape: [2, 3, 4],
    outputShapes: [[2, 3, 4]],
    weightShapes: [[4]],
    mask: [
      [1, 0, 1],
      [1, 1, 1],
    ],
  });

  it('nothing, for the same layer without a fault', async () => {
    await expectShapes(broken('none'));
    await expectConfigRoundTrip(broken('none'));
    await expectGradients(broken('none'));
    await expectNoLeak(broken('none'));
  });
  it('a shape promised wrongly', async () => {
    await expect(expectShapes(broken('shape'))).rejects.toThrow('computeOutputShape');
  });
  it('weights of another shape', async () => {
    const subject = { ...broken('none'), weightShapes: [[5]] };
    await expect(expectShapes(subject)).rejects.toThrow('shapes of the weights');
  });
  it('a config that makes another layer', async () => {
    await expect(expectConfigRoundTrip(broken('config'))).rejects.toThrow('made again');
  });
  it('a gradient off by two per cent', async () => {
    await expect(expectGradients(broken('gradient'))).rejects.toThrow('the gradient of');
  });
  it('masked steps that count', async () => {
    await expect(expectMasking(broken('mask'))).rejects.toThrow('what is masked');
  });
  it('a tensor left behind', async () => {
    await expect(expectNoLeak(broken('leak'))).rejects.toThrow('after a call');
  });
});
