/** What a predictor is given, as typed arrays. */
import { reject } from '../foundation/errors.js';
import { isList } from '../foundation/option-checks.js';
import { sizeOf } from '../kernels/bridge/call.js';
import type { GraphInput } from './graph.js';

/** Numbers in lists, nested as deep as the input has dimensions, the batch first. */
export type Nested = number | boolean | ArrayLike<Nested>;

/** Values one behind the other, and their shape, the batch first. */
export interface NumberArray {
  data: Float32Array | Int32Array;
  shape: readonly number[];
}

const WHERE = 'Predictor.predict';

/**
 * The values of an input.
 *
 * @throws RecurrentError for what is no numbers, or of another shape than the model takes.
 */
export function readInput(input: GraphInput, given: Nested | NumberArray): NumberArray {
  const array = isArray(given) ? given : flattened(input, given);
  requireShape(input, array);
  return input.dtype === 'int32' ? asIntegers(array) : array;
}

function isArray(given: unknown): given is NumberArray {
  const { data, shape } = Object(given) as Partial<NumberArray>;
  return (data instanceof Float32Array || data instanceof Int32Array) && Array.isArray(shape);
}

function flattened({ name }: GraphInput, given: Nested): NumberArray {
  const shape: number[] = [];
  for (let inner: Nested | undefined = given; isList(inner); inner = inner[0] as Nested) {
    shape.push(inner.length);
  }
  const numbers = new Float64Array(sizeOf(shape));
  let at = 0;
  const copy = (value: Nested, depth: number): void => {
    if (depth === shape.length && (typeof value === 'number' || typeof value === 'boolean')) {
      numbers[at++] = Number(value);
      return;
    }
    if (depth === shape.length || !isList(value) || value.length !== shape[depth]) {
      reject({
        where: WHERE,
        expected: `${name} must be numbers in lists of one length each`,
        received: value,
        remedy: 'Bring sequences to one length with padSequencesToArray.',
        see: 'uneven-data',
      });
    }
    for (let i = 0; i < value.length; i++) copy(value[i]!, depth + 1);
  };
  copy(given, 0);
  // Numbers of words stay whole: floats of 32 bits end at 2 ** 24.
  const areWhole = numbers.every((number) => (number | 0) === number && !Object.is(number, -0));
  return { data: areWhole ? Int32Array.from(numbers) : Float32Array.from(numbers), shape };
}

function requireShape({ name, shape }: GraphInput, { data, shape: given }: NumberArray): void {
  const fits =
    given.length === shape.length &&
    given.every((size, axis) => axis === 0 || shape[axis] === null || shape[axis] === size) &&
    sizeOf(given) === data.length &&
    given.slice(1).every((size) => size > 0);
  if (fits) return;
  const sizes = shape.map((size) => size ?? 'any');
  reject({
    where: WHERE,
    expected: `${name} must have the shape [${sizes.join(', ')}]`,
    received: given,
    remedy: 'The first size is the number of samples: put a single one into a list.',
    see: 'wrong-shape',
  });
}

const LIMIT = 2 ** 31;

/** Cut off behind the point, as a model of the main entry casts them. */
function asIntegers({ data, shape }: NumberArray): NumberArray {
  if (data instanceof Int32Array) return { data, shape };
  for (const number of data) {
    if (number > -LIMIT - 1 && number < LIMIT) continue;
    reject({
      where: WHERE,
      expected: 'an input of type int32 must hold whole numbers of 32 bits',
      received: number,
      see: 'not-a-number',
    });
  }
  return { data: Int32Array.from(data), shape };
}
