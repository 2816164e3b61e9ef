/** The model of createEncoderDecoder, as users of Keras write it. */
import { tfl } from '../../foundation/tensorflow.js';
import {
  bidirectional,
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  simpleRNN,
} from '../../layers/layers.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import { adam } from '../../layers/optimizers/adam.js';
import { ownOptimizer } from '../../layers/optimizers/own-optimizer.js';
import { orthogonal } from '../../layers/orthogonal.js';
import { attend } from './attend.js';
import type { EncoderDecoderSettings } from './options.js';

type Symbol = tfl.SymbolicTensor;

/**
 * Builds and compiles the model: [source [batch, source.length], target [batch, target.length]], the
 * target shifted by its start token, to probabilities [batch, target.length, target.vocabularySize].
 */
export function buildEncoderDecoder(settings: EncoderDecoderSettings): tfl.LayersModel {
  const seeds = new Seeds(settings.seed);
  const source = tfl.input({ name: 'source', shape: [settings.source.length], dtype: 'int32' });
  const target = tfl.input({ name: 'target', shape: [settings.target.length], dtype: 'int32' });
  const { steps, states } = encode(source, settings, seeds);
  const decoded = decode(target, states, settings, seeds);
  const seen = attend(settings, decoded, steps, seeds);
  const output = dense({
    name: 'output',
    units: settings.target.vocabularySize,
    activation: 'softmax',
    kernelInitializer: seeds.glorot(),
  }).apply(dropped('output_dropout', seen, settings, seeds)) as Symbol;
  const model = tfl.model({ inputs: [source, target], outputs: output, name: 'encoder_decoder' });
  compileEncoderDecoder(model, settings.learningRate);
  return trainByKernels(model);
}

/** Compiles a model of {@link buildEncoderDecoder}, also one that was saved without its optimizer. */
export function compileEncoderDecoder(model: tfl.LayersModel, learningRate: number): void {
  model.compile({
    optimizer: adam(learningRate),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  ownOptimizer(model);
}

/** What an encoder knows of its source: each step, and for each layer its last states. */
interface Encoded {
  steps: Symbol; // [batch, source.length, units]
  states: Symbol[][]; // [batch, units] each
}

function encode(source: Symbol, settings: EncoderDecoderSettings, seeds: Seeds): Encoded {
  const { layers, attention } = settings;
  let steps = embed('source', source, settings, seeds);
  const states: Symbol[][] = [];
  for (let i = 0; i < layers; i++) {
    const name = numbered('encoder', i);
    const isRead = attention !== 'none' || i + 1 < layers;
    const both = settings.bidirectional;
    const layer = recurrent(name, settings.units, settings, seeds, isRead || both);
    const outputs = (
      both ? bidirectional({ name: `${name}_both`, layer, mergeMode: 'concat' }) : layer
    ).apply(steps) as Symbol[];
    steps = outputs[0]!;
    states.push(both ? joined(name, outputs.slice(1)) : outputs.slice(1));
  }
  return { steps, states };
}

/** The states of the layer that reads forwards and of the one that reads backwards, side by side. */
function joined(name: string, states: Symbol[]): Symbol[] {
  const count = states.length / 2;
  return Array.from({ length: count }, (_, i) => {
    const layer = tfl.layers.concatenate({ name: `${name}_${'hc'[i]}` });
    return layer.apply([states[i]!, states[count + i]!]) as Symbol;
  });
}

function decode(
  target: Symbol,
  states: Symbol[][],
  settings: EncoderDecoderSettings,
  seeds: Seeds,
): Symbol {
  let steps = embed('target', target, settings, seeds);
  states.forEach((initialState, i) => {
    const layer = recurrent(numbered('decoder', i), decoderUnits(settings), settings, seeds, true);
    steps = (layer.apply(steps, { initialState }) as Symbol[])[0]!;
  });
  return steps; // [batch, target.length, decoder's units]
}

/** The width of the decoder, which begins with the states of an encoder that may read both ways. */
export function decoderUnits({ units, bidirectional }: EncoderDecoderSettings): number {
  return bidirectional ? 2 * units : units;
}

/** The numbers of tokens as vectors [batch, length, embeddingDim], with a mask for what is padding. */
function embed(
  side: 'source' | 'target',
  tokens: Symbol,
  settings: EncoderDecoderSettings,
  seeds: Seeds,
): Symbol {
  const vectors = embedding({
    name: `${side}_embedding`,
    inputDim: settings[side].vocabularySize,
    outputDim: settings.embeddingDim,
    maskZero: true,
    embeddingsInitializer: tfl.initializers.randomUniform({
      minval: -0.05,
      maxval: 0.05,
      ...seeds.next(),
    }),
  }).apply(tokens) as Symbol;
  return dropped(`${side}_dropout`, vectors, settings, seeds);
}

function dropped(
  name: string,
  x: Symbol,
  { dropoutRate }: EncoderDecoderSettings,
  seeds: Seeds,
): Symbol {
  if (dropoutRate === 0) return x;
  return dropout({ name, rate: dropoutRate, ...seeds.next() }).apply(x) as Symbol;
}

function recurrent(
  name: string,
  units: number,
  { cell, bidirectional }: EncoderDecoderSettings,
  seeds: Seeds,
  returnSequences: boolean,
): tfl.RNN {
  const isDecoder = name.startsWith('decoder');
  const common = {
    ...{ name, units, returnSequences, returnState: true },
    kernelInitializer: seeds.glorot(),
    recurrentInitializer: orthogonal(seeds.next()),
    // What Keras gives for masked steps: zeros in Bidirectional, and before the first step that counts.
    ...(isDecoder && { zeroOutputForMask: 'untilFirst' as const }),
    ...(!isDecoder && bidirectional && { zeroOutputForMask: true }),
  };
  if (cell === 'simpleRNN') return simpleRNN(common);
  const gates = { ...common, recurrentActivation: 'sigmoid' as const };
  return cell === 'gru'
    ? gru({ ...gates, resetAfter: true })
    : lstm({ ...gates, unitForgetBias: true });
}

const numbered = (name: string, i: number) => (i === 0 ? name : `${name}_${i}`);

// TensorFlow.js takes a seed of 0 for none, and equal seeds would give equal layers.
const SEEDS_A_MODEL = 256;

/** Hands out a seed to each initializer and each dropout, in the order of the layers. */
export class Seeds {
  readonly #first: number | undefined;
  #given = 0;

  constructor(seed: number | undefined) {
    this.#first = seed === undefined ? undefined : seed * SEEDS_A_MODEL + 1;
  }

  next(): { seed?: number } {
    return this.#first === undefined ? {} : { seed: this.#first + this.#given++ };
  }

  glorot() {
    return tfl.initializers.glorotUniform(this.next());
  }
}
