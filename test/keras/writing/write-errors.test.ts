import { describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/foundation/errors.js';
import { openDoor, tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers as ours, saveKerasModel } from '../../../src/index.js';
import '@tensorflow/tfjs-backend-cpu';

openDoor();
const { layers } = tfl;
type Layer = tfl.layers.Layer;
type Recurrent = Parameters<typeof layers.bidirectional>[0]['layer'];

const sequential = (...list: Layer[]) => tfl.sequential({ layers: list });
const refusalOf = (model: tfl.LayersModel, options?: object) =>
  saveKerasModel(model, options).then(() => 'written', reasonOf);

describe('saveKerasModel names what Keras cannot have', () => {
  const cases: [what: string, model: () => tfl.LayersModel, message: RegExp][] = [
    [
      'a layer of another class',
      () =>
        sequential(
          layers.conv2dTranspose({
            filters: 1,
            kernelSize: 1,
            inputShape: [3, 2, 1],
            name: 'turned',
          }),
        ),
      /^saveKerasModel: turned is a layer of a class that cannot be written for Keras, received "Conv2DTranspose"\. These can: Activation, Add, .*, models\.$/,
    ],
    [
      'such a layer within another',
      () =>
        sequential(
          layers.timeDistributed({
            layer: layers.conv2dTranspose({ filters: 1, kernelSize: 1, name: 'inner' }),
            inputShape: [2, 3, 2, 1],
            name: 'each',
          }),
        ),
      /^saveKerasModel: each\/inner is a layer of a class that cannot be written for Keras, received "Conv2DTranspose"\./,
    ],
    [
      'such a layer within a model within a model',
      () => {
        const inner = sequential(
          layers.conv2dTranspose({
            filters: 1,
            kernelSize: 1,
            inputShape: [3, 2, 1],
            name: 'turned',
          }),
        );
        inner.name = 'inner';
        return sequential(inner);
      },
      /^saveKerasModel: inner\/turned is a layer of a class that cannot be written for Keras, /,
    ],
    ...(['minGRU', 'peepholeLSTM'] as const).flatMap((name): typeof cases => {
      const layer = (settings: object = {}) =>
        ours[name]({ units: 2, name: 'reader', ...settings });
      const received = name === 'minGRU' ? 'MinGRU' : 'PeepholeLSTM';
      return [
        [
          `${name}, which Keras does not have`,
          () => sequential(layer({ inputShape: [3, 1] })),
          new RegExp(
            `^saveKerasModel: reader is a layer of a class that cannot be written for Keras, received "${received}"\\.`,
          ),
        ],
        [
          `${name} in both directions`,
          () =>
            sequential(
              ours.bidirectional({
                layer: layer() as Recurrent,
                mergeMode: 'concat',
                inputShape: [3, 1],
                name: 'both',
              } as never),
            ),
          new RegExp(
            `^saveKerasModel: both/reader must be one of GRU, LSTM, SimpleRNN, received "${received}"\\.`,
          ),
        ],
      ];
    }),
    [
      'a way between pixels that Keras goes differently',
      () =>
        sequential(
          layers.upSampling2d({ interpolation: 'bilinear', inputShape: [3, 2, 1], name: 'up' }),
        ),
      /^saveKerasModel: up \(UpSampling2D\) interpolates between other points than in Keras 3, received "bilinear"\./,
    ],
    [
      'a dilation that tf.layers leaves out',
      () =>
        sequential(
          layers.depthwiseConv2d({
            kernelSize: 2,
            dilationRate: 2,
            inputShape: [5, 5, 1],
            name: 'd',
          }),
        ),
      /^saveKerasModel: d \(DepthwiseConv2D\) has a dilationRate, which tf\.layers leaves out and Keras 3 would not, /,
    ],
    [
      'a name with a slash',
      () => sequential(layers.dense({ units: 1, inputShape: [2], name: 'a/b' })),
      /^saveKerasModel: names of layers and models must be without \/, which Keras 3 refuses, received "a\/b"\. Build the model with another name\.$/,
    ],
    [
      'such a name of the model',
      () => tfl.sequential({ name: 'a/b', layers: [layers.dense({ units: 1, inputShape: [2] })] }),
      /^saveKerasModel: names of layers and models must be without \/, which Keras 3 refuses, received "a\/b"\./,
    ],
    [
      'an activation without a name in Keras',
      () =>
        sequential(
          layers.dense({
            units: 1,
            inputShape: [2],
            activation: 'gelu_new' as never,
            name: 'last',
          }),
        ),
      /^saveKerasModel: last \(Dense\) has an activation that Keras 3 has no name for, received "gelu_new"\. Keras 3 has elu, /,
    ],
    [
      'hardSigmoid where no weights can make up for the difference',
      () =>
        sequential(layers.activation({ activation: 'hardSigmoid', inputShape: [2], name: 'a' })),
      /^saveKerasModel: a \(Activation\) has the activation hardSigmoid of TensorFlow\.js, which Keras 3 cannot compute there\. Its own hard_sigmoid is x \/ 6 \+ 0\.5/,
    ],
    [
      'hardSigmoid of the cell state',
      () =>
        sequential(
          layers.lstm({ units: 1, activation: 'hardSigmoid', inputShape: [3, 2], name: 'a' }),
        ),
      /^saveKerasModel: a \(LSTM\) has the activation hardSigmoid of TensorFlow\.js/,
    ],
    [
      'hardSigmoid with a regularizer on the same weights',
      () =>
        sequential(
          ours.lstm({
            units: 1,
            recurrentActivation: 'hardSigmoid',
            kernelRegularizer: tfl.regularizers.l2({ l2: 0.1 }),
            inputShape: [3, 2],
            name: 'a',
          }),
        ),
      /^saveKerasModel: a \(LSTM\) has a kernel_regularizer and the hardSigmoid of TensorFlow\.js/,
    ],
    [
      'states that stay from batch to batch',
      () =>
        sequential(layers.gru({ units: 1, stateful: true, batchInputShape: [1, 3, 2], name: 'a' })),
      /^saveKerasModel: a \(GRU\) is stateful, /,
    ],
    [
      'a masked Bidirectional that returns sequences',
      () =>
        sequential(
          layers.embedding({ inputDim: 5, outputDim: 2, inputLength: 4, maskZero: true }),
          layers.dropout({ rate: 0.1 }),
          layers.bidirectional({
            layer: layers.lstm({
              units: 2,
              returnSequences: true,
              recurrentActivation: 'sigmoid',
            }) as Recurrent,
            mergeMode: 'concat',
            name: 'both',
          }),
        ),
      /^saveKerasModel: both \(Bidirectional\) returns sequences of a masked input, for which Keras 3 would give zeros/,
    ],
    [
      'a model without layers',
      () => sequential(),
      /^saveKerasModel: the model must have layers\. Add them, the first with an inputShape\./,
    ],
  ];

  test.for(cases)('%s', async ([, make, message]) => {
    expect(await refusalOf(make())).toMatch(message);
  });

  const dense = () => sequential(layers.dense({ units: 1, inputShape: [2] }));

  test('a loss of ones own', async () => {
    const model = dense();
    model.compile({ optimizer: 'sgd', loss: (truth, prediction) => tf.sub(truth, prediction) });
    expect(await refusalOf(model)).toMatch(
      /^saveKerasModel: the model was compiled with a loss that Keras has no name for, received function .*includeOptimizer: false/,
    );
    expect(await refusalOf(model, { includeOptimizer: false })).toBe('written');
  });

  test('a format that there is not', async () => {
    expect(await refusalOf(dense(), { format: 'onnx' })).toBe(
      'saveKerasModel: format must be one of keras, h5, json+h5, received "onnx". ' +
        "Leave it out for 'keras', the format of Keras 3.",
    );
  });

  test('something that is no model', async () => {
    expect(await refusalOf({} as tfl.LayersModel)).toMatch(
      /^saveKerasModel: model must be a model of tf\.layers, received \{ {2}\}\./,
    );
  });
});
