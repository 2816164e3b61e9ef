/** What is wrong with a layer by its measures, and what to do about it. */
import type { LayerHealth } from './layer-health.js';

/** A kind of problem. */
export type Problem =
  | 'notFinite'
  | 'gateSaturated'
  | 'forgetGateClosed'
  | 'statesSaturated'
  | 'deadUnits'
  | 'stateGrows'
  | 'gradientVanishes'
  | 'gradientExplodes';

/** Something that is wrong with a layer. */
export interface Finding {
  layer: string;
  direction: LayerHealth['direction'];
  problem: Problem;
  /** What was found, with its numbers. */
  message: string;
  /** What to do about it: one sentence. */
  remedy: string;
  /** Where that comes from. */
  source: string;
}

/** Above which shares and ratios a measure is a finding. */
export const BOUNDS = {
  /** Of the values of a gate, those that are closed or open. */
  saturatedGate: 0.9,
  /** Of the values of the gate that keeps the state, those that are closed. */
  closedForgetGate: 0.5,
  /** Of the states of a SimpleRNN with tanh. */
  saturatedStates: 0.5,
  /** By how much a state may grow over the second half of the steps. */
  growth: 10,
  /** Of the gradient at the first step beside that at the last: vanished below its inverse. */
  gradientRatio: 1000,
} as const;

const ADVICE: Record<Problem, { remedy: string; source: string }> = {
  notFinite: {
    remedy: 'Start again from sound weights with a smaller learning rate and clipped gradients.',
    source: 'Pascanu et al. 2013, arXiv:1211.5063',
  },
  gateSaturated: {
    remedy:
      'Scale the inputs to about 1, and train with a smaller learning rate or a penalty on the weights.',
    source: 'Glorot & Bengio 2010, PMLR 9:249-256',
  },
  forgetGateClosed: {
    remedy:
      'Begin with a larger bias of the gate that keeps the state: unitForgetBias: true, or ln T for memories of T steps.',
    source: 'Jozefowicz et al. 2015, PMLR 37:2342-2350; Tallec & Ollivier 2018, arXiv:1804.11188',
  },
  statesSaturated: {
    remedy: 'Scale the inputs to about 1, begin with smaller kernels, or take an LSTM or a GRU.',
    source: 'Pascanu et al. 2013, arXiv:1211.5063',
  },
  deadUnits: {
    remedy:
      'Train with a smaller learning rate; with relu, begin from an identity as recurrent kernel.',
    source: 'Le et al. 2015, arXiv:1504.00941',
  },
  stateGrows: {
    remedy:
      'Take an activation that is bounded, or begin from a recurrent kernel that is orthogonal or smaller.',
    source: 'Le et al. 2015, arXiv:1504.00941',
  },
  gradientVanishes: {
    remedy:
      'Take an LSTM or a GRU, with forget biases of ln T for memories of T steps, or shorter sequences.',
    source: 'Hochreiter & Schmidhuber 1997; Tallec & Ollivier 2018, arXiv:1804.11188',
  },
  gradientExplodes: {
    remedy: 'Clip the gradients: adam(0.001, 0.9, 0.999, 1e-7, { clipNorm: 1 }).',
    source: 'Pascanu et al. 2013, arXiv:1211.5063',
  },
};

/** The names of gates in words. */
export const GATE_NAMES: Readonly<Record<string, string>> = {
  inputGate: 'input gate',
  forgetGate: 'forget gate',
  outputGate: 'output gate',
  updateGate: 'update gate',
  resetGate: 'reset gate',
};

/** Everything that is wrong with a layer, the worst first. */
export function findingsOf(health: LayerHealth): Finding[] {
  const { layer, direction } = health;
  return [...problemsOf(health)].map(([problem, message]) => ({
    ...{ layer, direction, problem, message },
    ...ADVICE[problem],
  }));
}

function* problemsOf(health: LayerHealth): Generator<readonly [Problem, string]> {
  const { gates, saturatedStates, deadUnits, units, stateGrowth } = health;
  if (!health.finite) {
    yield ['notFinite', 'states or gradients are not finite numbers'];
    return;
  }
  for (const [name, { closed, open }] of Object.entries(gates)) {
    const words = `${percent(closed)} of the ${GATE_NAMES[name]} is closed`;
    if (name === 'forgetGate' || name === 'updateGate') {
      // That it is open is what lets a unit remember.
      if (closed > BOUNDS.closedForgetGate) yield ['forgetGateClosed', words];
    } else if (closed + open > BOUNDS.saturatedGate) {
      yield ['gateSaturated', `${words}, and ${percent(open)} wide open`];
    }
  }
  if (saturatedStates !== null && saturatedStates > BOUNDS.saturatedStates) {
    yield ['statesSaturated', `${percent(saturatedStates)} of the states are beyond 0.95`];
  }
  if (deadUnits.length > 0) {
    yield ['deadUnits', `${deadUnits.length} of ${units} units stay at 0`];
  }
  if (stateGrowth > BOUNDS.growth) {
    yield [
      'stateGrows',
      `the state grows ${show(stateGrowth)} times over the second half of the steps`,
    ];
  }
  const { gradientRatio: ratio } = health;
  if (ratio === null) return;
  const words = `the gradient at the first step is ${show(ratio)} times that at the last`;
  if (ratio < 1 / BOUNDS.gradientRatio) yield ['gradientVanishes', words];
  if (ratio > BOUNDS.gradientRatio) yield ['gradientExplodes', words];
}

/** A share in percent. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** A number with the digits that matter. */
export const show = (value: number): string => String(Number(value.toPrecision(2)));
