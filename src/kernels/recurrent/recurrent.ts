/**
 * A recurrent layer over a whole sequence as two kernels of TensorFlow.js, such as `RecurrentLstm` and
 * `RecurrentLstmGradient`; the second is in backward.ts. Source: assembly/recurrent/forward.ts; twin:
 * composed.ts.
 */
import { tf } from '../../foundation/tensorflow.js';
import { type Activations, keepForTape, keepUntilReleased } from '../bridge/activations.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { backward, rejectSecond } from './backward.js';
import type { Cell } from './cell.js';
import { cellKernels, hasRecurrentKernel, registeringCells } from './cell-kernels.js';
import type { RecurrentInputs, RecurrentOutputs, RecurrentSettings } from './inputs.js';
import type { Kept } from './jobs.js';
import { runForward } from './run-forward.js';

/** Runs a cell over a sequence on a backend that has its kernel. */
export function recurrent(
  cell: Cell,
  inputs: RecurrentInputs,
  settings: RecurrentSettings,
): RecurrentOutputs {
  return run(cell, inputs, { ...settings, activations: keepForTape() });
}

/** The gradients of the outputs; where one is missing, it is zero. */
export interface OutputGradients {
  sequence?: tf.Tensor;
  h?: tf.Tensor;
  c?: tf.Tensor;
}

/** Runs it for a caller that asks for the gradients itself, once, or releases them. */
export function recurrentWithGradients(
  cell: Cell,
  inputs: RecurrentInputs,
  settings: RecurrentSettings,
) {
  const activations = keepUntilReleased<Kept>();
  const attributes: Attributes = { ...settings, activations };
  const { kernel, recurrentKernel } = inputs;
  const saved = { kernel, recurrentKernel };
  return {
    outputs: run(cell, inputs, attributes),
    gradients: ({ h: dh, c: dc, sequence: dSequence }: OutputGradients) =>
      runBackward(cell, attributes, { ...saved, dh, dc, dSequence }),
    release: () => activations.release(),
  };
}

/** Runs it for a caller that reads what the pass keeps, and then releases it. */
export function recurrentKept(cell: Cell, inputs: RecurrentInputs, settings: RecurrentSettings) {
  const activations = keepUntilReleased<Kept>();
  tf.dispose(Object.values(run(cell, inputs, { ...settings, activations })));
  return { kept: activations.peek()!, release: () => activations.release() };
}

function run(cell: Cell, inputs: RecurrentInputs, attributes: Attributes): RecurrentOutputs {
  register(cell);
  const { initialH, initialC } = inputs;
  const floats: RecurrentInputs = {
    ...inputs,
    x: asFloats(inputs.x),
    initialH: initialH && asFloats(initialH),
    initialC: initialC && asFloats(initialC),
  };
  const outputs = runKernel<tf.Tensor[]>(forwardName(cell), present(floats), attributes);
  const [h, c] = outputs as tf.Tensor2D[];
  const sequence = outputs[cell.states] as tf.Tensor3D | undefined;
  if (attributes.activations) attributes.activations.output = h;
  return { sequence: sequence ?? null, h: h!, c: cell.states === 2 ? c : undefined };
}

const { forwardName, backwardName } = cellKernels('Recurrent');
const register = registeringCells(registration);

function registration(cell: Cell): () => void {
  return registerKernels({
    kernels: {
      [forwardName(cell)]: (call, inputs, settings: Attributes) =>
        runForward(call, cell, inputs, settings, settings.activations),
      [backwardName(cell)]: (call, inputs, { activations }: Required<Kernels>) =>
        gradients(call, cell, inputs, activations),
    },
    gradients: [
      {
        kernelName: forwardName(cell),
        inputsToSave: hasRecurrentKernel(cell) ? ['kernel', 'recurrentKernel'] : ['kernel'],
        gradFunc: (dys, saved, attributes) =>
          gradient(cell, [dys].flat(), saved, attributes as unknown as Attributes),
      },
      { kernelName: backwardName(cell), gradFunc: () => rejectSecond(cell) },
    ],
  });
}

/**
 * The settings of a call with, while a gradient is recorded, the place for what the
 * backward pass needs. It travels in the attributes, which reach the forward kernel
 * and the gradient as one object; a tensor would be copied by the wasm backend.
 */
type Attributes = RecurrentSettings & { activations: Activations<Kept> | null };
type Kernels = { activations: Activations<Kept> };

/** The gradients of x, the weights, and the initial states if there were any, in this order. */
function gradients(
  call: KernelCall,
  cell: Cell,
  { kernel, recurrentKernel, dSequence, dh, dc }: Record<string, tf.TensorInfo>,
  activations: Activations<Kept>,
): tf.TensorInfo[] {
  // What the pass reads is released behind it, so there is no second one.
  const kept = activations.take() ?? rejectSecond(cell);
  const held = [dSequence, dh, dc].map((dy) => dy && call.hold(dy));
  const [ofSequence = 0, ofH = 0, ofC = 0] = held.map((dy) => dy?.address ?? 0);
  const given = { dSequence: ofSequence, dLastH: ofH, dLastC: ofC };
  const direction = { kept, kernel: kernel!, recurrentKernel, given };
  const { dx, others } = backward(call, [direction], { cell, activations, held });
  return [dx, ...others[0]!];
}

function gradient(
  cell: Cell,
  dys: tf.Tensor[],
  saved: tf.Tensor[],
  attributes: Attributes,
): Record<string, () => tf.Tensor> {
  const { activations } = attributes;
  const [kernel, recurrentKernel] = saved;
  const [dh, dc] = dys;
  const { shape } = activations?.peek() ?? rejectSecond(cell);
  // h is not read, nor need it exist any more: it stands on the tape behind every input, and so
  // leads a second derivative from any of them to its refusal.
  const h = activations?.output;
  const given = { dh, dc: cell.states === 2 ? dc : undefined, dSequence: dys[cell.states] };
  const inputs = { kernel, recurrentKernel, h, ...given };
  const outputs = Object.entries(runBackward(cell, attributes, inputs));
  // Nothing flows into a mask, but TensorFlow.js asks for every input that it followed.
  const gradients = outputs.map(([name, output]) => [name, () => output] as const);
  return { ...Object.fromEntries(gradients), mask: () => tf.zeros(shape) };
}

/** The gradients of the inputs by their names. */
function runBackward(
  cell: Cell,
  { activations }: Attributes,
  inputs: Record<string, tf.Tensor | undefined>,
): Record<string, tf.Tensor> {
  const { has } = activations?.peek() ?? rejectSecond(cell);
  const outputs = runKernel<tf.Tensor[]>(backwardName(cell), present(inputs), { activations });
  const names = ['x', 'kernel'];
  if (inputs.recurrentKernel) names.push('recurrentKernel');
  if (has.bias) names.push('bias');
  if (has.vectors) names.push('vectors');
  if (has.initialH) names.push('initialH');
  if (has.initialC) names.push('initialC');
  return Object.fromEntries(names.map((name, i) => [name, outputs[i]!]));
}

function present(tensors: object): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(tensors).filter(([, tensor]) => tensor !== undefined),
  ) as tf.NamedTensorMap;
}
