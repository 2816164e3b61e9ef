/** The recurrent layers of Keras: settings, weights and masks. */
import type { tfl } from '../../../foundation/tensorflow.js';
import type { LayerConfig } from '../settings/layer-config.js';
import {
  type Common,
  features,
  given,
  type LayerReader,
  numbered,
} from '../architecture/layer-plan.js';
import { activation } from '../settings/activations.js';
import { isScaled, scaledGates } from './hard-sigmoid.js';

/** What the three have in common, with the gates that a hard_sigmoid of Keras 3 acts on. */
export function readRecurrent(
  config: LayerConfig,
  common: Common,
  gates: { count: number; activation?: number[]; recurrentActivation?: number[] },
) {
  config.only('time_major', [false, null]);
  config.only('activity_regularizer', [null]);
  const units = config.count('units');
  const useBias = config.flag('use_bias', true);
  const returnSequences = config.flag('return_sequences', false);
  const goBackwards = config.flag('go_backwards', false);
  const unrolled = config.flag('unroll', false);
  const zeroOutputForMask = config.flag('zero_output_for_mask', false);
  const args = {
    ...common,
    units,
    useBias,
    returnSequences,
    activation: activation(config, 'activation', 'tanh', gates.activation !== undefined),
    returnState: config.flag('return_state', false),
    goBackwards,
    stateful: config.flag('stateful', false),
    dropout: config.rate('dropout', 0),
    recurrentDropout: config.rate('recurrent_dropout', 0),
    ...(zeroOutputForMask && { zeroOutputForMask }),
    ...given({
      kernelInitializer: config.maker.initializer(config, 'kernel_initializer'),
      recurrentInitializer: config.maker.initializer(config, 'recurrent_initializer'),
      biasInitializer: config.maker.initializer(config, 'bias_initializer'),
      kernelRegularizer: config.maker.regularizer(config, 'kernel_regularizer'),
      recurrentRegularizer: config.maker.regularizer(config, 'recurrent_regularizer'),
      biasRegularizer: config.maker.regularizer(config, 'bias_regularizer'),
      kernelConstraint: config.maker.constraint(config, 'kernel_constraint'),
      recurrentConstraint: config.maker.constraint(config, 'recurrent_constraint'),
      biasConstraint: config.maker.constraint(config, 'bias_constraint'),
    }),
  };
  const recurrentActivation = gates.recurrentActivation
    ? activation(config, 'recurrent_activation', defaultGate(config), true)
    : undefined;
  const scaled = [
    ...(isScaled(config, args.activation) ? (gates.activation ?? []) : []),
    ...(isScaled(config, recurrentActivation) ? (gates.recurrentActivation ?? []) : []),
  ];
  const hardSigmoid = scaledGates(config, gates.count, scaled);
  const plan = (biasShape = [gates.count * units]) => ({
    masks: 'uses' as const,
    sequences: Number(returnSequences),
    unrolled,
    unrolledZeroes: unrolled && zeroOutputForMask && returnSequences && goBackwards,
    weights(inputShape: tfl.Shape) {
      const width = gates.count * units;
      return numbered(
        [
          { name: 'kernel', shape: [features(config, inputShape), width], hardSigmoid },
          { name: 'recurrent_kernel', shape: [units, width], hardSigmoid },
          useBias && { name: 'bias', shape: biasShape, hardSigmoid },
        ],
        'cell/',
      );
    },
  });
  return { args, recurrentActivation: recurrentActivation ?? 'sigmoid', plan } as const;
}

/** Before Keras 2.3 the gates were hard; files name them all the same. */
function defaultGate({ place }: LayerConfig): string {
  return place.kerasVersion < 3 ? 'hard_sigmoid' : 'sigmoid';
}

/** Gates in the order input, forget, candidate, output. */
export const readLstm: LayerReader = (config, common) => {
  const gates = { count: 4, recurrentActivation: [0, 1, 3] };
  const { args, recurrentActivation, plan } = readRecurrent(config, common, gates);
  const unitForgetBias = config.flag('unit_forget_bias', true);
  const make = () => config.maker.layer('LSTM', { ...args, recurrentActivation, unitForgetBias });
  return { ...plan(), make };
};

/** Gates in the order update, reset, candidate. */
export const readGru: LayerReader = (config, common) => {
  const gates = { count: 3, activation: [2], recurrentActivation: [0, 1] };
  const { args, recurrentActivation, plan } = readRecurrent(config, common, gates);
  // Files that do not say are older than the setting.
  const resetAfter = config.flag('reset_after', false);
  const make = () => config.maker.layer('GRU', { ...args, recurrentActivation, resetAfter });
  return { ...plan(resetAfter ? [2, 3 * args.units] : undefined), make };
};

export const readSimpleRnn: LayerReader = (config, common) => {
  const { args, plan } = readRecurrent(config, common, { count: 1, activation: [0] });
  return { ...plan(), make: () => config.maker.layer('SimpleRNN', args) };
};
