/**
 * Hands callbacks one run, whatever number of model.fit calls it is made of.
 *
 * TensorFlow.js keeps `standardizeCallbacks`, its way from what users pass to
 * callback objects, to itself; this is ours, and unlike it takes lists that mix
 * both kinds.
 */
import { reject } from '../foundation/errors.js';
import { requireKnownOptions, requireOneOf } from '../foundation/option-checks.js';
import { tfl } from '../foundation/tensorflow.js';
import { nextTurn } from '../foundation/turn.js';

/** The class that all callbacks of TensorFlow.js extend, which tfjs-layers does not export. */
export type BaseCallback = tfl.CallbackList['callbacks'][number];

/**
 * An object of the TensorFlow.js class Callback, such as `tf.callbacks.earlyStopping()`.
 * Named by the two methods that objects of functions lack, so that TypeScript
 * knows the parameters of those functions.
 */
export type CallbackObject = Pick<BaseCallback, 'setParams' | 'setModel'>;

/** What can be passed as `callbacks`: objects, plain functions by name, or a list that mixes them. */
export type Callbacks =
  | CallbackObject
  | tfl.CustomCallbackArgs
  | readonly (CallbackObject | tfl.CustomCallbackArgs)[];

/** When training pauses for everything else: see the TensorFlow.js option of that name. */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

/** The events that belong to a whole run, not to one of its model.fit calls. */
export interface Run {
  epochs: number;
  initialEpoch: number;
}

/** Turns what users pass into callback objects, one of which yields at the given times. */
export function toCallbackList(
  where: string,
  callbacks: Callbacks | undefined,
  yieldEvery: YieldEvery,
): tfl.CallbackList {
  if (!(typeof yieldEvery === 'number' && yieldEvery >= 0)) {
    const remedy = 'A number stands for milliseconds.';
    requireOneOf(where, 'yieldEvery', yieldEvery, ['auto', 'batch', 'epoch', 'never'], remedy);
  }
  const given: readonly unknown[] = Array.isArray(callbacks) ? callbacks : [callbacks ?? []].flat();
  const objects = given.map((callback) => {
    if (isCallbackObject(callback)) return callback;
    requireFunctions(where, callback);
    return new tfl.CustomCallback({ nextFrameFunc: nextTurn, ...callback }, yieldEvery);
  });
  // Only CustomCallback yields: among callback objects alone, TensorFlow.js
  // would never let a signal handler or a timer run before the end.
  if (!objects.some((callback) => callback instanceof tfl.CustomCallback)) {
    objects.push(new tfl.CustomCallback({ nextFrameFunc: nextTurn }, yieldEvery));
  }
  return new tfl.CallbackList(objects);
}

const EVENTS = [
  ...['onEpochEnd', 'onEpochBegin', 'onBatchEnd', 'onBatchBegin', 'onTrainBegin', 'onTrainEnd'],
  ...['onYield', 'nextFrameFunc', 'nowFunc'],
];

// The events of Keras that TensorFlow.js names otherwise, or does not have.
const REMEDIES = {
  on_train_batch_begin: 'Write onBatchBegin.',
  on_train_batch_end: 'Write onBatchEnd.',
};

/** Throws unless an object of functions has functions alone, of which there are such. */
function requireFunctions(
  where: string,
  callback: unknown,
): asserts callback is tfl.CustomCallbackArgs {
  const remedy = 'For example { onEpochEnd: (epoch, logs) => console.log(epoch, logs) }.';
  const given: Record<string, unknown> = Object(callback);
  // What a class defines is not its objects' own, and would not be called.
  const inherited = EVENTS.some((name) => name in given && !Object.hasOwn(given, name));
  if (given !== callback || typeof callback === 'function' || inherited) {
    reject({
      where,
      expected: inherited
        ? 'callbacks with methods must extend the class Callback of TensorFlow.js'
        : 'callbacks must be callback objects or objects of functions',
      received: callback,
      remedy,
      see: 'wrong-callback',
    });
  }
  requireKnownOptions(where, given, EVENTS, REMEDIES, 'callback');
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || typeof value === 'function') continue;
    reject({
      where,
      expected: `${name} must be a function`,
      received: value,
      remedy,
      see: 'wrong-callback',
    });
  }
}

function isCallbackObject(value: unknown): value is BaseCallback {
  const base = Object.getPrototypeOf(tfl.CustomCallback) as typeof tfl.CustomCallback;
  return value instanceof base;
}

/**
 * Passed to every model.fit call of a run; passes the events on, except that a
 * run begins with its first call and ends when {@link finish} says so.
 */
export class RunRelay extends tfl.Callback {
  private begun = false;

  constructor(
    private readonly list: tfl.CallbackList,
    private readonly run: Run,
  ) {
    super();
  }

  override setParams(params: BaseCallback['params']): void {
    if (!this.begun) this.list.setParams({ ...params, ...this.run });
  }

  override setModel(model: Parameters<BaseCallback['setModel']>[0]): void {
    if (!this.begun) this.list.setModel(model);
  }

  override async onTrainBegin(logs?: Logs): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    await this.list.onTrainBegin(logs);
  }

  override async onEpochBegin(epoch: number, logs?: Logs): Promise<void> {
    await this.list.onEpochBegin(epoch, logs);
  }

  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    await this.list.onEpochEnd(epoch, logs);
  }

  override async onBatchBegin(batch: number, logs?: Logs): Promise<void> {
    await this.list.onBatchBegin(batch, logs);
  }

  override async onBatchEnd(batch: number, logs?: Logs): Promise<void> {
    await this.list.onBatchEnd(batch, logs);
  }

  /** Tells the callbacks that the run is over. */
  async finish(): Promise<void> {
    await this.list.onTrainEnd();
  }
}

type Logs = Parameters<BaseCallback['onEpochEnd']>[1];
