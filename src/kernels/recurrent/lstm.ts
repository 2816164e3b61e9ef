/**
 * LSTM over a whole sequence as two kernels of TensorFlow.js, `RecurrentLstm` and
 * `RecurrentLstmGradient`, whose kernel is in lstm-backward.ts. Source: assembly/recurrent/lstm.ts; twin: lstm-composed.ts.
 */
import { tf } from '../../foundation/tensorflow.js';
import { type Activations, keepForTape, keepUntilReleased } from '../bridge/activations.js';
import { runJobs } from '../bridge/jobs.js';
import {
  backward,
  FORWARD_FIELDS,
  type ForwardJob,
  type Kept,
  rejectSecondLstmDerivative,
} from './lstm-backward.js';
import { lstmInference } from './lstm-inference.js';
import type { LstmInputs, LstmOutputs, LstmSettings } from './lstm-inputs.js';
import { layout, shardsOf } from './lstm-jobs.js';
import { wordBatch, wordJobs } from './lstm-words.js';
import { registerKernels } from '../bridge/register.js';
import { asFloats, type KernelCall } from '../bridge/tensors.js';
import { runKernel } from '../bridge/together.js';

const FORWARD = 'RecurrentLstm';
const BACKWARD = 'RecurrentLstmGradient';

/** Runs the fused LSTM on a backend that has it. */
export function lstm(inputs: LstmInputs, settings: LstmSettings): LstmOutputs {
  return run(inputs, { ...settings, activations: keepForTape() });
}

/** The gradients of the outputs of an LSTM; where one is missing, it is zero. */
export interface LstmOutputGradients {
  sequence?: tf.Tensor;
  h?: tf.Tensor;
  c?: tf.Tensor;
}

/** Runs it for a caller that asks for the gradients itself, once, or releases them. */
export function lstmWithGradients(inputs: LstmInputs, settings: LstmSettings) {
  const activations = keepUntilReleased<Kept>();
  const attributes: Attributes = { ...settings, activations };
  const { kernel, recurrentKernel } = inputs;
  const saved = { kernel, recurrentKernel };
  return {
    outputs: run(inputs, attributes),
    gradients: ({ h: dh, c: dc, sequence: dSequence }: LstmOutputGradients) =>
      runBackward(attributes, { ...saved, dh, dc, dSequence }),
    release: () => activations.release(),
  };
}

function run(inputs: LstmInputs, attributes: Attributes): LstmOutputs {
  register();
  const { initialH, initialC } = inputs;
  const floats: LstmInputs = {
    ...inputs,
    x: asFloats(inputs.x),
    initialH: initialH && asFloats(initialH),
    initialC: initialC && asFloats(initialC),
  };
  const [h, c, sequence] = runKernel<tf.Tensor[]>(FORWARD, present(floats), attributes) as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor3D | undefined,
  ];
  if (attributes.activations) attributes.activations.output = h;
  return { sequence: sequence ?? null, h, c };
}

const register = registerKernels({
  kernels: { [FORWARD]: forward, [BACKWARD]: backward },
  gradients: [
    {
      kernelName: FORWARD,
      inputsToSave: ['kernel', 'recurrentKernel'],
      gradFunc: (dys, saved, attributes) =>
        gradient(dys as tf.Tensor[], saved, attributes as unknown as Attributes),
    },
    { kernelName: BACKWARD, gradFunc: rejectSecondLstmDerivative },
  ],
});

/**
 * The settings of a call with, while a gradient is recorded, the place for what the
 * backward pass needs. It travels in the attributes, which reach the forward kernel
 * and the gradient as one object; a tensor would be copied by the wasm backend.
 */
type Attributes = LstmSettings & { activations: Activations<Kept> | null };

function forward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  settings: Attributes,
): tf.TensorInfo[] {
  const predicted = settings.activations ? null : lstmInference(call, inputs, settings);
  if (predicted) return predicted;
  const [batch, time, width] = inputs.x!.shape as [number, number, number];
  const units = inputs.recurrentKernel!.shape[0]!;
  const { memory } = call.runtime;
  const hardSigmoid = Number(settings.hardSigmoid);
  const { activations } = settings;
  const allocate = (size: number) => activations?.allocate(memory, size) ?? call.scratch(size);
  const words = activations && wordBatch(call, inputs.x!, units, settings.goBackwards, allocate);
  const features = words ? 0 : width;
  const bytes = layout(features, units);

  const weights = {
    kernel: call.input(inputs.kernel),
    recurrentKernel: call.input(inputs.recurrentKernel),
    bias: call.input(inputs.bias),
    hardSigmoid,
  };
  const panels = call.scratch(bytes.panels);
  const bias = call.scratch(bytes.packedBias);
  call.runtime.exports.lstmPack(
    features,
    units,
    hardSigmoid,
    weights.kernel,
    weights.recurrentKernel,
    weights.bias,
    panels,
    bias,
  );

  const keptSteps = activations ? 1 : 0;
  const h = call.output([batch, units]);
  const c = call.output([batch, units]);
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
  const jobs = shards.map(({ firstRow, rows }, i): ForwardJob => {
    const steps = keptSteps * time;
    return {
      time,
      inputs: features,
      units,
      firstRow,
      rows,
      goBackwards: Number(settings.goBackwards),
      hardSigmoid,
      x,
      words: jobsByWords?.[i] ?? 0,
      mask,
      initialH,
      initialC,
      panels,
      bias,
      xh: allocate((steps + 1) * rows * bytes.xh),
      xhStepBytes: keptSteps * rows * bytes.xh,
      gates: allocate(Math.max(steps, 1) * rows * bytes.gates),
      gatesStepBytes: keptSteps * rows * bytes.gates,
      c: allocate((steps + 1) * rows * bytes.state),
      cStepBytes: keptSteps * rows * bytes.state,
      sequence: sequence?.address ?? 0,
      lastH: h.address,
      lastC: c.address,
    };
  });
  runJobs(
    call,
    'lstmForward',
    FORWARD_FIELDS,
    jobs.map((job) => [job] as const),
    'begin',
  );

  activations?.set({
    jobs,
    shape: [batch, time],
    has: {
      bias: inputs.bias !== undefined,
      initialH: inputs.initialH !== undefined,
      initialC: inputs.initialC !== undefined,
    },
    words,
  });
  return [h.tensor, c.tensor, ...(sequence ? [sequence.tensor] : [])];
}

function gradient(
  dys: tf.Tensor[],
  saved: tf.Tensor[],
  { activations }: Attributes,
): Record<string, () => tf.Tensor> {
  const [kernel, recurrentKernel] = saved;
  const [dh, dc, dSequence] = dys;
  const { shape } = activations?.peek() ?? rejectSecondLstmDerivative();
  // h is not read, nor need it exist any more: it stands on the tape behind every input, and so
  // leads a second derivative from any of them to its refusal.
  const inputs = { kernel, recurrentKernel, h: activations?.output, dh, dc, dSequence };
  const outputs = Object.entries(runBackward({ activations }, inputs));
  // Nothing flows into a mask, but TensorFlow.js asks for every input that it followed.
  const gradients = outputs.map(([name, output]) => [name, () => output] as const);
  return { ...Object.fromEntries(gradients), mask: () => tf.zeros(shape) };
}

/** The gradients of the inputs by their names. */
function runBackward(
  { activations }: Pick<Attributes, 'activations'>,
  inputs: object,
): Record<string, tf.Tensor> {
  const { has } = activations?.peek() ?? rejectSecondLstmDerivative();
  const outputs = runKernel<tf.Tensor[]>(BACKWARD, present(inputs), { activations });
  const names = ['x', 'kernel', 'recurrentKernel'];
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
