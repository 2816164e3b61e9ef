/** Cells that Keras does not have, beside the formulas of their papers with the gradients of PyTorch. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tf, type tfl } from '../../../src/foundation/tensorflow.js';
import { layers, ready } from '../../../src/index.js';
import { AGAIN } from '../../again.js';
import { BACKENDS, expectClose, inTidy, useBackend } from '../../kernels/kernels.js';

interface Numbers {
  shape: number[];
  values: number[];
}

interface CellCase {
  layer: 'minGRU' | 'peepholeLSTM';
  gate: 'sigmoid' | 'hardSigmoid';
  useBias: boolean;
  goBackwards: boolean;
  units: number;
  mask: number[][] | null;
  x: Numbers;
  weights: Record<string, Numbers>;
  initialStates: Numbers[];
  /** The sequence, then the last states. */
  outputs: Numbers[];
  /** What the outputs are multiplied with before they are summed up. */
  factors: Numbers[];
  gradients: Record<string, Numbers>;
}

const file = new URL('../../golden/cells/cells.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: CellCase[] };
const tensor = ({ shape, values }: Numbers) => tf.tensor(values, shape);
const title = ({ layer, gate, x, units, mask, ...golden }: CellCase) =>
  `${layer}, ${gate}, ${x.shape.join('×')} → ${units}, bias ${golden.useBias}, backwards ${golden.goBackwards}, ` +
  `mask ${mask !== null}, states ${golden.initialStates.length}`;

const PATHS = BACKENDS.flatMap((backend) =>
  (AGAIN ? (['fused'] as const) : (['fused', 'composed'] as const)).map((kernel) => ({
    backend,
    kernel,
  })),
);

describe.each(PATHS)('on $backend, $kernel', ({ backend, kernel }) => {
  beforeAll(async () => {
    await useBackend(backend);
    await ready();
  });

  it.each(cases.map((golden) => [title(golden), golden] as const))('%s', (_, golden) => {
    const { units, useBias, goBackwards, gate } = golden;
    const args = { units, useBias, goBackwards, kernel, returnSequences: true, returnState: true };
    const layer =
      golden.layer === 'minGRU'
        ? layers.minGRU(args)
        : layers.peepholeLSTM({ ...args, recurrentActivation: gate });
    inTidy(() => {
      const x = tensor(golden.x);
      const states = golden.initialStates.map(tensor);
      const mask = golden.mask && tf.tensor2d(golden.mask, undefined, 'bool');
      layer.apply(x);
      const names = Object.keys(golden.weights);
      expect(layer.weights.map(({ originalName }) => originalName.split('/').at(-1))).toEqual(
        names,
      );
      layer.setWeights(Object.values(golden.weights).map(tensor));
      const call = (input: tf.Tensor, given: tf.Tensor[]) =>
        (layer as unknown as { call(x: tf.Tensor, kwargs: object): tf.Tensor[] }).call(input, {
          ...(mask && { mask }),
          ...(given.length > 0 && { initialState: given }),
        });
      call(x, states).forEach((output, i) => {
        expectClose(`output ${i}`, output.dataSync(), golden.outputs[i]!.values, 1e-6);
      });
      const loss = () =>
        tf.addN(
          call(x, states).map((output, i) => tf.sum(tf.mul(output, tensor(golden.factors[i]!)))),
        ) as tf.Scalar;
      const { grads } = tf.variableGrads(loss, variablesOf(layer));
      const received = Object.values(grads);
      names.forEach((name, i) => {
        expectClose(name, received[i]!.dataSync(), golden.gradients[name]!.values, 3e-6);
      });
      const ofInputs = tf.grads((input, ...given) => {
        const outputs = call(input!, given);
        return tf.addN(
          outputs.map((output, i) => tf.sum(tf.mul(output, tensor(golden.factors[i]!)))),
        );
      })([x, ...states]);
      ofInputs.forEach((gradient, i) => {
        const name = i === 0 ? 'x' : `initialState${i - 1}`;
        expectClose(name, gradient.dataSync(), golden.gradients[name]!.values, 3e-6);
      });
    });
    layer.dispose();
  });
});

const variablesOf = (layer: tfl.layers.Layer) =>
  layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
