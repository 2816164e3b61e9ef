import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { trainByKernels, withTrainingKernels } from '../../../src/layers/model/train-by-kernels.js';
import { tinyData, weightsOf } from '../../training/models.js';

const LOSS = 'RecurrentBinaryCrossentropy';
const ROWS = 'RecurrentRows';
const ACCURACY = 'RecurrentBinaryAccuracy';

beforeAll(() => tf.setBackend('cpu'));

type Compile = tfl.ModelCompileArgs;

const settings = (loss: Compile['loss'] = 'binaryCrossentropy'): Compile => ({
  optimizer: tf.train.adam(0.1),
  loss,
  metrics: ['accuracy'],
});

function model(): tfl.Sequential {
  const units = { kernelInitializer: tfl.initializers.ones() };
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ ...units, units: 3, inputShape: [2] }),
      tfl.layers.dense({ ...units, name: 'out', units: 1, activation: 'sigmoid' }),
    ],
  });
}

function compiled(): tfl.Sequential {
  const sequential = model();
  sequential.compile(settings());
  return sequential;
}

/** The kernels that ran while `body` did. */
async function kernelsOf(body: () => unknown): Promise<Set<string>> {
  const run = vi.spyOn(tf.engine(), 'runKernel');
  await body();
  const names = run.mock.calls.map(([name]) => name);
  run.mockRestore();
  return new Set(names);
}

/** Has a model train on a tape, whose kernels can be watched. */
function onTape<Model extends tfl.LayersModel>(trained: Model): Model {
  const { optimizer } = trained;
  optimizer.minimize = tf.Optimizer.prototype.minimize.bind(optimizer);
  return trained;
}

describe('trainByKernels', () => {
  test('trains, evaluates and predicts as TensorFlow.js does', async () => {
    const { x, y } = tinyData();
    const results = [];
    for (const trained of [compiled(), trainByKernels(compiled())]) {
      const options = { batchSize: 3, epochs: 4, shuffle: false, verbose: 0 } as const;
      const { history } = await trained.fit(x, y, { ...options, validationSplit: 0.2 });
      const onBatch = await trained.trainOnBatch(x, y);
      const evaluated = (trained.evaluate(x, y) as tf.Scalar[]).map(
        (value) => value.dataSync()[0]!,
      );
      const logged = Object.values(history).flat() as number[];
      results.push([...logged, ...[onBatch].flat(), ...evaluated, ...weightsOf(trained)]);
    }
    const [expected, actual] = results as [number[], number[]];
    expect(actual).toHaveLength(expected.length);
    // A dense layer of tf.layers sums up in another order on our kernel.
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });

  test('does so by kernels, whatever trains the model', async () => {
    const { x, y } = tinyData();
    const trained = onTape(trainByKernels(compiled()));
    const kernels = await kernelsOf(() => trained.fit(x, y, { verbose: 0 }));
    expect(kernels).toContain(LOSS);
    expect(kernels).toContain(ROWS);
    for (const kernel of [LOSS, ACCURACY]) {
      expect(await kernelsOf(() => trained.trainOnBatch(x, y))).toContain(kernel);
      expect(await kernelsOf(() => trained.evaluate(x, y))).toContain(kernel);
    }
  });

  test('does so for a model that is compiled later, and predicts without', async () => {
    const { x, y } = tinyData();
    const trained = trainByKernels(model());
    expect((trained.predict(x) as tf.Tensor).shape).toEqual([x.shape[0], 1]);
    trained.compile(settings());
    expect(await kernelsOf(() => trained.evaluate(x, y))).toContain(ROWS);
  });

  test('knows losses by their names, in all ways of compile', async () => {
    const { x, y } = tinyData();
    const trained = trainByKernels(model());
    for (const loss of [
      'binaryCrossentropy',
      ['binaryCrossentropy'],
      { out: 'binaryCrossentropy' },
    ]) {
      trained.compile(settings(loss));
      onTape(trained);
      expect(await kernelsOf(() => trained.trainOnBatch(x, y))).toContain(LOSS);
    }
    const own = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.losses.meanSquaredError(yTrue, yPred);
    for (const loss of ['meanSquaredError', own]) {
      trained.compile(settings(loss as string));
      onTape(trained);
      expect(await kernelsOf(() => trained.fit(x, y, { verbose: 0 }))).not.toContain(LOSS);
    }
  });

  test('knows the accuracy by its names, and leaves every other metric as it is', async () => {
    const { x, y } = tinyData();
    const trained = trainByKernels(model());
    const kernels = async (metrics: Compile['metrics']) => {
      trained.compile({ ...settings(), metrics });
      return kernelsOf(() => trained.evaluate(x, y));
    };
    for (const metrics of ['accuracy', ['acc'], ['mse', 'binaryAccuracy']]) {
      expect(await kernels(metrics)).toContain(ACCURACY);
    }
    const acc = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.equal(yTrue, tf.round(yPred));
    for (const metrics of [['mse'], [acc], { out: 'accuracy' }, []]) {
      expect(await kernels(metrics as Compile['metrics'])).not.toContain(ACCURACY);
    }
  });

  test('leaves the accuracy among several classes to TensorFlow.js', async () => {
    const trained = trainByKernels(
      tfl.sequential({
        layers: [tfl.layers.dense({ units: 3, inputShape: [2], activation: 'softmax' })],
      }),
    );
    trained.compile(settings('categoricalCrossentropy'));
    const y = tf.cast(tf.oneHot([0, 1, 2, 0], 3), 'float32');
    const kernels = await kernelsOf(() => trained.evaluate(tf.ones([4, 2]), y));
    expect(kernels).not.toContain(ACCURACY);
  });

  test('leaves it to TensorFlow.js to refuse labels of another shape', async () => {
    const trained = trainByKernels(compiled());
    await expect(trained.trainOnBatch(tf.ones([2, 2]), tf.ones([2, 3]))).rejects.toThrow();
  });

  test('leaves the name of the loss for saving', async () => {
    const trained = trainByKernels(compiled());
    const saved: tf.io.ModelArtifacts[] = [];
    const handler = tf.io.withSaveHandler(async (artifacts) => {
      saved.push(artifacts);
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    });
    await trained.save(handler, { includeOptimizer: true });
    expect(saved[0]!.trainingConfig!.loss).toBe('binary_crossentropy');
  });
});

describe('withTrainingKernels', () => {
  test('gives a model its own loss and metric back', async () => {
    const { x, y } = tinyData();
    const trained = compiled();
    const fit = () => trained.fit(x, y, { verbose: 0 });
    for (const kernel of [LOSS, ACCURACY]) {
      expect(await kernelsOf(() => withTrainingKernels(trained, fit))).toContain(kernel);
      expect(await kernelsOf(fit)).not.toContain(kernel);
    }
  });

  test('leaves the loss of a model that was compiled meanwhile', async () => {
    const { x, y } = tinyData();
    const trained = compiled();
    const onTrainEnd = async () => trained.compile(settings('meanSquaredError'));
    const fit = () => trained.fit(x, y, { verbose: 0, callbacks: { onTrainEnd } });
    await withTrainingKernels(trained, fit);
    const [loss] = (trained.evaluate(x, y) as tf.Scalar[]).map((value) => value.dataSync()[0]);
    const [squares] = tf.mean(tf.squaredDifference(y, trained.predict(x) as tf.Tensor)).dataSync();
    expect(loss).toBeCloseTo(squares!, 6);
  });
});
