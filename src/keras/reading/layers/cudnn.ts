/**
 * CuDNNLSTM and CuDNNGRU of Keras 2 as LSTM and GRU, by the conversion that Keras 2.2 has of their
 * weights: each gate of the kernel is laid out column by column, each of the recurrent kernel turned.
 */
import type { LayerConfig } from '../settings/layer-config.js';
import type { LayerReader, WeightPlan } from '../architecture/layer-plan.js';
import { readRecurrent } from './recurrent.js';

interface CuDnn {
  gates: number;
  /** How the two biases of a gate become those of the layer here. */
  bias(values: Float32Array): { values: Float32Array; shape: number[] };
}

const LSTM: CuDnn = {
  gates: 4,
  bias(values) {
    const half = values.length / 2;
    const sums = Float32Array.from({ length: half }, (_, i) => values[i]! + values[half + i]!);
    return { values: sums, shape: [half] };
  },
};

const GRU: CuDnn = {
  gates: 3,
  bias: (values) => ({ values, shape: [2, values.length / 2] }),
};

function plansOf(weights: WeightPlan[], { gates, bias }: CuDnn): WeightPlan[] {
  const [kernel, recurrentKernel] = weights as [WeightPlan, WeightPlan];
  const units = kernel.shape[1]! / gates;
  const turned =
    ({ shape: [rows = 0] }: WeightPlan, place: (row: number, unit: number) => number) =>
    (values: Float32Array) => {
      const columns = gates * units;
      const at = (i: number, gate: number) =>
        Math.floor(i / units) * columns + gate * units + (i % units);
      const output = new Float32Array(values.length);
      for (let gate = 0; gate < gates; gate++) {
        for (let row = 0; row < rows; row++) {
          for (let unit = 0; unit < units; unit++) {
            output[row * columns + gate * units + unit] = values[at(place(row, unit), gate)]!;
          }
        }
      }
      return { values: output, shape: [rows, columns] };
    };
  const rows = kernel.shape[0]!;
  return [
    // By its place in the gate, which is [inputs, units].
    { ...kernel, convert: turned(kernel, (row, unit) => unit * rows + row) },
    { ...recurrentKernel, convert: turned(recurrentKernel, (row, unit) => unit * units + row) },
    { name: 'bias', store: 'vars/2', shape: [2 * gates * units], convert: bias },
  ];
}

/** What these classes have no setting for. */
function readCuDnn(config: LayerConfig, common: { name: string; trainable: boolean }, kind: CuDnn) {
  const { args, plan } = readRecurrent(config, common, { count: kind.gates });
  const { weights, ...others } = plan();
  const settings = { ...args, useBias: true, recurrentActivation: 'sigmoid' };
  return {
    settings,
    plan: {
      ...others,
      weights: (inputShape: Parameters<typeof weights>[0]) => plansOf(weights(inputShape), kind),
    },
  };
}

export const readCuDnnLstm: LayerReader = (config, common) => {
  const { settings, plan } = readCuDnn(config, common, LSTM);
  const unitForgetBias = config.flag('unit_forget_bias', true);
  return { ...plan, make: () => config.maker.layer('LSTM', { ...settings, unitForgetBias }) };
};

export const readCuDnnGru: LayerReader = (config, common) => {
  const { settings, plan } = readCuDnn(config, common, GRU);
  return { ...plan, make: () => config.maker.layer('GRU', { ...settings, resetAfter: true }) };
};
