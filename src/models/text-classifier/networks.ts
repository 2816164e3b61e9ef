/** The network of a text classifier, or several that learn apart and judge together. */
import { tfl } from '../../foundation/tensorflow.js';
import { globalMaxPooling1d } from '../../layers/layers.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import { manyToOne } from '../topologies/many-to-one.js';
import type { SequenceSettings } from '../topologies/options.js';
import { compiled, Parts } from '../topologies/parts.js';
import { sequenceLayers } from '../topologies/sequence-layers.js';
import type { PresetSettings } from './presets.js';

type Symbolic = tfl.SymbolicTensor;

/** What predicts, and what is trained for it. */
export interface Networks {
  /** From words [batch, sequenceLength] to probabilities [batch, classes or 1]. */
  model: tfl.LayersModel;
  /** The model itself, or networks whose layers it has in common with them. */
  trained: readonly tfl.LayersModel[];
}

/** Between the seeds of networks: dropout takes seeds by their last 32 bits. */
const SEEDS_APART = 1_000_003;

/** The seed of a network; the first has that of the training. */
export const seedOfNetwork = (seed: number, network: number) => seed + network * SEEDS_APART;

/** Builds what a preset asks for; what is trained is compiled. */
export function createNetworks(
  preset: PresetSettings,
  { classes, seed }: { classes: number; seed: number },
): Networks {
  const settings = {
    ...preset,
    ...({ cell: 'lstm', recurrentActivation: 'sigmoid', inputs: undefined } as const),
    ...{ units: [preset.units], bidirectional: preset.bidirectionalPooling, maskZero: false },
    ...({ outputs: classes === 2 ? 1 : classes, task: 'classification' } as const),
    ...{ compile: true, seed },
  };
  if (!preset.bidirectionalPooling) return alone(manyToOne(settings));
  if (preset.networks === 1) {
    const layers = poolingLayers(settings, new Parts(settings));
    return alone(compiled(tfl.sequential({ layers }), settings));
  }
  return together(settings, preset.networks);
}

const alone = (model: tfl.LayersModel): Networks => ({ model, trained: [model] });

/** Both directions, pooled, and the dense layer behind them. */
function poolingLayers(settings: SequenceSettings, parts: Parts): tfl.layers.Layer[] {
  return [
    ...sequenceLayers(settings, { parts, maskZero: false, returnSequences: true }),
    globalMaxPooling1d({ name: parts.name('global_max_pooling1d') }),
    parts.dropout(settings.dropoutRate, 1),
    parts.output(settings.outputs, settings.task),
  ];
}

/**
 * Networks of one kind from different initial weights, and a model that gives the probabilities of the mean
 * of their logits. It leaves out the dropout, which only training needs.
 */
function together(settings: SequenceSettings & { seed: number }, count: number): Networks {
  const words = tfl.input({ shape: [settings.sequenceLength!], name: 'words' });
  const toProbabilities = (name: string) =>
    tfl.layers.activation({ name, activation: settings.outputs === 1 ? 'sigmoid' : 'softmax' });
  const logits: Symbolic[] = [];
  const trained = Array.from({ length: count }, (_, network) => {
    const own = { ...settings, seed: seedOfNetwork(settings.seed, network) };
    // A regression has no activation behind its last layer: these are logits.
    const layers = poolingLayers({ ...own, task: 'regression' }, new Parts(own, network));
    logits.push(
      through(
        layers.filter((layer) => layer.getClassName() !== 'Dropout'),
        words,
      ),
    );
    const outputs = toProbabilities(`probabilities_${network}`).apply(through(layers, words));
    return compiled(tfl.model({ inputs: words, outputs: outputs as Symbolic }), own);
  });
  const mean = tfl.layers.average({ name: 'average' }).apply(logits);
  const outputs = toProbabilities('probabilities').apply(mean) as Symbolic;
  return { model: trainByKernels(tfl.model({ inputs: words, outputs })), trained };
}

const through = (layers: readonly tfl.layers.Layer[], input: Symbolic): Symbolic =>
  layers.reduce((tensor, layer) => layer.apply(tensor) as Symbolic, input);
