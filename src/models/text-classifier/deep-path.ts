/** The recurrent path of a text classifier: what the order of a text's words says about its class. */
import { tf, tfl } from '../../foundation/tensorflow.js';
import { globalMaxPooling1d } from '../../layers/layers.js';
import { padSequences } from '../../preprocessing/pad-sequences.js';
import type { Tokenizer } from '../../preprocessing/tokenizer/tokenizer.js';
import type { Callbacks } from '../../training/callbacks.js';
import { fitWithSeed } from '../../training/fit-with-seed.js';
import type { TrainingHistory } from '../../training/history.js';
import { nextTurn } from '../../foundation/turn.js';
import { manyToOne } from '../topologies/many-to-one.js';
import { compiled, Parts } from '../topologies/parts.js';
import { sequenceLayers } from '../topologies/sequence-layers.js';
import { logitsOf } from './network-logits.js';
import type { PresetSettings } from './presets.js';

/** Texts that are predicted at once. */
const BATCH = 100;

/** Builds the model of a preset, from words [batch, sequenceLength] to probabilities [batch, classes or 1]. */
export function createDeepModel(
  preset: PresetSettings,
  { classes, seed }: { classes: number; seed: number },
): tfl.Sequential {
  const settings = {
    ...preset,
    ...({ cell: 'lstm', recurrentActivation: 'sigmoid', inputs: undefined } as const),
    ...{ units: [preset.units], bidirectional: preset.bidirectionalPooling, maskZero: false },
    ...({
      outputs: classes === 2 ? 1 : classes,
      task: 'classification',
      compile: true,
      seed,
    } as const),
  };
  if (!preset.bidirectionalPooling) return manyToOne(settings);
  const parts = new Parts(settings);
  const layers = sequenceLayers(settings, { parts, maskZero: false, returnSequences: true });
  layers.push(
    globalMaxPooling1d({ name: 'global_max_pooling1d' }),
    parts.dropout(settings.dropoutRate, 1),
    parts.output(settings.outputs, settings.task),
  );
  return compiled(tfl.sequential({ layers }), settings);
}

/** A model of {@link createDeepModel} and the words that it knows. */
export class DeepPath {
  readonly model: tfl.LayersModel;
  readonly tokenizer: Tokenizer;

  constructor(model: tfl.LayersModel, tokenizer: Tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** Words of a text that are read: its last ones. */
  get sequenceLength(): number {
    return this.model.inputs[0]!.shape[1]!;
  }

  /** Trains the model; the validation texts are only tested on. */
  async train(
    [texts, labels]: [readonly string[], Int32Array],
    validation: [readonly string[], Int32Array] | undefined,
    settings: { epochs: number; batchSize: number; seed: number; callbacks: Callbacks | undefined },
  ): Promise<TrainingHistory> {
    const { callbacks, ...run } = settings;
    const x = this.toInput(texts);
    const y = toColumn(labels);
    const validationData = validation && [this.toInput(validation[0]), toColumn(validation[1])];
    try {
      return await fitWithSeed(this.model, x, y, {
        ...run,
        ...(validationData && { validationData: [validationData[0]!, validationData[1]!] }),
        ...(callbacks && { callbacks }),
      });
    } finally {
      tf.dispose([x, y, validationData ?? []]);
    }
  }

  /** The logits of texts, a list each: that of class 1 for two classes, else one a class. */
  async logits(texts: readonly string[]): Promise<Float64Array[]> {
    const all: Float64Array[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      if (start > 0) await nextTurn();
      const some = texts.slice(start, start + BATCH);
      const output = tf.tidy(
        () => this.model.predict(this.toInput(some), { batchSize: BATCH }) as tf.Tensor,
      );
      const probabilities = await output.data().finally(() => output.dispose()); // [texts, outputs]
      all.push(...logitsOf(probabilities as Float32Array, some.length));
    }
    return all;
  }

  private toInput(texts: readonly string[]): tf.Tensor2D {
    return padSequences(this.tokenizer.textsToSequences(texts), { maxlen: this.sequenceLength });
  }
}

const toColumn = (labels: Int32Array): tf.Tensor2D =>
  tf.tensor2d(Float32Array.from(labels), [labels.length, 1]);
