/** layers.dense: tf.layers.dense with a kernel for its product and the gradients of that. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { denseComposed, denseGradients, dense as fusedDense } from '../../kernels/dense/dense.js';
import { activationKernel } from '../../kernels/activations/activation.js';
import { fusedObstacle } from '../../kernels/bridge/register.js';
import { type LayerKernel, onlyInput } from '../beside/layer-kernel.js';
import { applyActivation } from './apply-activation.js';
import { type KernelOption, kernelOption, useFused } from '../kernel-option.js';
import { requireLayerArguments } from '../layer-arguments.js';
import {
  type CallArguments,
  type DenseArgs,
  type LayerClass,
  onlyTensor,
  type StockDense,
  stockDense,
} from '../stock.js';
import { type Given, singleCall, type TrainingCall, type TrainsByCall } from '../training-call.js';

/** The arguments of `tf.layers.dense`, and which kernel computes it. */
export type DenseLayerArgs = DenseArgs & { kernel?: KernelOption };

type DenseClass = LayerClass<
  DenseLayerArgs,
  StockDense & TrainsByCall & { readonly path: KernelOption }
>;

let denseClass: DenseClass | undefined;

/** The class of {@link dense}. */
export function DenseLayer(): DenseClass {
  denseClass ??= defineDense();
  return denseClass;
}

function defineDense(): DenseClass {
  return class Dense extends stockDense() {
    /** The argument `kernel`; a dense layer has weights of that name. */
    readonly path: KernelOption;

    constructor({ kernel, ...args }: DenseLayerArgs) {
      super(args);
      this.path = kernelOption('layers.dense', kernel);
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const x = onlyTensor('layers.dense', inputs);
        const kernel = this.kernel.read() as tf.Tensor2D;
        const bias = (this.bias?.read() ?? undefined) as tf.Tensor1D | undefined;
        const [width, units] = kernel.shape;
        const rows = tf.reshape(x, [x.size / width, width]) as tf.Tensor2D;
        const isFused = useFused('layers.dense', this.path, obstacle(x));
        const run = isFused ? fusedDense : denseComposed;
        const name = this.activationName;
        const product = run({ x: rows, kernel, ...(bias && { bias }) }, name === 'relu');
        return tf.reshape(this.activate(product, isFused), [...x.shape.slice(0, -1), units]);
      });
    }

    /** The activation of a product to which relu has been applied already. */
    private activate(product: tf.Tensor2D, isFused: boolean): tf.Tensor {
      if (!this.activation || this.activationName === 'relu') return product;
      const kernel = isFused ? activationKernel(this.activationName) : undefined;
      return kernel ? kernel.apply(product) : applyActivation(this.activation, product);
    }

    hasTrainingCall({ values }: Given): boolean {
      if (values.length !== 1) return false;
      return this.path !== 'composed' && activationKernel(this.activationName) !== undefined;
    }

    trainingCall({ values: [x] }: Given): TrainingCall {
      return callOf(this, x!);
    }

    private get activationName(): string {
      return nameOf(this.activation);
    }
  };
}

const nameOf = (activation: StockDense['activation']) => activation?.getClassName() ?? 'linear';

function callOf(layer: StockDense, x: tf.Tensor): TrainingCall {
  const kernel = layer.kernel.read() as tf.Variable<tf.Rank.R2>;
  const bias = (layer.bias?.read() ?? undefined) as tf.Variable<tf.Rank.R1> | undefined;
  const [width, units] = kernel.shape;
  const inputs = { x: matrix(x, width), kernel, ...(bias && { bias }) };
  const name = nameOf(layer.activation);
  const relu = name === 'relu';
  const product = fusedDense(inputs, relu);
  const activation = activationKernel(name)!;
  const y = relu ? product : activation.apply(product);
  const output = x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), units]);
  return singleCall(output, (dy) => {
    const rows = matrix(dy, units);
    // The kernel has its own for relu.
    const dProduct = relu ? rows : (activation.gradient(rows, y) as tf.Tensor2D);
    const d = denseGradients(inputs, relu, product, dProduct);
    const weights = { [kernel.name]: d.kernel, ...(bias && { [bias.name]: d.bias }) };
    return { input: x.rank === 2 ? d.x : tf.reshape(d.x, x.shape), weights };
  });
}

/** That of tf.layers, in a model of ours. */
export const DENSE: LayerKernel = {
  make: (name) => tfl.layers.dense({ name, units: 1 }),
  call(layer: StockDense, given: Given) {
    const x = onlyInput(given);
    const hasKernel = activationKernel(nameOf(layer.activation)) !== undefined;
    return x && x.rank > 1 && hasKernel ? callOf(layer, x) : null;
  },
};

/** x as rows; itself if it is. */
function matrix(x: tf.Tensor, width: number): tf.Tensor2D {
  return x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [x.size / width, width]);
}

function obstacle(x: tf.Tensor): string | null {
  const missing = fusedObstacle();
  if (missing !== null) return missing;
  return x.size === 0 ? 'the input is empty' : null;
}

/**
 * A densely connected layer: `tf.layers.dense`, fast on `cpu` and `wasm`.
 *
 * @param args Those of `tf.layers.dense` (`units`, `activation`, `useBias`, …), and
 *   `kernel`: `'auto'` by default.
 * @returns A layer from [batch, …, inputs] to [batch, …, units].
 * @throws RecurrentError for an unknown `kernel`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { layers } from 'tfjs-recurrent';
 *
 * const dense = layers.dense({ units: 2, kernelInitializer: 'ones' });
 * const output = dense.apply(tf.tensor2d([[1, 2, 3]])) as tf.Tensor;
 * console.log(output.arraySync());
 * // [ [ 6, 6 ] ]
 * ```
 */
export function dense(args: DenseLayerArgs): tfl.layers.Layer {
  requireLayerArguments('dense', args);
  return new (DenseLayer())(args);
}
