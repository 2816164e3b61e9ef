/** A compiled model that crosses to a worker as it is, to the last bit of what its optimizer remembers. */
import { type Complaint, reasonOf, reject } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { lossWeightsOf, setLossWeights } from '../../layers/model/loss-weights.js';
import { isOurs } from '../../layers/model/ours.js';
import { builtModel } from '../../layers/model/run-graph.js';
import { trainByKernels } from '../../layers/model/train-by-kernels.js';
import {
  type DescribedOptimizer,
  describeOptimizer,
  optimizerFrom,
} from '../../layers/optimizers/describe-optimizer.js';
import { ownOptimizer } from '../../layers/optimizers/own-optimizer.js';
import { registerLayers } from '../../layers/register.js';
import { captureTrainingState, restoreTrainingState, type TrainingState } from '../checkpoint.js';
import { everyLayer, randomStateOf } from '../layer-state.js';

/** A model as data that a message can hold. */
export interface CrossingModel {
  artifacts: tf.io.ModelArtifacts;
  optimizer: DescribedOptimizer;
  loss: Named;
  metrics: Named | undefined;
  lossWeights: readonly number[] | undefined;
  isOurs: boolean;
  state: TrainingState;
}

/** Losses or metrics by name, as `model.compile` takes them. */
type Named = string | string[] | { [output: string]: string };

/**
 * Takes a model apart; it stays as it is.
 *
 * @throws RecurrentError for a model that is not compiled, and for losses and metrics that are functions.
 */
export async function takeApart(where: string, model: tfl.LayersModel): Promise<CrossingModel> {
  const state = await captureTrainingState(model, { epoch: 0 });
  const { loss, metrics, optimizer } = model as unknown as Record<'loss' | 'metrics', unknown> & {
    optimizer: tf.Optimizer;
  };
  requireNames(where, 'loss', loss);
  if (metrics != null) requireNames(where, 'metric', metrics);
  return {
    artifacts: await artifactsOf(model),
    optimizer: describeOptimizer(optimizer),
    loss: loss as Named,
    metrics: (metrics ?? undefined) as Named | undefined,
    lossWeights: lossWeightsOf(builtModel(model)),
    isOurs: isOurs(builtModel(model)),
    state,
  };
}

/**
 * Puts a model together that {@link takeApart} took apart, with our layers where it has their like.
 *
 * @throws RecurrentError for layers and optimizers that nobody has registered here.
 */
export async function putTogether(
  where: string,
  crossing: CrossingModel,
): Promise<tfl.LayersModel> {
  registerLayers();
  const model = await build(where, crossing.artifacts);
  try {
    const { loss, metrics, lossWeights } = crossing;
    const optimizer = optimizerFrom(where, crossing.optimizer);
    model.compile({ optimizer, loss, ...(metrics && { metrics }) });
    ownOptimizer(model);
    if (crossing.isOurs) trainByKernels(model);
    if (lossWeights) setLossWeights(builtModel(model), lossWeights);
    bringState(model, crossing.state);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Makes a model what its likeness on the other side has become. */
export function bringState(model: tfl.LayersModel, { header, data }: TrainingState): void {
  // A layer of ours draws from a generator with a state, that of tf.layers in its place from none.
  const brought = new Map(header.random.map(({ layer, state }) => [layer, state]));
  const random = everyLayer(model).flatMap(({ path, layer }) => {
    const own = randomStateOf(layer);
    return own === undefined ? [] : [{ layer: path, state: brought.get(path) ?? own }];
  });
  restoreTrainingState(model, { header: { ...header, random }, data });
}

/** What `model.save` would write. */
export async function artifactsOf(model: {
  save(handler: tf.io.IOHandler): Promise<unknown>;
}): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save({
    save: async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    },
  });
  return { ...saved! };
}

async function build(where: string, artifacts: tf.io.ModelArtifacts): Promise<tfl.LayersModel> {
  try {
    return await tfl.loadLayersModel({ load: async () => artifacts });
  } catch (cause) {
    const message = reasonOf(cause);
    const unknown = /^Unknown \w+: (\w+)/.exec(message)?.[1];
    const complaint: Omit<Complaint, 'where'> = unknown
      ? {
          expected: `${unknown} is not known in the worker`,
          remedy:
            `Call tf.serialization.registerClass(${unknown}) in the worker's file, before ` +
            'serveTraining.',
          see: 'worker-failed',
        }
      : {
          expected: `the model cannot be built in the worker: ${message.split('\n')[0]}`,
          see: 'worker-failed',
        };
    return reject({ where, ...complaint }, cause);
  }
}

function requireNames(where: string, what: 'loss' | 'metric', given: unknown): void {
  const each = typeof given === 'object' && given !== null ? Object.values(given).flat() : [given];
  const other = each.find((one) => typeof one !== 'string');
  if (other === undefined) return;
  reject({
    where,
    expected: `the ${what} of the model must be given by name, since functions cannot cross to a worker`,
    received: other,
    remedy:
      'Build, compile and train the model in the function that the worker gives serveTraining.',
    see: 'cannot-cross-to-a-worker',
  });
}
