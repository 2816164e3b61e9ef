/** The layers that a stream runs in the kernels' memory itself, without a tensor in between. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import { elementwiseJob } from '../../kernels/activations/elementwise-jobs.js';
import { softmaxJob } from '../../kernels/activations/softmax-jobs.js';
import type { Workplace } from '../../kernels/bridge/call.js';
import { denseJob } from '../../kernels/dense/dense-forward.js';
import { fewStepsJob } from '../../kernels/recurrent/few-steps.js';
import { isUntouched } from '../../layers/beside/kernels-of.js';
import { handsMaskOn } from '../../layers/model/masks.js';
import { followsMasks } from '../../layers/masks/settings.js';
import type { FusedLayer } from '../../layers/recurrent/recurrent-layer.js';
import type { StockDense, StockEmbedding, StockRecurrent } from '../../layers/stock.js';
import type { StreamStep } from './stream-steps.js';

type Layer = tfl.layers.Layer;

/** Numbers in the kernels' memory, [batch, time, width] or [batch, width]; `mask` is u8 [batch, time] or 0. */
export interface LeanValue {
  address: number;
  width: number;
  hasSteps: boolean;
  mask: number;
}

/** What the steps of a plan are made with. */
export interface LeanPlace extends Workplace {
  batch: number;
  time: number;
  /** The address of a weight, for as long as steps are made. */
  read(weight: { read(): tf.Tensor } | null | undefined): number;
  /** Where the states of a layer are. */
  states: readonly number[];
}

/** What a step gives, and what runs it; nothing for one that passes on what it gets. */
export interface LeanStep {
  value: LeanValue;
  run?: () => void;
}

/** A step in the kernels' memory; null where its layer has none. */
export function leanStep(place: LeanPlace, step: StreamStep, x: LeanValue): LeanStep | null {
  const { layer } = step.call;
  if (step.inputs.length !== 1 || step.outputs.length !== 1 || !isUntouched(layer)) return null;
  if (!step.call.isMasked || step.call.training) return null;
  if (step.carries === 'states') return recurrent(place, layer, x);
  if (step.carries === 'steps' || (followsMasks(layer) && layer.maskRule !== null)) return null;
  const value = { ...x, mask: handsMaskOn(layer) ? x.mask : 0 };
  const name = layer.getClassName();
  if (IDLE.has(name)) return { value };
  if (name === 'Dense') return dense(place, layer, value);
  const { layer: inner } = layer as unknown as { layer?: Layer };
  const isDistributed = name === 'TimeDistributed' && inner!.getClassName() === 'Dense';
  return isDistributed && x.hasSteps && isUntouched(inner!) ? dense(place, inner!, value) : null;
}

/** What does nothing but while training. */
const IDLE = new Set([
  'AlphaDropout',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'SpatialDropout1D',
]);

function recurrent(place: LeanPlace, layer: Layer, x: LeanValue): LeanStep | null {
  const ours = layer as Layer & FusedLayer & StockRecurrent;
  if (!('predictsFused' in layer) || !ours.predictsFused()) return null;
  if (ours.zeroOutputForMask === true || ours.returnState) return null;
  const { cell, settings } = ours.fusedCall(false);
  const { kernel, recurrentKernel, bias, vectors, units } = ours.cell;
  const { batch, time } = place;
  const [h, c = 0] = place.states as [number, number?];
  const sequence = ours.returnSequences ? place.scratch(4 * batch * time * units) : 0;
  const job = fewStepsJob(
    place,
    cell,
    { batch, time, inputs: x.width, units },
    {
      kernel: place.read(kernel),
      recurrentKernel: place.read(recurrentKernel),
      bias: place.read(bias),
      vectors: place.read(vectors),
      setting: settings.setting,
    },
    { x: x.address, mask: x.mask, h, c, sequence },
  );
  const value = sequence
    ? { address: sequence, width: units, hasSteps: true, mask: x.mask }
    : { address: h, width: units, hasSteps: false, mask: 0 };
  const { runtime } = place;
  return { value, run: () => runtime.exports.recurrentForward(job) };
}

function dense(place: LeanPlace, layer: Layer, x: LeanValue): LeanStep | null {
  const { kernel, bias, activation, path } = layer as unknown as StockDense & { path?: string };
  const name = activation?.getClassName() ?? 'linear';
  const isElementwise = name === 'sigmoid' || name === 'tanh';
  if (path === 'composed' || (isElementwise && tf.getBackend() !== 'cpu')) return null;
  if (!isElementwise && !['linear', 'relu', 'softmax'].includes(name)) return null;
  const [inputs, units] = kernel.read().shape as [number, number];
  const { batch, time, runtime } = place;
  const rows = x.hasSteps ? batch * time : batch;
  const y = place.scratch(4 * rows * units);
  const job = denseJob(place, {
    rows,
    inputs,
    units,
    relu: Number(name === 'relu'),
    x: x.address,
    kernel: copied(place, kernel),
    bias: bias ? copied(place, bias) : 0,
    y,
  });
  const multiply = () => runtime.exports.denseForward(job);
  const value = { ...x, address: y, width: units };
  if (isElementwise) {
    const activation = elementwiseJob(place, name, rows * units, y);
    const run = () => {
      multiply();
      runtime.exports.elementwiseForward(activation);
    };
    return { value, run };
  }
  if (name !== 'softmax') return { value, run: multiply };
  const softmax = softmaxJob(place, rows, units, y);
  const run = () => {
    multiply();
    runtime.exports.softmaxForward(softmax);
  };
  return { value, run };
}

/** The rows of an embedding, and which of them are words. */
export function leanEmbedding(
  place: LeanPlace,
  { call }: StreamStep,
  indices: () => ArrayLike<number>,
): LeanStep | null {
  const { layer, isMasked } = call;
  if (!isUntouched(layer) || !isMasked) return null;
  const { embeddings, maskZero, kernel } = layer as unknown as StockEmbedding & { kernel?: string };
  if (kernel === 'composed') return null;
  const [, width] = embeddings.read().shape as [number, number];
  const count = place.batch * place.time;
  const address = place.scratch(4 * count * width);
  const table = copied(place, embeddings);
  const mask = maskZero ? place.scratch(count) : 0;
  const { memory } = place.runtime;
  const run = () => {
    const { words } = memory;
    const rows = indices();
    for (let i = 0; i < count; i++) {
      const from = table / 4 + Math.trunc(rows[i]!) * width;
      words.copyWithin(address / 4 + i * width, from, from + width);
    }
    if (mask === 0) return;
    const counts = memory.bytes(mask, count);
    for (let i = 0; i < count; i++) counts[i] = Number(Math.trunc(rows[i]!) !== 0);
  };
  return { value: { address, width, hasSteps: true, mask }, run };
}

/** A weight in memory that is kept as long as the plan. */
function copied(place: LeanPlace, weight: { read(): tf.Tensor }): number {
  const bytes = 4 * weight.read().size;
  const address = place.scratch(bytes);
  const from = place.read(weight);
  const { memory } = place.runtime;
  place.runtime.finish(); // A step of training may still be writing it.
  memory.bytes(address, bytes).set(memory.bytes(from, bytes));
  return address;
}
