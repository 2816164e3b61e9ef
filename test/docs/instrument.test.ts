import { expect, test } from 'vitest';
import { instrument } from './instrument.js';

const outputs = (code: string) => Object.values(instrument(code, './reporter.mjs').expected);

test('the lines below a log are its output, up to the first that is no comment', () => {
  expect(outputs("console.log('a\\nb');\n// a\n// b\n\n// A remark.\nf();")).toEqual(['a\nb']);
});

test('so is a comment on the same line', () => {
  expect(outputs('console.log(1 + 2); // 3')).toEqual(['3']);
});

test('a log inside a loop or a callback is shown below the whole', () => {
  expect(outputs('for (const x of [1, 2]) {\n  console.log(x);\n}\n// 1\n// 2')).toEqual(['1\n2']);
  expect(outputs('await fit({\n  end: (e) => console.log(e),\n});\n// 0')).toEqual(['0']);
});

test('tensors and models print too', () => {
  expect(outputs('tensor.print();\n// Tensor\n//     [1, 2]')).toEqual(['Tensor\n    [1, 2]']);
});

test('a log that nothing explains is named', () => {
  expect(instrument('console.log(secret);\nf();', 'r').unexplained).toEqual([
    'console.log(secret)',
  ]);
});
