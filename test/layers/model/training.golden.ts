/**
 * Trains Embedding → LSTM → Dense → Dense as Keras did for
 * test/golden/training.json, and compares losses, gradients, weights and
 * predictions, all within 1e-5 relative. Biases that start at 0 stay so small
 * that this is less than Keras' own noise for some of them; it suffices
 * nevertheless.
 */
import { expect } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import type { GoldenArray, TrainingFile, TrainingRun } from '../../golden/read.js';
import { expectClose, memoryInUse, toTensor } from '../golden.js';

/** Makes the layers under test: those of `tf.layers`, or ours with a `kernel`. */
export interface LayerFactories {
  embedding: (args: Parameters<typeof tfl.layers.embedding>[0]) => tfl.layers.Layer;
  lstm: (args: tfl.LSTMLayerArgs) => tfl.layers.Layer;
}

const BATCH = 16;
const STEPS = 8;

export function makeModel(
  { inputs }: TrainingFile,
  run: TrainingRun,
  { embedding, lstm }: LayerFactories,
): tfl.Sequential {
  const inputLength = inputs[run.inputs][0]!.length;
  const maskZero = run.mask_zero;
  const model = tfl.sequential();
  model.add(embedding({ inputDim: 50, outputDim: 8, inputLength, maskZero }));
  model.add(lstm({ units: 8, recurrentActivation: 'sigmoid' }));
  model.add(tfl.layers.dense({ units: 16, activation: 'relu' }));
  model.add(tfl.layers.dense({ units: 1, activation: 'sigmoid' }));
  return model;
}

function makeOptimizer(name: TrainingRun['optimizer']): tf.Optimizer {
  return name === 'sgd' ? tf.train.sgd(0.1) : tf.train.adam(0.001, 0.9, 0.999, 1e-7);
}

/** Checks one run from the first gradient to the last prediction, and that no tensor is left over. */
export async function expectTraining(
  file: TrainingFile,
  run: TrainingRun,
  factories: LayerFactories,
): Promise<void> {
  const before = memoryInUse();
  const model = makeModel(file, run, factories);
  const initial = file.weightNames.map((name) =>
    toTensor(file.initialWeights[run.initial_weights][name]!),
  );
  model.setWeights(initial);
  const optimizer = makeOptimizer(run.optimizer);
  model.compile({ optimizer, loss: 'binaryCrossentropy' });

  const x = tf.tensor2d(file.inputs[run.inputs], undefined, 'int32'); // [sample, time]
  const y = tf.tensor2d(file.labels, [file.labels.length, 1], 'float32');
  const batches = Array.from({ length: STEPS }, (_, step) => {
    const first = (step * BATCH) % file.labels.length;
    return [tf.slice(x, [first, 0], [BATCH, -1]), tf.slice(y, [first, 0], [BATCH, -1])] as const;
  });

  await expectGradients(file, run, model, ...batches[0]!);
  const lossBefore: number[] = [];
  const lossAfter: number[] = [];
  for (const [step, [inputs, labels]] of batches.entries()) {
    lossBefore.push((await model.trainOnBatch(inputs, labels)) as number);
    const loss = model.evaluate(inputs, labels, { batchSize: BATCH }) as tf.Scalar;
    lossAfter.push((await loss.data())[0]!);
    loss.dispose();
    if (step === 0) await expectWeights(file, run, model, 'weights_after_step_1');
  }
  expectLosses('loss_before', lossBefore, run);
  expectLosses('loss_after', lossAfter, run);
  await expectWeights(file, run, model, 'weights_final');
  const predictions = model.predict(x) as tf.Tensor;
  expectClose('predictions_final', await arrayOf(predictions), run.predictions_final);

  tf.dispose([x, y, predictions, initial, batches] as tf.TensorContainer);
  model.dispose();
  optimizer.dispose();
  expect(memoryInUse(), 'tensors left over').toEqual(before);
}

/** The gradients that the optimizer is given in the first step. */
async function expectGradients(
  file: TrainingFile,
  run: TrainingRun,
  model: tfl.Sequential,
  inputs: tf.Tensor,
  labels: tf.Tensor,
): Promise<void> {
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { value, grads } = tf.variableGrads(() => {
    const output = model.apply(inputs, { training: true }) as tf.Tensor;
    return tf.mean(tfl.metrics.binaryCrossentropy(labels, output)) as tf.Scalar;
  }, variables);
  for (const [i, name] of file.weightNames.entries()) {
    const gradient = grads[variables[i]!.name];
    expect(gradient?.shape, `the gradient of ${name}`).toEqual(variables[i]!.shape);
    const received = await arrayOf(gradient!);
    expectClose(`gradients_step_1: ${name}`, received, run.gradients_step_1[name]!);
  }
  tf.dispose([value, grads] as tf.TensorContainer);
}

async function expectWeights(
  file: TrainingFile,
  run: TrainingRun,
  model: tfl.Sequential,
  when: 'weights_after_step_1' | 'weights_final',
): Promise<void> {
  for (const [i, weight] of model.getWeights().entries()) {
    const name = file.weightNames[i]!;
    expectClose(`${when}: ${name}`, await arrayOf(weight), run[when][name]!);
  }
}

function expectLosses(when: 'loss_before' | 'loss_after', received: number[], run: TrainingRun) {
  const array = (values: number[]) => ({ shape: [STEPS], values: Float32Array.from(values) });
  expectClose(when, array(received), array(run[when]));
}

async function arrayOf(tensor: tf.Tensor): Promise<GoldenArray> {
  return { shape: tensor.shape, values: (await tensor.data()) as Float32Array };
}
