/** What a stream is pushed, in the shape that the model takes. */
import { reject } from '../../foundation/errors.js';
import { isList } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import type { StreamSteps } from './stream-steps.js';

/** Numbers nested in lists; a typed array is a list of numbers. */
export type NestedNumbers = number | ArrayLike<number> | readonly NestedNumbers[];

/** A chunk in the shape of an input, [batch, time, …]. */
export interface Chunk {
  values: Float32Array | Int32Array | tf.Tensor;
  shape: number[];
}

type Input = StreamSteps['inputs'][number];

/** A chunk for one input of a model, from a tensor or numbers that may leave the batch and the time out. */
export function chunkFor(input: Input, given: unknown, where: string): Chunk {
  const chunk = given instanceof tf.Tensor ? ofTensor(given, where) : ofNumbers(given, where);
  const rank = input.shape.length;
  const missing = rank - chunk.shape.length;
  const shape = missing === 1 || missing === 2 ? [...ONES[missing]!, ...chunk.shape] : chunk.shape;
  const [batch, time] = shape;
  const fits = shape.length === rank && shape.every((size, i) => i < 2 || fitsIn(size, input, i));
  if (!fits || batch === 0 || time === 0) rejectShape(input, chunk.shape, where);
  return { values: chunk.values, shape };
}

const ONES: readonly number[][] = [[], [1], [1, 1]];

const fitsIn = (size: number, { shape }: Input, i: number) =>
  (shape[i] == null && size > 0) || shape[i] === size;

function ofTensor(tensor: tf.Tensor, where: string): Chunk {
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64') {
    reject({ where, expected: 'a tensor must hold numbers', received: tensor.dtype });
  }
  return { values: tensor, shape: tensor.shape };
}

function ofNumbers(given: unknown, where: string): Chunk {
  if (given instanceof Float32Array || given instanceof Int32Array) {
    return { values: given, shape: [given.length] };
  }
  const shape: number[] = [];
  for (let part = given; isList(part); part = part[0]) shape.push(part.length);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  let at = 0;
  const write = (part: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof part !== 'number' || Number.isNaN(part)) {
        reject({
          where,
          expected: `${path} must be a number`,
          received: part,
          remedy: 'Give a tensor, or numbers in lists.',
        });
      }
      values[at++] = part;
      return;
    }
    if (!isList(part) || part.length !== shape[depth]) {
      reject({
        where,
        expected: `${path} must be a list of ${shape[depth]}, as the first one is`,
        received: part,
        see: 'wrong-shape',
      });
    }
    for (let i = 0; i < part.length; i++) write(part[i], depth + 1, `${path}[${i}]`);
  };
  write(given, 0, 'input');
  return { values, shape };
}

function rejectShape({ shape }: Input, received: readonly number[], where: string): never {
  const features = shape.slice(2).map((size) => size ?? 'any');
  const of = (...leading: string[]) => `[${[...leading, ...features].join(', ')}]`;
  reject({
    where,
    expected: `a step must have the shape ${of()}, a chunk ${of('time')}, and chunks of several streams ${of('batch', 'time')}, none of them empty`,
    received,
    see: 'wrong-shape',
  });
}
