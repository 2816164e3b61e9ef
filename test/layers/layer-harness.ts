/**
 * What must hold for any layer, after the idea of Keras' `run_layer_test`:
 * shapes, weights, a config that makes the same layer again, gradients against
 * finite differences, masks, training in a model, and no tensor left behind.
 */
import { describe, expect, it } from 'vitest';
import { tf, tfl } from '../../src/foundation/tensorflow.js';
import { memoryInUse } from './golden.js';

/** A layer with what to feed it and what to expect. */
export interface LayerSubject {
  /** Makes the layer anew. */
  make(): tfl.layers.Layer;
  /** Shape of the input with its batch. */
  inputShape: number[];
  /** For token ids: the input holds whole numbers from 0 to below this. */
  vocabularySize?: number;
  /** Shapes of the outputs with their batch: the output, then states. */
  outputShapes: number[][];
  /** Shapes of the trainable weights, in Keras' order. */
  weightShapes: number[][];
  /** [batch][time], 1 = use this step. Steps with 0 must not count. */
  mask?: (0 | 1)[][];
}

/** Declares a test for each thing that must hold. */
export function describeLayer(name: string, subject: LayerSubject): void {
  describe(name, () => {
    it('has the shapes it promises', () => expectShapes(subject));
    it('is made again from its config', () => expectConfigRoundTrip(subject));
    it('has the gradients of finite differences', () => expectGradients(subject));
    if (subject.mask !== undefined) it('skips masked steps', () => expectMasking(subject));
    it('trains in a model', () => expectTraining(subject));
    it('leaves no tensor behind', () => expectNoLeak(subject));
  });
}

/** Symbolic, promised and real shapes are the same, and so are the weights'. */
export async function expectShapes(subject: LayerSubject): Promise<void> {
  const { inputShape, outputShapes, weightShapes } = subject;
  const anyBatch = (shape: number[]) => [null, ...shape.slice(1)];
  await using(subject, async ({ layer, input, call }) => {
    const promised = layer.computeOutputShape(anyBatch(inputShape));
    const promisedShapes = Array.isArray(promised[0]) ? promised : [promised];
    expect(promisedShapes, 'computeOutputShape').toEqual(outputShapes.map(anyBatch));

    const symbolic = layer.apply(symbolicInput(subject)) as tfl.SymbolicTensor;
    const symbolicShapes = [symbolic].flat().map(({ shape }) => shape);
    expect(symbolicShapes, 'symbolic shapes').toEqual(outputShapes.map(anyBatch));

    const outputs = call(input);
    expect(
      outputs.map(({ shape }) => shape),
      'shapes of the results',
    ).toEqual(outputShapes);
    expect(new Set(outputs.map(({ dtype }) => dtype))).toEqual(new Set(['float32']));
    expect(
      layer.trainableWeights.map(({ shape }) => shape),
      'shapes of the weights',
    ).toEqual(weightShapes);
    tf.dispose(outputs);
  });
}

/**
 * A config survives JSON, and the layer made from it has the same config and
 * results. The kernel is not in it, so results may differ by rounding.
 */
export async function expectConfigRoundTrip(subject: LayerSubject): Promise<void> {
  await using(subject, async ({ layer, input, call }) => {
    const config = JSON.parse(JSON.stringify(layer.getConfig()));
    const type = layer.constructor as tf.serialization.SerializableConstructor<tfl.layers.Layer>;
    const again = type.fromConfig(type, structuredClone(config)) as tfl.layers.Layer;
    // At least as much: stock Embedding adds its dtype on the way.
    expect(JSON.parse(JSON.stringify(again.getConfig()))).toMatchObject(config);
    tf.dispose(again.apply(input) as tf.Tensor);
    again.setWeights(layer.getWeights());

    const model = modelOf(subject, layer);
    const modelTopology = JSON.parse(model.toJSON() as string);
    const loaded = await tfl.models.modelFromJSON({ modelTopology });
    loaded.setWeights(model.getWeights());
    expect(namesOf(loaded), 'names of the weights').toEqual(namesOf(model));

    const original = await valuesOf(call(input));
    const results = await valuesOf([again.apply(input) as tf.Tensor].flat());
    expectNear(results, original, 'results of the layer made again');
    const predicted = await valuesOf([loaded.predict(input) as tf.Tensor].flat());
    expectNear(predicted, original, 'results of the model made again');
    again.dispose();
    loaded.dispose();
  });
}

/** How far apart the points of the finite difference lie, along a direction of length 1. */
const STEP = 0.03;

/**
 * Compares the derivative along a direction with its five-point finite
 * difference: for every weight, and for the input when it is not token ids.
 */
export async function expectGradients(subject: LayerSubject): Promise<void> {
  await using(subject, async ({ layer, input, call }) => {
    const random = generator(7);
    const upstream = subject.outputShapes.map((shape) => randomTensor(shape, random));
    const x = tf.variable(input);
    const variables = new Map(
      layer.trainableWeights.map((weight) => [weight.name, weight.read() as tf.Variable]),
    );
    if (subject.vocabularySize === undefined) variables.set('the input', x);

    const weighted = () => call(x).map((output, i) => tf.mul(output, upstream[i]!));
    const { value, grads } = tf.variableGrads(
      () => tf.addN(weighted().map((term) => tf.sum(term))) as tf.Scalar,
      [...variables.values()],
    );
    // Summed in double precision, lest the finite difference drown in rounding.
    const loss = async () => {
      const values = await valuesOf(tf.tidy(weighted));
      return values.flat().reduce((sum, term) => sum + term, 0);
    };

    for (const [name, variable] of variables) {
      const gradient = [...(await grads[variable.name]!.data())];
      const length = norm(gradient);
      // Half along the gradient, where the difference is largest, half at random.
      const blind = gradient.map(() => random() - 0.5);
      const mixed = gradient.map((g, i) => g / (length || 1) + blind[i]! / norm(blind));
      const direction = mixed.map((component) => component / norm(mixed));

      const start = [...(await variable.data())];
      const at = async (distance: number) => {
        const moved = start.map((component, i) => component + distance * direction[i]!);
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
        return await loss();
      };
      const near = (await at(STEP)) - (await at(-STEP));
      const far = (await at(2 * STEP)) - (await at(-2 * STEP));
      await at(0);

      const numeric = (8 * near - far) / (12 * STEP);
      const analytic = gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
      expect(
        Math.abs(numeric - analytic),
        `the gradient of ${name}: ${analytic} along a direction, ${numeric} by finite differences`,
      ).toBeLessThan(1e-3 * length + 1e-4);
    }
    tf.dispose([x, value, grads, upstream] as tf.TensorContainer);
  });
}

/** What stands at a masked step has no influence and gets no gradient; a Masking layer's mask counts alike. */
export async function expectMasking(subject: LayerSubject): Promise<void> {
  await using(subject, async ({ layer, input, call }) => {
    expect(layer.supportsMasking).toBe(true);
    const used = tf.tensor2d(subject.mask!, undefined, 'float32');
    const mask = tf.cast(used, 'bool');
    // Masking() masks steps whose features are all equal to its value.
    const blank = -5;
    const blanked = tf.tidy(() => {
      const factor = tf.expandDims(used, -1);
      return tf.add(tf.mul(input, factor), tf.mul(blank, tf.sub(1, factor)));
    });
    const results = await valuesOf(call(input, { mask }));
    expect(await valuesOf(call(blanked, { mask })), 'what is masked').toEqual(results);
    expect(await valuesOf(call(input)), 'without the mask').not.toEqual(results);

    const symbolic = symbolicInput(subject);
    const masked = tfl.layers.masking({ maskValue: blank }).apply(symbolic);
    const model = tfl.model({
      inputs: symbolic,
      outputs: layer.apply(masked) as tfl.SymbolicTensor[],
    });
    const predicted = await valuesOf([model.predict(blanked) as tf.Tensor].flat());
    expect(predicted, 'masked by a Masking layer').toEqual(results);

    const gradient = tf.grad((x) => tf.addN(call(x, { mask }).map((y) => tf.sum(y))))(input);
    const [leaked] = await valuesOf([
      tf.tidy(() => tf.mul(gradient, tf.expandDims(tf.sub(1, used), -1))),
    ]);
    expect(new Set(leaked!.map(Math.abs)), 'gradients of masked steps').toEqual(new Set([0]));
    tf.dispose([used, mask, blanked, gradient]);
  });
}

/** Under a Dense, gradient descent lowers the loss. */
export async function expectTraining(subject: LayerSubject): Promise<void> {
  await using(subject, async ({ layer, input }) => {
    const { model, targets, dispose } = trainableModel(subject, layer);
    // Evaluated, since a loss while training also moves with what is dropped.
    const loss = () => tf.tidy(() => (model.evaluate(input, targets) as tf.Scalar).dataSync()[0]!);
    const before = loss();
    for (let step = 0; step < 10; step++) await model.trainOnBatch(input, targets);
    expect(loss()).toBeLessThan(before);
    dispose();
  });
}

/** Calls, gradients, training and prediction keep the number of tensors; disposal returns to none. */
export async function expectNoLeak(subject: LayerSubject): Promise<void> {
  const before = memoryInUse();
  await using(subject, async ({ layer, input, call }) => {
    const { model, targets, dispose } = trainableModel(subject, layer);
    await model.trainOnBatch(input, targets); // the first step also makes what is kept
    const settled = memoryInUse();
    for (let round = 0; round < 3; round++) {
      tf.dispose(call(input));
      expect(memoryInUse(), 'after a call').toEqual(settled);
      tf.dispose(model.predict(input));
      expect(memoryInUse(), 'after a prediction').toEqual(settled);
      await model.trainOnBatch(input, targets);
      expect(memoryInUse(), 'after a step of training').toEqual(settled);
    }
    dispose();
  });
  expect(memoryInUse(), 'after everything was disposed').toEqual(before);
}

interface Bench {
  /** Built, with random weights. */
  layer: tfl.layers.Layer;
  input: tf.Tensor;
  call(x: tf.Tensor, options?: Record<string, unknown>): tf.Tensor[];
}

async function using(subject: LayerSubject, check: (bench: Bench) => Promise<void>) {
  const random = generator(3);
  const layer = subject.make();
  const { inputShape, vocabularySize } = subject;
  const input = randomTensor(inputShape, random, vocabularySize);
  const call = (x: tf.Tensor, options: Record<string, unknown> = {}) =>
    [layer.apply(x, options) as tf.Tensor].flat();
  tf.dispose(call(input)); // the first call builds the weights
  const weights = layer.getWeights().map(({ shape }) => randomTensor(shape, random));
  layer.setWeights(weights);
  await check({ layer, input, call });
  // Each model that holds the layer counts; a layer knows no public way to say so.
  const uses = layer as unknown as { _refCount: number };
  while (uses._refCount > 0) layer.dispose();
  tf.dispose([input, weights]);
}

function symbolicInput({ inputShape, vocabularySize }: LayerSubject): tfl.SymbolicTensor {
  const dtype = vocabularySize === undefined ? 'float32' : 'int32';
  return tfl.input({ shape: inputShape.slice(1), dtype });
}

function modelOf(subject: LayerSubject, layer: tfl.layers.Layer): tfl.LayersModel {
  const inputs = symbolicInput(subject);
  return tfl.model({ inputs, outputs: layer.apply(inputs) as tfl.SymbolicTensor[] });
}

/** The layer under a Dense that sees all its outputs, so that there is something to train. */
function trainableModel(subject: LayerSubject, layer: tfl.layers.Layer) {
  const inputs = symbolicInput(subject);
  const outputs = [layer.apply(inputs) as tfl.SymbolicTensor].flat();
  const flat = outputs.map((output) =>
    output.rank > 2 ? (tfl.layers.flatten().apply(output) as tfl.SymbolicTensor) : output,
  );
  const joined = flat.length > 1 ? tfl.layers.concatenate().apply(flat) : flat[0]!;
  const head = tfl.layers.dense({ units: 1 });
  const model = tfl.model({ inputs, outputs: head.apply(joined) as tfl.SymbolicTensor });
  const optimizer = tf.train.sgd(0.05);
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const targets = randomTensor([subject.inputShape[0]!, 1], generator(5));
  const dispose = () => {
    tf.dispose(targets);
    optimizer.dispose();
    head.dispose();
  };
  return { model, targets, dispose };
}

function expectNear(received: number[][], expected: number[][], what: string): void {
  expect(
    received.map((values) => values.length),
    what,
  ).toEqual(expected.map((values) => values.length));
  const differences = received.flat().map((value, i) => Math.abs(value - expected.flat()[i]!));
  expect(Math.max(...differences), what).toBeLessThan(1e-6);
}

function namesOf(model: tfl.LayersModel): string[] {
  return model.weights.map(({ originalName }) => originalName);
}

/** Takes the values and disposes the tensors. */
async function valuesOf(tensors: tf.Tensor[]): Promise<number[][]> {
  const values = await Promise.all(tensors.map(async (tensor) => [...(await tensor.data())]));
  tf.dispose(tensors);
  return values;
}

function randomTensor(shape: number[], random: () => number, below?: number): tf.Tensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const draw = below === undefined ? () => 2 * random() - 1 : () => Math.floor(random() * below);
  const values = Array.from({ length: size }, draw);
  return tf.tensor(values, shape, below === undefined ? 'float32' : 'int32');
}

function norm(values: number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** Park and Miller's minimal standard generator: the same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed * 7919;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
