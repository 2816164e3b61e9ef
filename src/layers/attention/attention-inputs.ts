/** What layers of attention are given, checked before anything is computed. */
import { reject } from '../../foundation/errors.js';
import { requireBoolean } from '../../foundation/option-checks.js';
import { tf, tfl } from '../../foundation/tensorflow.js';

/** What a call of a layer of attention can be told, as in Keras. */
export interface AttentionCallArguments {
  /** Whether query i sees no key behind the i-th, false by default. */
  useCausalMask?: boolean;
  /** Whether the weights, [batch, queries, keys], are returned behind the output, false by default. */
  returnAttentionScores?: boolean;
}

/** The names of those. */
export const CALL_ARGUMENTS: readonly string[] = ['returnAttentionScores', 'useCausalMask'];

const OF_KERAS: Readonly<Record<string, string>> = {
  return_attention_scores: 'returnAttentionScores',
  use_causal_mask: 'useCausalMask',
};

const INPUTS_REMEDY = 'Call the layer with [query, value] or [query, value, key].';

/** Throws for arguments of a call that the layer would leave out. */
export function requireCallArguments(where: string, inputs: unknown, kwargs: object): void {
  const given = kwargs as Record<string, unknown>;
  for (const [name, ours] of Object.entries(OF_KERAS)) {
    if (name in given) {
      reject({
        where,
        expected: `there is no argument ${name}`,
        remedy: `Write ${ours}.`,
        see: 'unknown-option',
      });
    }
  }
  for (const name of CALL_ARGUMENTS) {
    if (given[name] !== undefined) requireBoolean(where, name, given[name]);
  }
  const isSymbolic = [inputs].flat()[0] instanceof tfl.SymbolicTensor;
  const masks = ([given.mask ?? null].flat() as unknown[]).filter((mask) => mask !== null);
  if (isSymbolic && masks.length > 0) {
    reject({
      where,
      expected: 'a mask cannot be given in a call whose input is symbolic',
      remedy: 'Masks come from the inputs: from a Masking layer, or an Embedding with maskZero.',
      see: 'symbolic-call',
    });
  }
}

/** The shapes of query, value and key. */
export interface AttentionShapes {
  query: tfl.Shape;
  value: tfl.Shape;
  /** That of the value, where there is no third input. */
  key: tfl.Shape;
}

/**
 * The shapes of a layer's inputs.
 *
 * @throws RecurrentError where they are not [query, value] or [query, value, key], or do not fit.
 */
export function requireShapes(where: string, inputs: tfl.Shape | tfl.Shape[]): AttentionShapes {
  const shapes = (Array.isArray(inputs[0]) ? inputs : [inputs]) as tfl.Shape[];
  if (shapes.length < 2 || shapes.length > 3) {
    const expected = 'there must be two or three inputs';
    reject({ where, expected, received: shapes.length, remedy: INPUTS_REMEDY, see: 'wrong-shape' });
  }
  const [query, value, key = value] = shapes as [tfl.Shape, tfl.Shape, tfl.Shape?];
  for (const shape of shapes) {
    if (shape.length === 3) continue;
    const expected = 'query, value and key must have three dimensions, [batch, time, width]';
    reject({
      where,
      expected,
      received: shape,
      remedy: 'Put one step into a sequence of length 1.',
      see: 'wrong-shape',
    });
  }
  const differ = (a: number | null | undefined, b: number | null | undefined) =>
    a != null && b != null && a !== b;
  if (shapes.some(([batch]) => differ(batch, query[0]))) {
    reject({
      where,
      expected: 'query, value and key must be of one batch',
      received: shapes,
      see: 'wrong-shape',
    });
  }
  if (differ(query[2], key[2])) {
    reject({
      where,
      expected: `query and key must have the same width, which is ${query[2]} of the query`,
      received: key[2],
      remedy: 'Put a Dense layer in front of the one or the other.',
      see: 'wrong-shape',
    });
  }
  if (differ(value[1], key[1])) {
    reject({
      where,
      expected: `value and key must have the same number of steps, which is ${value[1]} of the value`,
      received: key[1],
      see: 'wrong-shape',
    });
  }
  return { query, value, key };
}

/** The masks of query and value, null where there is none. */
export interface AttentionMasks {
  query: tf.Tensor | null;
  value: tf.Tensor | null;
}

/**
 * The masks that a call is given; that of a key says nothing, as in Keras.
 *
 * @throws RecurrentError for masks that are no list, or of another shape than the steps.
 */
export function requireMasks(
  where: string,
  mask: unknown,
  { query, value }: AttentionShapes,
): AttentionMasks {
  if (mask == null) return { query: null, value: null };
  if (!Array.isArray(mask) || mask.length < 2 || mask.length > 3) {
    const expected = 'mask must be a list, [query mask, value mask], null where there is none';
    reject({ where, expected, received: mask, see: 'wrong-shape' });
  }
  return {
    query: requireMask(where, 'query', mask[0], query),
    value: requireMask(where, 'value', mask[1], value),
  };
}

function requireMask(
  where: string,
  of: string,
  mask: unknown,
  [batch, time]: tfl.Shape,
): tf.Tensor | null {
  if (mask == null) return null;
  const shape = mask instanceof tf.Tensor ? mask.shape : undefined;
  if (shape?.length !== 2 || shape[0] !== batch || shape[1] !== time) {
    const expected = `the mask of the ${of} must be a tensor of the shape [${batch}, ${time}]`;
    reject({ where, expected, received: shape ?? mask, see: 'wrong-shape' });
  }
  const tensor = mask as tf.Tensor;
  return tensor.dtype === 'bool' ? tensor : tf.cast(tensor, 'bool');
}
