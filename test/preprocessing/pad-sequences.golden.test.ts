import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { padSequences } from '../../src/preprocessing/pad-sequences.js';
import type { PadOptions } from '../../src/preprocessing/padded-sequences.js';
import {
  camelCase,
  Deviations,
  expectTensor,
  flat,
  type KerasArray,
  type KerasException,
  readGolden,
} from './golden.js';

interface PadCase extends Partial<KerasException> {
  name: string;
  sequences: number[][];
  kwargs: object;
  expected?: KerasArray;
}

const { cases } = readGolden<{ cases: PadCase[] }>('pad.json');

const deviations = new Deviations({
  float64_dtype: /dtype must be "int32" or "float32", received "float64"/,
  int64_dtype: /dtype must be "int32" or "float32", received "int64"/,
  uint8_dtype: /dtype must be "int32" or "float32", received "uint8"/,
  strings_object: /dtype must be "int32" or "float32", received "object"/,
  strings_object_post: /dtype must be "int32" or "float32", received "object"/,
  odd_padding_name_all_empty: /padding must be "pre" or "post", received "middle"/,
  odd_truncating_name_all_empty: /truncating must be "pre" or "post", received "middle"/,
  odd_numeric_string_elements: /sequences\[0\]\[0\] must be a number, received "1"/,
});

describe('padSequences agrees with Keras', () => {
  test.each(cases)('$name', ({ name, sequences, kwargs, expected }) => {
    const pad = () => padSequences(sequences, camelCase(kwargs) as PadOptions);
    const message = deviations.of(name);
    if (message) expect(pad).toThrow(message);
    else if (expected === undefined) expectThrow(name, pad);
    else {
      const tensor = pad();
      expect(tensor.dtype).toBe(expected.dtype);
      expectTensor(tensor, expected.shape, flat(expected.data));
    }
  });

  test('and COMPATIBILITY.md tells where it does not', () => {
    expect(cases).toHaveLength(220);
    deviations.expectDescribed('err_float_maxlen');
    deviations.expectAllDescribed();
  });
});

/** Where Keras raises we throw, with a message of ours. */
const THROWN: Readonly<Record<string, RegExp>> = {
  edge_pre_pre_maxlen_0: /maxlen must be a positive integer, received 0/,
  edge_post_pre_maxlen_0: /maxlen must be a positive integer, received 0/,
  empty_list_no_maxlen: /sequences must not be empty when maxlen is left out/,
  err_not_iterable_element: /sequences\[0\] must be a list of numbers or of vectors, received 1/,
  err_mixed_element: /sequences\[1\] must be a list of numbers or of vectors, received 2/,
  err_none_element: /sequences\[1\] must be a list of numbers or of vectors, received null/,
  err_padding_name: /padding must be "pre" or "post", received "middle"/,
  err_truncating_name: /truncating must be "pre" or "post", received "middle"/,
  err_both_names: /padding must be "pre" or "post", received "x"/,
  err_truncating_name_no_truncation_needed: /truncating must be "pre" or "post", received "mid"/,
  err_negative_maxlen: /maxlen must be a positive integer, received -1/,
  err_string_value: /value must be a number, received "x"/,
  err_string_elements: /sequences\[0\]\[0\] must be a number, received "a"/,
  err_overflow_int32_element: /sequences\[0\]\[0\] must fit into int32, received 2147483648/,
  err_overflow_int32_value: /value must fit into int32, received 2147483648/,
  err_uint8_negative: /dtype must be "int32" or "float32", received "uint8"/,
  err_vector_width_differs: /sequences\[1\]\[0\] must be a list of 2, as in the first step/,
  err_vector_and_scalar:
    /sequences\[1\]\[0\] must be a list of 2, as in the first step, received 3/,
  err_scalar_and_vector: /sequences\[1\]\[0\] must be a number, received \[1, 2\]/,
  err_ragged_inside:
    /sequences\[0\]\[1\] must be a list of 2, as in the first step, received \[3\]/,
  err_none_value_inside: /sequences\[0\]\[1\] must be a number, received null/,
  err_maxlen_zero_vectors_post: /maxlen must be a positive integer, received 0/,
  odd_string_sequences: /sequences\[0\] must be a list of numbers or of vectors, received "12"/,
};

function expectThrow(name: string, pad: () => unknown): void {
  // JavaScript has no 2.0 apart from 2, so this one cannot be told from a good maxlen.
  if (name === 'err_float_maxlen') expect(pad).not.toThrow();
  else {
    expect(THROWN).toHaveProperty(name);
    expect(pad).toThrow(THROWN[name] as RegExp);
  }
}
