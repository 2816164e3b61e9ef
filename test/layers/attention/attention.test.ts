import { beforeAll, describe, expect, it, vi } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, registerLayers } from '../../../src/index.js';
import { type AttentionCase, type GoldenArray, readAttentionCases } from '../../golden/read.js';
import { expectClose } from '../../kernels/kernels.js';
import { memoryInUse, useBackend } from '../golden.js';

const CASES = readAttentionCases();
const tensorOf = ({ values, shape }: GoldenArray) => tf.tensor(values, shape);

const nameOf = ({ layer, config, causal, masks, inputs }: AttentionCase) =>
  `${layer} ${JSON.stringify(config)}, ${inputs.length} inputs, causal: ${causal}, masks: ${
    masks ? masks.map((mask) => (mask ? 1 : 0)).join('') : 'none'
  }`;

function layerOf({ layer, config }: AttentionCase, kernel: 'fused' | 'composed'): tfl.layers.Layer {
  const { use_scale: useScale, score_mode: scoreMode } = config;
  const args = { kernel, ...(useScale !== undefined && { useScale }) };
  if (layer === 'AdditiveAttention') return layers.additiveAttention(args);
  return layers.attention({ ...args, ...(scoreMode && { scoreMode }) });
}

/** Outputs and gradients, as in the golden data. */
function compute(golden: AttentionCase, layer: tfl.layers.Layer): tf.Tensor[] {
  const inputs = golden.inputs.map(tensorOf);
  const mask = golden.masks?.map((one) => one && tf.cast(tf.tensor2d(one), 'bool')) ?? null;
  const call = (given: tf.Tensor[]) =>
    layer.apply(given, {
      ...(mask && { mask }),
      returnAttentionScores: true,
      ...(golden.causal && { useCausalMask: true }),
    }) as tf.Tensor[];
  const outputs = call(inputs);
  layer.setWeights(golden.weights.map(tensorOf));
  const loss = (given: tf.Tensor[]) =>
    call(given)
      .map((output, i) => tf.sum(tf.mul(output, tensorOf(golden.upstream[i]!))))
      .reduce((a, b) => tf.add(a, b)) as tf.Scalar;
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const ofInputs = tf.grads((...given) => loss(given))(inputs);
  const { grads } = variables.length ? tf.variableGrads(() => loss(inputs), variables) : { grads: {} }; // biome-ignore format: short
  tf.dispose(outputs);
  return [...call(inputs), ...ofInputs, ...variables.map(({ name }) => (grads as tf.NamedTensorMap)[name]!)]; // biome-ignore format: short
}

describe.each([
  ['cpu', 'fused'],
  ['cpu', 'composed'],
  ['wasm', 'fused'],
  ['wasm', 'composed'],
] as const)('attention on %s, %s', (backend, kernel) => {
  beforeAll(() => useBackend(backend, false));

  it.each(CASES.map((golden) => [nameOf(golden), golden] as const))(
    'is that of Keras: %s',
    (_, golden) => {
      const before = memoryInUse();
      tf.tidy(() => {
        const layer = layerOf(golden, kernel);
        const values = compute(golden, layer);
        const expected = [...golden.outputs, ...golden.gradients];
        const names = [
          'output',
          'scores',
          ...golden.inputs.map((_one, i) => `gradient of input ${i}`),
        ];
        expect(layer.weights.map((weight) => weight.originalName.split('/').at(-1))).toEqual(
          golden.weight_names,
        );
        expected.forEach(({ values: array, shape }, i) => {
          const name = names[i] ?? `gradient of ${golden.weight_names[i - names.length]}`;
          expect(values[i]!.shape, name).toEqual(shape);
          expectClose(name, values[i]!.dataSync(), array, 1e-5);
        });
        layer.dispose();
      });
      expect(memoryInUse()).toEqual(before);
    },
  );
});

/** Two sequences with masks, one of steps; attention between them and within one; two outputs. */
function modelOf(settings: { dropout?: number }, kernel: 'auto' | 'composed'): tfl.LayersModel {
  const source = tfl.input({ shape: [7], name: 'source' });
  const target = tfl.input({ shape: [5], name: 'target' });
  const words = (name: string, seed: number) =>
    layers.embedding({
      inputDim: 9,
      outputDim: 6,
      maskZero: true,
      name,
      embeddingsInitializer: tfl.initializers.randomNormal({ seed }),
    });
  const read = words('read', 1).apply(source) as tfl.SymbolicTensor;
  const written = words('written', 2).apply(target) as tfl.SymbolicTensor;
  const common = { ...settings, seed: 5, kernel };
  const scored = layers.attention({ name: 'luong', useScale: true, ...common });
  const [context, scores] = scored.apply([written, read], {
    returnAttentionScores: true,
  }) as tfl.SymbolicTensor[];
  const within = layers.additiveAttention({ name: 'bahdanau', ...common });
  const self = within.apply([context!, context!], { useCausalMask: true }) as tfl.SymbolicTensor;
  const keys = layers.attention({ name: 'concat', scoreMode: 'concat', useScale: true, ...common });
  const third = keys.apply([self, read, read]) as tfl.SymbolicTensor;
  const last = layers.lstm({
    name: 'last',
    units: 3,
    kernelInitializer: tfl.initializers.randomNormal({ seed: 3 }),
    recurrentInitializer: tfl.initializers.randomNormal({ seed: 4 }),
  });
  const outputs = [last.apply(third) as tfl.SymbolicTensor, scores!];
  return tfl.model({ inputs: [source, target], outputs });
}

const INPUTS = () => [
  tf.tensor2d([[1, 2, 3, 4, 0, 0, 0], [0, 0, 5, 6, 7, 8, 1], [1, 2, 3, 4, 5, 6, 7]]), // biome-ignore format: rows
  tf.tensor2d([[1, 2, 0, 0, 0], [3, 4, 5, 6, 7], [0, 1, 2, 3, 0]]), // biome-ignore format: rows
];

describe.each(['cpu', 'wasm'] as const)('a model with attention on %s', (backend) => {
  beforeAll(() => useBackend(backend, false));

  it.each([{}, { dropout: 0.4 }])('trains without a tape as with one: %o', async (settings) => {
    const train = async (kernel: 'auto' | 'composed') => {
      const model = modelOf(settings, kernel);
      model.compile({ optimizer: tf.train.sgd(0.5), loss: 'meanSquaredError' });
      const [x, y] = [INPUTS(), [tf.ones([3, 3]), tf.zeros([3, 5, 7])]];
      const losses = [];
      for (let i = 0; i < 3; i++) losses.push(await model.trainOnBatch(x, y));
      const weights = model.getWeights().map((weight) => weight.dataSync());
      model.optimizer.dispose();
      model.dispose();
      tf.dispose([x, y]);
      return { losses: losses.flat() as number[], weights };
    };
    const before = memoryInUse();
    const tapes = vi.spyOn(tf.engine() as unknown as { startTape(): void }, 'startTape');
    const fast = await train('auto');
    expect(tapes).not.toHaveBeenCalled();
    tapes.mockRestore();
    const composed = await train('composed');
    expectClose('losses', Float32Array.from(fast.losses), Float32Array.from(composed.losses), 1e-5);
    composed.weights.forEach((weight, i) => {
      expectClose(`weight ${i}`, fast.weights[i]!, weight, 1e-5);
    });
    expect(memoryInUse()).toEqual(before);
  });

  it('is saved with the arguments of its calls, and made again', async () => {
    registerLayers();
    const model = modelOf({}, 'auto');
    const again = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string));
    again.setWeights(model.getWeights());
    const [one, two] = [model, again].map((each) => each.predict(INPUTS()) as tf.Tensor[]);
    for (const [i, output] of one!.entries()) {
      expect([...two![i]!.dataSync()]).toEqual([...output.dataSync()]);
    }
    // Masked steps of the value weigh nothing.
    const [first] = (one![1] as tf.Tensor3D).arraySync();
    expect(first![0]!.slice(4)).toEqual([0, 0, 0]);
  });
});

describe('attention refuses', () => {
  beforeAll(() => useBackend('cpu', false));
  const x = (...shape: number[]) => tf.ones(shape);
  const apply = (inputs: tf.Tensor[], kwargs = {}) => layers.attention({}).apply(inputs, kwargs as never); // biome-ignore format: short

  it.each([
    [() => layers.attention({ scoreMode: 'mul' as never }), "layers.attention: scoreMode must be \"dot\" or \"concat\", received \"mul\"."], // biome-ignore format: a line each
    [() => layers.attention({ use_scale: true } as never), 'layers.attention: there is no argument use_scale. Write useScale.'], // biome-ignore format: a line each
    [() => layers.additiveAttention({ dropout: 1 }), 'layers.additiveAttention: dropout must be a number from 0 up to, not including, 1, received 1.'], // biome-ignore format: a line each
    [() => layers.additiveAttention({ useScale: 1 as never }), 'layers.additiveAttention: useScale must be true or false, received 1.'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3)]), 'layers.attention: there must be two or three inputs, received 1. Call the layer with [query, value] or [query, value, key].'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 3)]), 'layers.attention: query, value and key must have three dimensions, [batch, time, width], received [1, 3]. Put one step into a sequence of length 1.'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 2, 4)]), 'layers.attention: query and key must have the same width, which is 3 of the query, received 4. Put a Dense layer in front of the one or the other.'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 2, 4), x(1, 5, 3)]), 'layers.attention: value and key must have the same number of steps, which is 2 of the value, received 5.'], // biome-ignore format: a line each
    [() => apply([x(2, 2, 3), x(1, 2, 3)]), 'layers.attention: query, value and key must be of one batch, received [[2, 2, 3], [1, 2, 3]].'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 2, 3)], { use_causal_mask: true }), 'layers.attention: there is no argument use_causal_mask. Write useCausalMask.'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 2, 3)], { useCausalMask: 'yes' }), "layers.attention: useCausalMask must be true or false, received \"yes\"."], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 2, 3)], { mask: x(1, 2) }), 'layers.attention: mask must be a list, [query mask, value mask], null where there is none, received'], // biome-ignore format: a line each
    [() => apply([x(1, 2, 3), x(1, 4, 3)], { mask: [null, x(1, 2)] }), 'layers.attention: the mask of the value must be a tensor of the shape [1, 4], received [1, 2].'], // biome-ignore format: a line each
  ])('%s', (call, message) => {
    expect(call).toThrow(message);
  });

  it('a mask among symbolic tensors', () => {
    const input = tfl.input({ shape: [2, 3] });
    const call = () =>
      layers.attention({}).apply([input, input], { mask: [x(1, 2), x(1, 2)] } as never);
    expect(call).toThrow(
      'layers.attention: a mask cannot be given in a call whose input is symbolic',
    );
  });
});
