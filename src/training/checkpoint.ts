/**
 * What a training run must remember so that a resumed run ends with the very weights of one that
 * was never interrupted. Where it is kept is for others to say: see `checkpoint` in the Node entry.
 */
import { reject } from '../foundation/errors.js';
import { requireKnownOptions } from '../foundation/option-checks.js';
import { requireOneCopy, tf, type tfl } from '../foundation/tensorflow.js';
import { headerDamage } from './header-damage.js';
import type { TrainingHistory } from './history.js';
import { everyLayer, holdersOf, randomStateOf, sameName, statefulStates } from './layer-state.js';
import {
  hasSlot,
  type OptimizerNumbers,
  type OptimizerSlot,
  optimizerNumbers,
  optimizerSlots,
  requireWholeState,
  restoreOptimizer,
} from './optimizer-state.js';
import {
  byteLength,
  fromBytes,
  headOf,
  sameHead,
  showHead,
  type TensorHead,
  toBytes,
} from './tensor-bytes.js';

/** A training run at the end of an epoch: a header for JSON, and the bytes of all tensors. */
export interface TrainingState {
  /** Says what the bytes are. Survives `JSON.parse(JSON.stringify(header))` unchanged. */
  header: TrainingStateHeader;
  /** The values of `header.tensors`, one after another, in the byte order of the machine. */
  data: Uint8Array;
}

/** The part of a {@link TrainingState} that is not tensors. */
export interface TrainingStateHeader {
  /** Tells these headers from other JSON. */
  format: 'tfjs-recurrent training state';
  /** Counts changes of the format. */
  version: 1;
  /** Epochs done: the `initialEpoch` to go on with. */
  epoch: number;
  /** What was logged; numbers that JSON lacks are written as text, `"NaN"`. */
  history: { epoch: number[]; history: Record<string, (number | string)[]> };
  /** The optimizer's class and numbers. */
  optimizer: OptimizerNumbers;
  /** Random states of layers, such as our dropout's, by the path of the layer. */
  random: { layer: string; state: number }[];
  /** The tensors in `data`: weights, then the optimizer's variables, then states of layers. */
  tensors: TensorEntry[];
}

/** One tensor in the bytes of a {@link TrainingState}: its name, shape and type, and its place. */
export interface TensorEntry extends TensorHead {
  /** A weight of the model, a variable of the optimizer, or a state of a stateful layer. */
  kind: 'weight' | 'optimizer' | 'layer';
  /** Where the optimizer keeps it. */
  slot?: OptimizerSlot;
}

/**
 * Captures a model in training: weights, everything its optimizer remembers, random states of its
 * layers, states of stateful layers, and what was logged.
 *
 * The order of samples is not in it. `model.fit` shuffles with Math.random, so pass
 * `shuffle: false` or train with `fitWithSeed`, whose order depends on seed and epoch alone.
 * Layers count as having a random state when they have a numeric property `randomState`.
 *
 * @param model A compiled model of tf.layers.
 * @param progress `epoch`: how many epochs are done. `history`: what they logged.
 * @throws RecurrentError when the model is not compiled, or the epoch is not a whole number.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { captureTrainingState, restoreTrainingState } from 'tfjs-recurrent';
 *
 * const build = () => {
 *   const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
 *   model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 *   return model;
 * };
 * const x = tf.tensor2d([[1], [2], [3]]);
 * const model = build();
 * await model.fit(x, x, { epochs: 2, shuffle: false });
 * const state = await captureTrainingState(model, { epoch: 2 });
 *
 * const resumed = build();
 * const { epoch } = restoreTrainingState(resumed, state);
 * await model.fit(x, x, { initialEpoch: epoch, epochs: 4, shuffle: false });
 * await resumed.fit(x, x, { initialEpoch: epoch, epochs: 4, shuffle: false });
 * const [a, b] = [model, resumed].map((each) => each.getWeights()[0]?.dataSync()[0]);
 * console.log(epoch, a === b);
 * // 2 true
 * ```
 */
export async function captureTrainingState(
  model: tfl.LayersModel,
  progress: { epoch: number; history?: TrainingHistory },
): Promise<TrainingState> {
  const where = 'captureTrainingState';
  const optimizer = requireCompiled(where, model);
  if (progress === undefined) {
    reject({
      where,
      expected: 'progress must say how many epochs are done',
      received: progress,
      remedy: 'Write captureTrainingState(model, { epoch: 2 }).',
    });
  }
  requireKnownOptions(where, progress, ['epoch', 'history']);
  if (!Number.isSafeInteger(progress.epoch) || progress.epoch < 0) {
    reject({
      where,
      expected: 'epoch must be the number of epochs done, 0 or more',
      received: progress.epoch,
    });
  }
  await requireWholeState(where, optimizer);
  const captured: { entry: TensorEntry; tensor: tf.Tensor }[] = [
    ...weightHeads(where, model).map((head, index) => ({
      entry: { kind: 'weight' as const, ...head },
      tensor: model.weights[index]!.read(),
    })),
    ...optimizerSlots(optimizer).map(([slot, tensor]) => ({
      entry: { kind: 'optimizer' as const, ...headOf(where, slot.property, tensor), slot },
      tensor,
    })),
    ...statefulStates(model).map(({ path, tensor }) => ({
      entry: { kind: 'layer' as const, ...headOf(where, path, tensor) },
      tensor,
    })),
  ];
  const { epoch = [], history = {} } = progress.history ?? {};
  return {
    header: {
      format: 'tfjs-recurrent training state',
      version: 1,
      epoch: progress.epoch,
      history: {
        epoch: [...epoch],
        history: mapLists(history, (value) => (Number.isFinite(value) ? value : String(value))),
      },
      optimizer: optimizerNumbers(optimizer),
      random: everyLayer(model).flatMap(({ path, layer }) => {
        const state = randomStateOf(layer);
        return state === undefined ? [] : [{ layer: path, state }];
      }),
      tensors: captured.map(({ entry }) => entry),
    },
    data: await toBytes(captured.map(({ tensor }) => tensor)),
  };
}

/**
 * Makes a model what {@link captureTrainingState} captured, bit for bit. The model must be built
 * and compiled as the captured one was; numbers within names, which TensorFlow.js counts up from
 * model to model, may differ.
 *
 * @param model A compiled model of tf.layers.
 * @param state What was captured, or the same read back from a file.
 * @returns The epochs done, which is the `initialEpoch` to go on with, and what was logged.
 * @throws RecurrentError when the state belongs to another model or is damaged; then the model is
 *   unchanged.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import * as tfl from '@tensorflow/tfjs-layers';
 * import { captureTrainingState, restoreTrainingState } from 'tfjs-recurrent';
 *
 * const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * const x = tf.tensor2d([[1], [2]]);
 * const history = { epoch: [0, 1, 2], history: { loss: [0.9, 0.5, 0.4] } };
 * const best = await captureTrainingState(model, { epoch: 3, history });
 *
 * await model.fit(x, x, { epochs: 2 }); // which turns out to have been for the worse
 * const restored = restoreTrainingState(model, best);
 * console.log(restored.epoch, restored.history.history.loss?.join(' '));
 * // 3 0.9 0.5 0.4
 * console.log(model.optimizer.iterations);
 * // 0
 * ```
 */
export function restoreTrainingState(
  model: tfl.LayersModel,
  state: TrainingState,
): { epoch: number; history: TrainingHistory } {
  const where = 'restoreTrainingState';
  const optimizer = requireCompiled(where, model);
  const { header, data } = state;
  const damage = isOfThisVersion(header) ? headerDamage(header) : undefined;
  if (damage !== undefined) {
    reject({
      where,
      expected: `the state is damaged: ${damage}`,
      remedy: 'Use another one.',
      see: 'damaged-file',
    });
  }
  const mismatch = findMismatch(model, header);
  if (mismatch !== undefined) {
    reject({
      where,
      expected: `the state must come from a model like this one, but ${mismatch}`,
      remedy: 'Build and compile the model as in the run that was captured.',
      see: 'checkpoint-of-another-run',
    });
  }
  const expected = header.tensors.reduce((bytes, each) => bytes + byteLength(each), 0);
  if (data.length !== expected) {
    reject({
      where,
      expected: `data must have the ${expected} bytes that its header names`,
      received: data.length,
      remedy: 'The state is truncated: use another one.',
      see: 'damaged-file',
    });
  }
  const layers = everyLayer(model);
  const states = new Map<string, tf.Tensor[]>();
  tf.tidy(() => {
    const tensors = fromBytes(header.tensors, data);
    const restored = header.tensors.map((entry, index) => ({ entry, tensor: tensors[index]! }));
    const of = (kind: TensorEntry['kind']) => restored.filter((each) => each.entry.kind === kind);
    for (const [index, { tensor }] of of('weight').entries()) {
      // Not LayerVariable.write, which would apply the constraint once more.
      (model.weights[index]!.read() as tf.Variable).assign(tensor);
    }
    const slots = of('optimizer');
    restoreOptimizer(
      optimizer,
      header.optimizer,
      slots.map((each) => each.entry.slot!),
      slots.map((each) => each.tensor),
    );
    for (const each of of('layer')) {
      const known = states.get(each.entry.name);
      if (known === undefined) states.set(each.entry.name, [each.tensor]);
      else known.push(each.tensor);
    }
    const holders = holdersOf([...states.keys()], layers);
    for (const [path, values] of states) holders.get(path)!.resetStates?.(values);
  });
  const random = layers.filter(({ layer }) => randomStateOf(layer) !== undefined);
  for (const [index, { layer }] of random.entries()) {
    layer.randomState = header.random[index]!.state;
  }
  return { epoch: header.epoch, history: historyOf(header) };
}

/** What was logged, with the numbers that JSON lacks. */
export function historyOf(header: TrainingStateHeader): TrainingHistory {
  const { epoch, history } = header.history;
  return { epoch: [...epoch], history: mapLists(history, Number) };
}

/** Whether a header says that it is one, of the version that is read here. */
export function isOfThisVersion(header: TrainingStateHeader | null): boolean {
  return header?.format === 'tfjs-recurrent training state' && header.version === 1;
}

/** In what a sound state differs from a model, as the end of a sentence; undefined when in nothing. */
export function findMismatch(
  model: tfl.LayersModel,
  header: TrainingStateHeader,
): string | undefined {
  if (!isOfThisVersion(header)) return 'it is not a training state of this version';
  const weights = header.tensors.filter((each) => each.kind === 'weight');
  const ours = weightHeads('restoreTrainingState', model);
  for (let index = 0; index < Math.max(weights.length, ours.length); index++) {
    const [its, own] = [weights[index], ours[index]];
    if (its !== undefined && own !== undefined && sameHead(its, own)) continue;
    return `it has ${showHead(its)} where the model has ${showHead(own)}`;
  }
  const optimizer = optimizerNumbers(model.optimizer).className;
  if (header.optimizer.className !== optimizer) {
    return `it was trained by ${header.optimizer.className} and the model is compiled with ${optimizer}`;
  }
  const slot = header.tensors.find((each) => each.slot && !hasSlot(model.optimizer, each.slot));
  if (slot !== undefined) return `the optimizer of the model has no ${slot.name}`;
  const layers = everyLayer(model);
  const random = layers.filter(({ layer }) => randomStateOf(layer) !== undefined);
  for (let index = 0; index < Math.max(random.length, header.random.length); index++) {
    const [its, own] = [header.random[index]?.layer, random[index]?.path];
    if (its !== undefined && own !== undefined && sameName(its, own)) continue;
    return `it has ${its ?? 'no layer'} where the model has ${own ?? 'no layer'} with a random state`;
  }
  const paths = header.tensors.filter(({ kind }) => kind === 'layer').map(({ name }) => name);
  const holders = holdersOf(paths, layers);
  const without = paths.find((path) => !holders.has(path));
  return without && `the model has no stateful layer ${without}`;
}

function requireCompiled(where: string, model: tfl.LayersModel): tf.Optimizer {
  requireOneCopy(where, model);
  if (model.optimizer != null) return model.optimizer;
  return reject({
    where,
    expected: 'the model must be compiled',
    remedy: "Call model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' }) first.",
    see: 'not-compiled',
  });
}

function weightHeads(where: string, model: tfl.LayersModel): TensorHead[] {
  return model.weights.map((weight) => headOf(where, weight.originalName, weight.read()));
}

function mapLists<From, To>(
  lists: Readonly<Record<string, readonly From[]>>,
  change: (value: From) => To,
): Record<string, To[]> {
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.map(change)]));
}
