import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, tfl } from '../../../src/foundation/tensorflow.js';
import { layers, loadKerasModel, saveKerasModel } from '../../../src/index.js';
import { useBackend } from '../../layers/golden.js';
import { printedBy, pythonWithKeras } from '../python.js';
import { bytesOf, textOf } from '../reading/read-files.js';

const FILES = ['translation', 'additive', 'causal'] as const;
const python = pythonWithKeras('no attention was opened in Keras');

beforeAll(() => useBackend('cpu', false));

/** An encoder in both directions, and a decoder whose states begin with what attention found. */
function translator(): tfl.LayersModel {
  const [source, target] = [tfl.input({ shape: [6] }), tfl.input({ shape: [4] })];
  const embed = (x: tfl.SymbolicTensor) =>
    layers.embedding({ inputDim: 9, outputDim: 5, maskZero: true }).apply(x);
  const inner = layers.gru({ units: 4, returnSequences: true, zeroOutputForMask: true });
  const both = layers.bidirectional({ layer: inner as tfl.RNN, mergeMode: 'concat' });
  const read = both.apply(embed(source) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
  const written = layers
    .lstm({ units: 8, returnSequences: true })
    .apply(embed(target) as tfl.SymbolicTensor) as tfl.SymbolicTensor;
  const [found, scores] = layers
    .additiveAttention({ dropout: 0.2 })
    .apply([written, read], { returnAttentionScores: true }) as tfl.SymbolicTensor[];
  const again = layers.attention({}).apply([found!, found!], { useCausalMask: true });
  const last = layers.lstm({ units: 3 }).apply(again) as tfl.SymbolicTensor;
  return tfl.model({ inputs: [source, target], outputs: [last, scores!] });
}

const INPUTS = [
  [[1, 2, 3, 4, 0, 0], [0, 0, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6]],
  [[1, 2, 0, 0], [3, 4, 5, 6], [0, 1, 2, 3]],
]; // biome-ignore format: rows

const arraysOf = (outputs: tf.Tensor | tf.Tensor[]) =>
  [outputs].flat().map((output) => output.arraySync());

describe('what saveKerasModel writes of attention', () => {
  it('is the same when it is read again', async () => {
    const model = translator();
    const x = INPUTS.map((rows) => tf.tensor2d(rows));
    const expected = arraysOf(model.predict(x) as tf.Tensor[]);
    for (const format of ['keras', 'h5'] as const) {
      const again = await loadKerasModel(await saveKerasModel(model, { format }));
      expect(arraysOf(again.predict(x) as tf.Tensor[]), format).toEqual(expected);
    }
  });

  it.runIf(python !== undefined)(
    'predicts the same in real Keras',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'write-attention-'));
      try {
        for (const name of [...FILES, 'translator']) {
          const isOurs = name === 'translator';
          const model = isOurs
            ? translator()
            : await loadKerasModel(bytesOf(`../attention/${name}.keras`));
          const inputs = isOurs
            ? INPUTS
            : JSON.parse(textOf(`../attention/${name}.io.json`)).inputs;
          const x = inputs.map((rows: number[][]) => tf.tensor(rows));
          const outputs = arraysOf(model.predict(x.length > 1 ? x : x[0]) as tf.Tensor);
          writeFileSync(join(folder, `${name}.io.json`), JSON.stringify({ inputs, outputs }));
          for (const format of ['keras', 'h5'] as const) {
            const bytes = await saveKerasModel(model, { format });
            writeFileSync(join(folder, `${name}.${format}`), bytes);
          }
        }
        const script = new URL('check_with_keras.py', import.meta.url);
        const printed = await printedBy(python!, script, folder, 'call');
        const lines = printed.slice(1).map((line) => JSON.parse(line));
        expect(lines).toHaveLength(8);
        for (const line of lines) {
          expect(line.error, `${line.name}.${line.format}`).toBeUndefined();
          expect(line.difference, `${line.name}.${line.format}`).toBeLessThanOrEqual(1e-6);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    600_000,
  );
});
