import { reject } from '../foundation/errors.js';
import {
  isList,
  requireInteger,
  requireKnownOptions,
  requireOneOf,
} from '../foundation/option-checks.js';

/** One time step: a number, a vector of numbers, or anything nested deeper. */
export type Step = number | boolean | ArrayLike<Step>;

/** Where padding goes, or where a sequence that is too long is cut. */
export type Side = 'pre' | 'post';

/** How {@link padSequences} brings sequences to one length. */
export interface PadOptions {
  /** The length of every row. Default: the length of the longest sequence. */
  maxlen?: number | undefined;
  /** The type of the tensor; `'int32'` drops fractions. Default: `'int32'`. */
  dtype?: 'int32' | 'float32' | undefined;
  /** Whether short sequences are padded at their start or at their end. Default: `'pre'`. */
  padding?: Side | undefined;
  /** Whether long sequences lose their start or their end. Default: `'pre'`. */
  truncating?: Side | undefined;
  /** What to pad with. Default: 0. */
  value?: number | undefined;
}

// Of both functions, in messages.
const WHERE = 'padSequences';
const INT32_REMEDY = "Use dtype 'float32' for such numbers.";

/** Sequences of one length, one behind the other, and the shape of them all. */
export interface PaddedSequences {
  data: Int32Array | Float32Array;
  /** [sequences, maxlen, ...shape of a step] */
  shape: number[];
}

/**
 * Brings sequences to one length, as `keras.utils.pad_sequences` does, in an array without TensorFlow.js.
 *
 * @param sequences Lists of numbers, or of vectors (or deeper) of one shape.
 * @param options Length, type, and what happens at which end.
 * @returns The values in a typed array, and their shape `[sequences, maxlen, ...shape of a step]`.
 * @throws RecurrentError when a sequence is not a list, a step is not a number or has another shape
 *   than the first, a number does not fit `int32`, or the list is empty and `maxlen` is left out.
 *
 * @example
 * ```ts
 * import { padSequencesToArray } from 'tfjs-recurrent/predict';
 *
 * const { data, shape } = padSequencesToArray([[7], [1, 2, 3, 4]], { maxlen: 3 });
 * console.log(shape, [...data]);
 * // [ 2, 3 ] [ 0, 0, 7, 2, 3, 4 ]
 * ```
 */
export function padSequencesToArray(
  sequences: ArrayLike<ArrayLike<Step>>,
  options: PadOptions = {},
): PaddedSequences {
  requireKnownOptions(WHERE, options, ['maxlen', 'dtype', 'padding', 'truncating', 'value']);
  const { dtype = 'int32', padding = 'pre', truncating = 'pre', value = 0 } = options;
  requireOneOf(WHERE, 'dtype', dtype, ['int32', 'float32']);
  requireOneOf(WHERE, 'padding', padding, ['pre', 'post']);
  requireOneOf(WHERE, 'truncating', truncating, ['pre', 'post']);
  if (typeof value !== 'number' || Number.isNaN(value)) {
    reject({ where: WHERE, expected: 'value must be a number', received: value });
  }
  const filler = dtype === 'int32' ? toInt32(value, 'value') : value;

  const longest = requireSequences(sequences);
  const first = firstStep(sequences);
  const stepShape = first === undefined ? [] : shapeOf(first);
  const maxlen = options.maxlen ?? longest;
  if (maxlen === undefined) {
    reject({
      where: WHERE,
      expected: 'sequences must not be empty when maxlen is left out',
      received: sequences,
      remedy: 'Pass at least one sequence, or maxlen.',
      see: 'uneven-data',
    });
  }
  requireMaxlen(options.maxlen, truncating, stepShape);

  const stepSize = stepShape.reduce((product, length) => product * length, 1);
  const size = sequences.length * maxlen * stepSize;
  const cells = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
  if (filler !== 0) cells.fill(filler);
  for (let row = 0; row < sequences.length; row++) {
    const sequence = sequences[row] as ArrayLike<Step>;
    const kept = Math.min(sequence.length, maxlen);
    const from = truncating === 'pre' ? sequence.length - kept : 0;
    const to = row * maxlen + (padding === 'pre' ? maxlen - kept : 0);
    if (stepShape.length === 0) copyNumbers(sequence, row, from, kept, cells, to);
    else copyVectors(sequence, row, from, kept, cells, to * stepSize, stepShape);
  }
  return { data: cells, shape: [sequences.length, maxlen, ...stepShape] };
}

/** Checks that every sequence is a list, and returns the length of the longest. */
function requireSequences(sequences: unknown): number | undefined {
  if (!isList(sequences)) {
    reject({ where: WHERE, expected: 'sequences must be a list of lists', received: sequences });
  }
  let longest: number | undefined;
  for (let row = 0; row < sequences.length; row++) {
    const sequence = sequences[row];
    if (!isList(sequence)) {
      reject({
        where: WHERE,
        expected: `sequences[${row}] must be a list of numbers or of vectors`,
        received: sequence,
        remedy:
          typeof sequence === 'string'
            ? 'Turn texts into numbers first: tokenizer.textsToSequences(texts).'
            : 'Put a single sequence into a list: [sequence].',
        see: 'one-text-or-a-list',
      });
    }
    longest = Math.max(longest ?? 0, sequence.length);
  }
  return longest;
}

function requireMaxlen(
  maxlen: number | undefined,
  truncating: Side,
  stepShape: readonly number[],
): void {
  // NumPy slices nothing off with [-0:], so Keras takes 0 only when cutting the end of scalars.
  if (maxlen === undefined || (maxlen === 0 && truncating === 'post' && stepShape.length === 0)) {
    return;
  }
  const remedy = 'Leave it out to pad to the longest sequence.';
  requireInteger(WHERE, 'maxlen', maxlen, 1, remedy);
}

function firstStep(sequences: ArrayLike<ArrayLike<Step>>): Step | undefined {
  for (let row = 0; row < sequences.length; row++) {
    const sequence = sequences[row] as ArrayLike<Step>;
    if (sequence.length > 0) return sequence[0];
  }
  return undefined;
}

function shapeOf(step: Step): number[] {
  const shape: number[] = [];
  let inner: Step | undefined = step;
  while (isList(inner)) {
    shape.push(inner.length);
    inner = inner[0] as Step | undefined;
  }
  return shape;
}

type Cells = Int32Array | Float32Array;

function copyNumbers(
  sequence: ArrayLike<Step>,
  row: number,
  from: number,
  count: number,
  cells: Cells,
  to: number,
): void {
  const isInt32 = cells instanceof Int32Array;
  for (let k = 0; k < count; k++) {
    let step = sequence[from + k] as number;
    if ((step | 0) !== step) {
      const path = `sequences[${row}][${from + k}]`;
      step = toNumber(step, path);
      if (isInt32) step = toInt32(step, path);
    }
    cells[to + k] = step;
  }
}

function copyVectors(
  sequence: ArrayLike<Step>,
  row: number,
  from: number,
  count: number,
  cells: Cells,
  to: number,
  shape: readonly number[],
): void {
  let at = to;
  for (let k = from; k < from + count; k++) {
    copy(sequence[k] as Step, 0, `sequences[${row}][${k}]`);
  }

  function copy(step: Step, depth: number, path: string): void {
    if (depth === shape.length) {
      const number = toNumber(step, path);
      cells[at++] = cells instanceof Int32Array ? toInt32(number, path) : number;
      return;
    }
    if (!isList(step) || step.length !== shape[depth]) {
      reject({
        where: WHERE,
        expected: `${path} must be a list of ${shape[depth]}, as in the first step`,
        received: step,
        remedy: 'All steps of all sequences need the same shape.',
        see: 'uneven-data',
      });
    }
    for (let k = 0; k < step.length; k++) copy(step[k] as Step, depth + 1, `${path}[${k}]`);
  }
}

function toNumber(step: unknown, path: string): number {
  if (typeof step === 'number' && !Number.isNaN(step)) return step;
  if (typeof step === 'boolean') return Number(step);
  reject({
    where: WHERE,
    expected: `${path} must be a number`,
    received: step,
    remedy: isList(step) ? 'All steps of all sequences need the same shape.' : undefined,
  });
}

function toInt32(value: number, path: string): number {
  const whole = Math.trunc(value);
  if (whole >= -0x80000000 && whole <= 0x7fffffff) return whole;
  reject({
    where: WHERE,
    expected: `${path} must fit into int32`,
    received: value,
    remedy: INT32_REMEDY,
  });
}
