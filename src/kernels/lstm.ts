/**
 * LSTM over a whole sequence as two kernels of TensorFlow.js, `RecurrentLstm` and
 * `RecurrentLstmGradient`. Source: assembly/lstm.ts; twin: lstm-composed.ts.
 */
import { RecurrentError } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { type Activations, keepForTape } from './activations.js';
import { lstmInference } from './lstm-inference.js';
import { runJobs } from './jobs.js';
import type { LstmInputs, LstmOutputs, LstmSettings } from './lstm-inputs.js';
import { layout, shardCount } from './lstm-jobs.js';
import { registerKernels } from './register.js';
import { asFloats, type KernelCall } from './tensors.js';

const FORWARD = 'RecurrentLstm';
const BACKWARD = 'RecurrentLstmGradient';

/** Runs the fused LSTM on a backend that has it. */
export function lstm(inputs: LstmInputs, settings: LstmSettings): LstmOutputs {
  register();
  const { initialH, initialC } = inputs;
  const floats: LstmInputs = {
    ...inputs,
    x: asFloats(inputs.x),
    initialH: initialH && asFloats(initialH),
    initialC: initialC && asFloats(initialC),
  };
  const attributes: Attributes = { ...settings, activations: keepForTape() };
  const [h, c, sequence] = tf
    .engine()
    .runKernel<tf.Tensor[]>(FORWARD, present(floats), attributes as unknown as tf.NamedAttrMap) as [
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
    { kernelName: BACKWARD, gradFunc: rejectSecondDerivative },
  ],
});

function rejectSecondDerivative(): never {
  throw new RecurrentError(
    'lstm: the fused kernel has first derivatives only. ' +
      "For second derivatives, build the layer with kernel: 'composed'.",
  );
}

/**
 * The settings of a call with, while a gradient is recorded, the place for what the
 * backward pass needs. It travels in the attributes, which reach the forward kernel
 * and the gradient as one object; a tensor would be copied by the wasm backend.
 */
type Attributes = LstmSettings & { activations: Activations<Kept> | null };

// The fields of LstmJob in assembly/lstm.ts, in its order.
// biome-ignore format: one line a group
const FORWARD_FIELDS = [
  'time', 'inputs', 'units', 'firstRow', 'rows', 'goBackwards', 'hardSigmoid',
  'x', 'mask', 'initialH', 'initialC', 'panels', 'bias',
  'xh', 'xhStepBytes', 'gates', 'gatesStepBytes', 'c', 'cStepBytes',
  'sequence', 'lastH', 'lastC',
] as const;
// biome-ignore format: one line a group
const BACKWARD_FIELDS = [
  ...FORWARD_FIELDS,
  'transposedPanels', 'dSequence', 'dLastH', 'dLastC', 'dxh', 'dc', 'dhKept',
  'dGates', 'outerCopy', 'dxSteps', 'dSequenceSteps', 'dPanels', 'dBias', 'dx', 'dInitialH', 'dInitialC',
] as const;

// As in assembly/lstm.ts.
const OUTER_ROWS = 256;
const STEPS_TOGETHER = 8;

type ForwardJob = Record<(typeof FORWARD_FIELDS)[number], number>;
type BackwardJob = Record<(typeof BACKWARD_FIELDS)[number], number>;

/** What a forward pass leaves for its gradient. */
interface Kept {
  jobs: ForwardJob[];
  shape: [batch: number, time: number];
  has: { bias: boolean; initialH: boolean; initialC: boolean };
}

function forward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  settings: Attributes,
): tf.TensorInfo[] {
  const byWords = settings.activations ? null : lstmInference(call, inputs, settings);
  if (byWords) return byWords;
  const [batch, time, features] = inputs.x!.shape as [number, number, number];
  const units = inputs.recurrentKernel!.shape[0]!;
  const { exports, memory } = call.runtime;
  const bytes = layout(features, units);
  const hardSigmoid = Number(settings.hardSigmoid);

  const panels = call.scratch(bytes.panels);
  const bias = call.scratch(bytes.packedBias);
  exports.lstmPack(
    features,
    units,
    hardSigmoid,
    call.input(inputs.kernel),
    call.input(inputs.recurrentKernel),
    call.input(inputs.bias),
    panels,
    bias,
  );

  const { activations } = settings;
  const allocate = (size: number) => activations?.allocate(memory, size) ?? call.scratch(size);
  const keptSteps = activations ? 1 : 0;

  const h = call.output([batch, units]);
  const c = call.output([batch, units]);
  const sequence = settings.returnSequences ? call.output([batch, time, units]) : null;
  const x = call.input(inputs.x);
  const initialH = call.input(inputs.initialH);
  const initialC = call.input(inputs.initialC);
  let mask = call.input(inputs.mask);
  if (mask !== 0 && activations) {
    const copy = allocate(batch * time);
    memory.bytes(copy, batch * time).set(memory.bytes(mask, batch * time));
    mask = copy;
  }

  const jobs = shards(batch, call.runtime.threads).map(({ firstRow, rows }): ForwardJob => {
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
  runJobs(call, 'lstmForward', FORWARD_FIELDS, jobs);

  activations?.set({
    jobs,
    shape: [batch, time],
    has: {
      bias: inputs.bias !== undefined,
      initialH: inputs.initialH !== undefined,
      initialC: inputs.initialC !== undefined,
    },
  });
  return [h.tensor, c.tensor, ...(sequence ? [sequence.tensor] : [])];
}

function backward(
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  { activations }: { activations: Activations<Kept> },
): tf.TensorInfo[] {
  // What the pass reads is released behind it, so there is no second one.
  const { jobs, shape, has } = activations.take() ?? rejectSecondDerivative();
  const [batch] = shape;
  const { time, inputs: features, units } = jobs[0]!;
  const { exports } = call.runtime;
  const bytes = layout(features, units);

  const transposedPanels = call.scratch(bytes.transposedPanels);
  exports.lstmPackTransposed(
    features,
    units,
    call.input(inputs.kernel),
    call.input(inputs.recurrentKernel),
    transposedPanels,
  );

  const dx = call.output([batch, time, features]);
  const dKernel = call.output([features, 4 * units]);
  const dRecurrentKernel = call.output([units, 4 * units]);
  const dBias = has.bias ? call.output([4 * units]) : null;
  const dInitialH = has.initialH ? call.output([batch, units]) : null;
  const dInitialC = has.initialC ? call.output([batch, units]) : null;
  const dLastH = call.input(inputs.dh);
  const dLastC = call.input(inputs.dc);
  const dSequence = call.input(inputs.dSequence);

  const backwardJobs = jobs.map(
    (job): BackwardJob => ({
      ...job,
      transposedPanels,
      dSequence,
      dLastH,
      dLastC,
      dxh: call.scratch(job.rows * bytes.dxh),
      dc: call.scratch(job.rows * bytes.state),
      dhKept: job.mask === 0 ? 0 : call.scratch(job.rows * bytes.state),
      dGates: call.scratch(bytes.gates * Math.max(job.rows, OUTER_ROWS)),
      outerCopy: call.scratch(32 * Math.max(job.rows, OUTER_ROWS)),
      dxSteps: call.scratch(4 * STEPS_TOGETHER * job.rows * features),
      dSequenceSteps: dSequence === 0 ? 0 : call.scratch(4 * STEPS_TOGETHER * job.rows * units),
      dPanels: call.scratch(bytes.panels),
      dBias: call.scratch(bytes.packedBias),
      dx: dx.address,
      dInitialH: dInitialH?.address ?? 0,
      dInitialC: dInitialC?.address ?? 0,
    }),
  );
  runJobs(call, 'lstmBackward', BACKWARD_FIELDS, backwardJobs);

  const [first, ...others] = backwardJobs as [BackwardJob, ...BackwardJob[]];
  for (const other of others) {
    exports.addFloats(first.dPanels, other.dPanels, bytes.panels / 4);
    exports.addFloats(first.dBias, other.dBias, bytes.packedBias / 4);
  }
  exports.lstmUnpackGradient(
    features,
    units,
    first.dPanels,
    first.dBias,
    dKernel.address,
    dRecurrentKernel.address,
    dBias?.address ?? 0,
  );
  activations.release();
  return [dx, dKernel, dRecurrentKernel, dBias, dInitialH, dInitialC].flatMap((output) =>
    output ? [output.tensor] : [],
  );
}

function gradient(
  dys: tf.Tensor[],
  saved: tf.Tensor[],
  { activations }: Attributes,
): Record<string, () => tf.Tensor> {
  const [kernel, recurrentKernel] = saved;
  const [dh, dc, dSequence] = dys;
  const { has, shape } = activations?.peek() ?? rejectSecondDerivative();
  const outputs = tf.engine().runKernel<tf.Tensor[]>(
    BACKWARD, // h is not read, nor need it exist any more: it stands on the tape behind every
    // input, and so leads a second derivative from any of them to its refusal.
    present({ kernel, recurrentKernel, h: activations?.output, dh, dc, dSequence }),
    {
      activations,
    } as unknown as tf.NamedAttrMap,
  );
  const names = ['x', 'kernel', 'recurrentKernel'];
  if (has.bias) names.push('bias');
  if (has.initialH) names.push('initialH');
  if (has.initialC) names.push('initialC');
  const gradients = names.map((name, i) => [name, () => outputs[i]!] as const);
  // Nothing flows into a mask, but TensorFlow.js asks for every input that it followed.
  return { ...Object.fromEntries(gradients), mask: () => tf.zeros(shape) };
}

/** Even ranges of rows, one a thread. */
function shards(batch: number, threads: number): { firstRow: number; rows: number }[] {
  const count = shardCount(batch, threads);
  return Array.from({ length: count }, (_, i) => {
    const firstRow = Math.floor((i * batch) / count);
    return { firstRow, rows: Math.floor(((i + 1) * batch) / count) - firstRow };
  });
}

function present(tensors: object): tf.NamedTensorMap {
  return Object.fromEntries(
    Object.entries(tensors).filter(([, tensor]) => tensor !== undefined),
  ) as tf.NamedTensorMap;
}
