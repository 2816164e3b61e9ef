/**
 * What an optimizer remembers between steps, down to the last bit.
 *
 * getWeights and setWeights of TensorFlow.js do not do: Adamax has none, and Adam's setWeights
 * computes the powers of its betas anew, which rounds differently from multiplying step by step.
 * All its optimizers keep their memory in one of two shapes, a variable as a property or a list of
 * `{ originalName, variable }`; those are read and written here.
 */
import { reject } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { scheduleOf } from '../layers/optimizers/scheduled-rate.js';

/** One variable of an optimizer: `accBeta1`, or the third of `accumulatedFirstMoment`. */
export interface OptimizerSlot {
  /** The property that holds the variable, or the list of variables. */
  property: string;
  /** The position in the list; absent for a variable that is the property itself. */
  index?: number;
  /** The name that TensorFlow.js saves an item of a list under: `dense/kernel/m`. */
  originalName?: string;
}

/** The part of an optimizer that is numbers rather than tensors. */
export interface OptimizerNumbers {
  /** Its class: `Adam`. */
  className: string;
  /** Steps taken. */
  iterations: number;
  /** The learning rate, which callbacks may have changed; null when it has none. */
  learningRate: number | null;
}

interface ListItem {
  originalName: string;
  variable: tf.Variable;
}

type Properties = Record<string, unknown>;

/** The variables of an optimizer, in a stable order. */
export function optimizerSlots(optimizer: tf.Optimizer): [OptimizerSlot, tf.Variable][] {
  const slots: [OptimizerSlot, tf.Variable][] = [];
  for (const [property, value] of Object.entries(optimizer)) {
    if (value instanceof tf.Variable) slots.push([{ property }, value]);
    for (const [index, item] of listItems(value).entries()) {
      slots.push([{ property, index, originalName: item.originalName }, item.variable]);
    }
  }
  return slots;
}

/** The numbers of an optimizer. */
export function optimizerNumbers(optimizer: tf.Optimizer): OptimizerNumbers {
  const { learningRate } = optimizer as unknown as Properties;
  return {
    className: optimizer.getClassName(),
    iterations: optimizer.iterations,
    learningRate: typeof learningRate === 'number' ? learningRate : null,
  };
}

/** Throws when an optimizer written by someone else keeps tensors where they cannot be found. */
export async function requireWholeState(where: string, optimizer: tf.Optimizer): Promise<void> {
  let weights: Awaited<ReturnType<tf.Optimizer['getWeights']>>;
  try {
    weights = await optimizer.getWeights();
  } catch {
    return; // not implemented, as in Adamax: nothing to compare with
  }
  const known = optimizerSlots(optimizer);
  const hidden = weights
    .slice(1) // the count of iterations comes first, in a tensor made for the occasion
    .filter(({ tensor }) => !known.some(([, variable]) => variable === tensor));
  weights[0]?.tensor.dispose();
  if (hidden.length === 0) return;
  reject({
    where,
    expected: 'the optimizer must keep its variables as properties or in lists of { variable }',
    received: hidden.map(({ name }) => name),
    remedy: `Give ${optimizer.getClassName()} the fields of TensorFlow.js's own optimizers.`,
    see: 'unsuitable-optimizer',
  });
}

/** Makes an optimizer what it was: `values[i]` belongs to `slots[i]`. Disposes no value. */
export function restoreOptimizer(
  optimizer: tf.Optimizer,
  numbers: OptimizerNumbers,
  slots: readonly OptimizerSlot[],
  values: readonly tf.Tensor[],
): void {
  const properties = optimizer as unknown as Properties;
  const lists = new Map<string, ListItem[]>();
  for (const [index, slot] of slots.entries()) {
    const value = values[index]!;
    if (slot.index === undefined) {
      (properties[slot.property] as tf.Variable).assign(value);
      continue;
    }
    const list = lists.get(slot.property) ?? [];
    lists.set(slot.property, list);
    list[slot.index] = {
      originalName: slot.originalName ?? '',
      variable: tf.tidy(() => tf.variable(value, false)),
    };
  }
  for (const [property, value] of Object.entries(properties)) {
    const old = listItems(value);
    // An empty list is that of an optimizer that has not taken a step.
    if (old.length === 0 && !lists.has(property)) continue;
    tf.dispose(old.map((item) => item.variable));
    properties[property] = lists.get(property) ?? [];
  }
  properties.iterations_ = numbers.iterations;
  // The rate of a schedule follows from the number of steps.
  if (!scheduleOf(optimizer)) restoreLearningRate(properties, numbers.learningRate);
}

function restoreLearningRate(properties: Properties, learningRate: number | null): void {
  if (learningRate === null || properties.learningRate === learningRate) return;
  // SGD and momentum keep the rate in a tensor besides.
  if (typeof properties.setLearningRate === 'function') properties.setLearningRate(learningRate);
  else properties.learningRate = learningRate;
}

/** Whether `slot` is a variable that `optimizer` has, or an item of a list that it has. */
export function hasSlot(optimizer: tf.Optimizer, slot: OptimizerSlot): boolean {
  const value = (optimizer as unknown as Properties)[slot.property];
  return slot.index === undefined ? value instanceof tf.Variable : Array.isArray(value);
}

function listItems(value: unknown): ListItem[] {
  if (!Array.isArray(value)) return [];
  return value.every((item) => item?.variable instanceof tf.Variable) ? value : [];
}
