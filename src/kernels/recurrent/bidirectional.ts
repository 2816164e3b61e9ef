/**
 * Two recurrent layers over one sequence, one in each direction, as two kernels of TensorFlow.js:
 * all shards of both are jobs of one run, and what they write goes to its place in what is merged.
 */
import { tf } from '../../foundation/tensorflow.js';
import { type Activations, keepForTape, keepUntilReleased } from '../bridge/activations.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { rejectSecond } from './backward.js';
import type {
  BidirectionalInputs,
  BidirectionalOutputs,
  BidirectionalSettings,
} from './bidirectional-inputs.js';
import { mergedBackward } from './bidirectional-backward.js';
import { type BothKept, mergedForward } from './bidirectional-forward.js';
import type { Cell } from './cell.js';
import { cellKernels, hasRecurrentKernel, registeringCells } from './cell-kernels.js';

/** Runs a cell in both directions on a backend that has its kernel. */
export function bidirectional(
  cell: Cell,
  inputs: BidirectionalInputs,
  settings: BidirectionalSettings,
): BidirectionalOutputs {
  return run(cell, inputs, { ...settings, activations: keepForTape() });
}

/** The gradients of the inputs, those of the weights and states by direction. */
export interface BidirectionalGradients {
  x: tf.Tensor;
  directions: [Record<string, tf.Tensor>, Record<string, tf.Tensor>];
}

/** Runs it for a caller that asks for the gradients itself, once, or releases them. */
export function bidirectionalWithGradients(
  cell: Cell,
  inputs: BidirectionalInputs,
  settings: BidirectionalSettings,
) {
  const activations = keepUntilReleased<BothKept>();
  const attributes: Attributes = { ...settings, activations };
  const saved = weightsOf(inputs);
  return {
    outputs: run(cell, inputs, attributes),
    /** From the gradients of the outputs, those of `merged` first; where one is missing, it is zero. */
    gradients(dys: readonly (tf.Tensor | null)[]): BidirectionalGradients {
      const { x, ...others } = runBackward(cell, attributes, { ...saved, ...numbered(dys) });
      const directions: BidirectionalGradients['directions'] = [{}, {}];
      for (const [name, gradient] of Object.entries(others)) {
        directions[Number(name.endsWith('1'))]![name.slice(0, -1)] = gradient;
      }
      return { x: x!, directions };
    },
    release: () => activations.release(),
  };
}

/**
 * The settings of a call with, while a gradient is recorded, the place for what the backward pass
 * needs; see recurrent.ts.
 */
export type Attributes = BidirectionalSettings & { activations: Activations<BothKept> | null };

const WEIGHTS = ['kernel', 'recurrentKernel'] as const;
const OF_DIRECTION = [...WEIGHTS, 'bias', 'vectors', 'initialH', 'initialC'] as const;

function run(
  cell: Cell,
  { x, mask, directions }: BidirectionalInputs,
  attributes: Attributes,
): BidirectionalOutputs {
  register(cell);
  // Tensors of a kernel have names: those of the second direction end in 1, of the first in 0.
  const named: Record<string, tf.Tensor> = { x: asFloats(x), ...(mask && { mask }) };
  directions.forEach((direction, i) => {
    for (const name of OF_DIRECTION) {
      const tensor = direction[name];
      if (tensor) named[`${name}${i}`] = asFloats(tensor);
    }
  });
  const outputs = runKernel<tf.Tensor[]>(forwardName(cell), named, attributes);
  if (attributes.activations) attributes.activations.output = outputs[0];
  const count = attributes.mergeMode === null ? 2 : 1;
  return { merged: outputs.slice(0, count), states: outputs.slice(count) as tf.Tensor2D[] };
}

function weightsOf({ directions }: BidirectionalInputs): Record<string, tf.Tensor> {
  const named = directions.flatMap((direction, i) =>
    WEIGHTS.flatMap((name) => {
      const tensor = direction[name];
      return tensor ? [[`${name}${i}`, tensor] as const] : [];
    }),
  );
  return Object.fromEntries(named);
}

function numbered(dys: readonly (tf.Tensor | null | undefined)[]): Record<string, tf.Tensor> {
  const given = dys.flatMap((dy, i) => (dy ? [[`dy${i}`, dy] as const] : []));
  return Object.fromEntries(given);
}

const { forwardName, backwardName } = cellKernels('Bidirectional');
const register = registeringCells(registration);

function registration(cell: Cell): () => void {
  const saved = [0, 1].flatMap((i) =>
    hasRecurrentKernel(cell) ? WEIGHTS.map((name) => `${name}${i}`) : [`kernel${i}`],
  );
  return registerKernels({
    kernels: {
      [forwardName(cell)]: (call, inputs, settings: Attributes) =>
        mergedForward(call, cell, inputs, settings),
      [backwardName(cell)]: (call, inputs, attributes: Required<Attributes>) =>
        mergedBackward(call, cell, inputs, attributes),
    },
    gradients: [
      {
        kernelName: forwardName(cell),
        inputsToSave: saved,
        gradFunc: (dys, tensors, attributes) => {
          const weights = Object.fromEntries(tensors.map((tensor, i) => [saved[i]!, tensor]));
          return gradient(cell, [dys].flat(), weights, attributes as unknown as Attributes);
        },
      },
      { kernelName: backwardName(cell), gradFunc: () => rejectSecond(cell) },
    ],
  });
}

function gradient(
  cell: Cell,
  dys: tf.Tensor[],
  weights: Record<string, tf.Tensor>,
  attributes: Attributes,
): Record<string, () => tf.Tensor> {
  const [kept] = attributes.activations?.peek()?.directions ?? rejectSecond(cell);
  const { shape } = kept!;
  // As in recurrent.ts, the output leads a second derivative to its refusal.
  const output = attributes.activations!.output!;
  const outputs = runBackward(cell, attributes, { ...weights, output, ...numbered(dys) });
  const gradients = Object.entries(outputs).map(([name, tensor]) => [name, () => tensor] as const);
  return { ...Object.fromEntries(gradients), mask: () => tf.zeros(shape) };
}

/** The gradients of the inputs by their names. */
function runBackward(
  cell: Cell,
  attributes: Attributes,
  inputs: Record<string, tf.Tensor>,
): Record<string, tf.Tensor> {
  const { directions } = attributes.activations?.peek() ?? rejectSecond(cell);
  const outputs = runKernel<tf.Tensor[]>(backwardName(cell), inputs, attributes);
  const names = directions.flatMap(({ has }, i) => {
    const given = {
      kernel: true,
      recurrentKernel: `recurrentKernel${i}` in inputs,
      bias: has.bias !== null,
      vectors: has.vectors !== null,
      initialH: has.initialH,
      initialC: has.initialC,
    };
    return OF_DIRECTION.filter((name) => given[name]).map((name) => `${name}${i}`);
  });
  return Object.fromEntries(['x', ...names].map((name, i) => [name, outputs[i]!]));
}
