/** Whether the header of a training state that comes from a file is one, before anything trusts it. */
import { show } from '../foundation/errors.js';
import type { TensorEntry, TrainingStateHeader } from './checkpoint.js';

type Fields = Record<string, unknown>;

/** What is wrong with a header of the right format, as `its epoch is -1`; undefined when nothing is. */
export function headerDamage(header: TrainingStateHeader): string | undefined {
  const { epoch, history, optimizer, random, tensors }: Fields = { ...header };
  if (!isCount(epoch)) return `its epoch is ${show(epoch)}`;
  if (!isHistory(history)) return `its history is ${show(history)}`;
  if (!isOptimizer(optimizer)) return `its optimizer is ${show(optimizer)}`;
  if (!isListOf(random, isRandomState)) return `its random states are ${show(random)}`;
  if (!isListOf(tensors, isEntry)) return `its tensors are ${show(tensors)}`;
  return hasGaps(tensors as TensorEntry[]) ? 'variables of its optimizer are missing' : undefined;
}

function isHistory(value: unknown): boolean {
  const { epoch, history } = fieldsOf(value);
  if (!isListOf(epoch, isCount) || !isObject(history)) return false;
  return Object.values(history).every((list) => isListOf(list, isLogged));
}

/** NaN and the infinities are written as text. */
function isLogged(value: unknown): boolean {
  return isNumber(value) || ['NaN', 'Infinity', '-Infinity'].includes(value as string);
}

function isOptimizer(value: unknown): boolean {
  const { className, iterations, learningRate } = fieldsOf(value);
  if (typeof className !== 'string' || !isCount(iterations)) return false;
  return learningRate === null || isNumber(learningRate);
}

function isRandomState(value: unknown): boolean {
  const { layer, state } = fieldsOf(value);
  return typeof layer === 'string' && isNumber(state);
}

function isEntry(value: unknown): boolean {
  const { kind, name, shape, dtype, slot } = fieldsOf(value);
  if (typeof name !== 'string' || !isListOf(shape, isCount)) return false;
  if (!['float32', 'int32', 'bool'].includes(dtype as string)) return false;
  return kind === 'optimizer' ? isSlot(slot) : kind === 'weight' || kind === 'layer';
}

function isSlot(value: unknown): boolean {
  const { property, index, originalName } = fieldsOf(value);
  if (typeof property !== 'string') return false;
  if (index === undefined) return true;
  return isCount(index) && (originalName === undefined || typeof originalName === 'string');
}

/** Whether a list of the optimizer would have holes. */
function hasGaps(tensors: readonly TensorEntry[]): boolean {
  const lengths = new Map<string, number>();
  for (const { slot } of tensors) {
    if (slot?.index === undefined) continue;
    const length = lengths.get(slot.property) ?? 0;
    if (slot.index !== length) return true;
    lengths.set(slot.property, length + 1);
  }
  return false;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value);
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}
