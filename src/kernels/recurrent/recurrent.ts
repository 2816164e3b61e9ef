/**
 * A recurrent layer over a whole sequence as two kernels of TensorFlow.js, such as `RecurrentLstm` and
 * `RecurrentLstmGradient`; the second is in backward.ts. Source: assembly/recurrent/forward.ts; twin:
 * composed.ts.
 */
import { tf } from '../../foundation/tensorflow.js';
import { type Activations, keepForTape, keepUntilReleased } from '../bridge/activations.js';
import { runJobs } from '../bridge/jobs.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';
import { backward, rejectSecond } from './backward.js';
import type { Cell } from './cell.js';
import { inference } from './inference.js';
import type { RecurrentInputs, RecurrentOutputs, RecurrentSettings } from './inputs.js';
import { FORWARD_FIELDS, type ForwardJob, type Kept } from './jobs.js';
import { layout, shardsOf } from './layout.js';
import { writeMask } from './sequence-dropout.js';
import { packWeights } from './weights.js';
import { wordBatch, wordJobs } from './words.js';

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

const forwardName = ({ name }: Cell) => `Recurrent${name[0]!.toUpperCase()}${name.slice(1)}`;
const backwardName = (cell: Cell) => `${forwardName(cell)}Gradient`;

const registrations = new Map<Cell, () => void>();

function register(cell: Cell): void {
  const known = registrations.get(cell) ?? registration(cell);
  registrations.set(cell, known);
  known();
}

function registration(cell: Cell): () => void {
  return registerKernels({
    kernels: {
      [forwardName(cell)]: (call, inputs, settings: Attributes) =>
        forward(call, cell, inputs, settings),
      [backwardName(cell)]: (call, inputs, { activations }: Required<Kernels>) =>
        backward(call, cell, inputs, activations),
    },
    gradients: [
      {
        kernelName: forwardName(cell),
        inputsToSave:
          cell.gates.joint + cell.gates.state > 0 ? ['kernel', 'recurrentKernel'] : ['kernel'],
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

function forward(
  call: KernelCall,
  cell: Cell,
  inputs: Record<string, tf.TensorInfo>,
  settings: Attributes,
): tf.TensorInfo[] {
  const predicted = settings.activations ? null : inference(call, cell, inputs, settings);
  if (predicted) return predicted;
  const [batch, time, width] = inputs.x!.shape as [number, number, number];
  const units = inputs.kernel!.shape[1]! / cell.blocks;
  const { memory } = call.runtime;
  const { activations, setting } = settings;
  const allocate = (size: number) => activations?.allocate(memory, size) ?? call.scratch(size);
  const { goBackwards, dropout, recurrentDropout } = settings;
  const inputMask = dropout ? writeMask(call, dropout, batch, width, width, allocate) : 0;
  const dropped = dropout ? { mask: inputMask, rate: dropout.rate } : null;
  const words =
    activations && wordBatch(call, cell, inputs.x!, units, goBackwards, dropped, allocate);
  const sizes = { inputs: words ? 0 : width, units };
  const bytes = layout(cell, sizes.inputs, units);

  const weights = {
    kernel: call.input(inputs.kernel),
    recurrentKernel: call.input(inputs.recurrentKernel),
    bias: call.input(inputs.bias),
    setting,
  };
  const { panels, bias } = packWeights(call, cell, sizes, weights);
  const stateMask = recurrentDropout
    ? writeMask(call, recurrentDropout, batch, units, bytes.state / 4, allocate)
    : 0;

  const h = call.output([batch, units]);
  const c = cell.states === 2 ? call.output([batch, units]) : null;
  const sequence = settings.returnSequences ? call.output([batch, time, units]) : null;
  const x = words ? 0 : call.input(inputs.x);
  const initialH = call.input(inputs.initialH);
  const initialC = call.input(inputs.initialC);
  let mask = call.input(inputs.mask);
  if (mask !== 0 && activations) {
    const copy = allocate(batch * time);
    memory.bytes(copy, batch * time).set(memory.bytes(mask, batch * time));
    mask = copy;
  }

  const shards = shardsOf(batch, call.runtime.threads);
  const jobsByWords = words && wordJobs(call, words, weights, shards);
  const keptSteps = activations ? 1 : 0;
  const gateSteps = cell.keepsGates ? keptSteps : 0;
  const jobs = shards.map(({ firstRow, rows }, i): ForwardJob => {
    const room = (rowBytes: number, steps: number) =>
      allocate(Math.max(steps, 1) * rows * rowBytes);
    return {
      cell: cell.number,
      time,
      inputs: sizes.inputs,
      width,
      units,
      firstRow,
      rows,
      goBackwards: Number(goBackwards),
      setting,
      x,
      words: jobsByWords?.[i] ?? 0,
      mask,
      initialH,
      initialC,
      panels,
      bias,
      jointBias: bias + bytes.jointBias,
      stateBias: bias + bytes.stateBias,
      xh: room(bytes.xh, keptSteps * time + 1),
      xhStepBytes: keptSteps * rows * bytes.xh,
      gates: room(bytes.gates, gateSteps * time),
      gatesStepBytes: gateSteps * rows * bytes.gates,
      c: c ? room(bytes.state, keptSteps * time + 1) : 0,
      cStepBytes: c ? keptSteps * rows * bytes.state : 0,
      late: cell.late ? room(bytes.state, keptSteps * time) : 0,
      lateStepBytes: cell.late ? keptSteps * rows * bytes.state : 0,
      lateStarts: cell.late ? call.scratch(4 * rows) : 0,
      h: stateMask ? room(bytes.state, keptSteps * time + 1) : 0,
      hStepBytes: stateMask ? keptSteps * rows * bytes.state : 0,
      inputMask,
      stateMask,
      sequence: sequence?.address ?? 0,
      lastH: h.address,
      lastC: c?.address ?? 0,
    };
  });
  const whole = jobs.map((job) => [job] as const);
  runJobs(call, 'recurrentForward', FORWARD_FIELDS, whole, 'begin');

  activations?.set({
    jobs,
    shape: [batch, time],
    has: {
      bias: inputs.bias?.shape ?? null,
      initialH: inputs.initialH !== undefined,
      initialC: inputs.initialC !== undefined,
    },
    words,
  });
  return [h, c, sequence].flatMap((output) => output?.tensor ?? []);
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
  if (has.initialH) names.push('initialH');
  if (has.initialC) names.push('initialC');
  return Object.fromEntries(names.map((name, i) => [name, outputs[i]!]));
}

function present(tensors: object): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(tensors).filter(([, tensor]) => tensor !== undefined),
  ) as tf.NamedTensorMap;
}
