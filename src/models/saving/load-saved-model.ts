/**
 * Loads a model of tf.layers from what a handler gave, as tf.loadLayersModel does, with the
 * difference that a damaged one leaves no tensor behind.
 */
import { reasonOf } from '../../foundation/errors.js';
import { tf, tfl } from '../../foundation/tensorflow.js';
import { nextTurn } from '../../foundation/turn.js';
import { requireConnected } from './saved-graph.js';
import { requirePlausibleSizes } from './saved-sizes.js';

type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number];
type TrainingConfig = Parameters<tfl.LayersModel['loadTrainingConfig']>[0];

/** Why a saved model cannot be loaded, as the end of a sentence. */
export class SavedModelError extends Error {}

/**
 * The model, with its weights, and compiled where it was saved so.
 *
 * @throws SavedModelError for anything that is not such a model.
 */
export async function loadSavedModel(artifacts: tf.io.ModelArtifacts): Promise<tfl.LayersModel> {
  let model: tfl.LayersModel | undefined;
  try {
    requireParts(artifacts);
    model = await buildModel(artifacts);
    await restoreWeights(model, artifacts);
    return model;
  } catch (error) {
    if (model !== undefined) disposeSavedModel(model);
    if (error instanceof SavedModelError) throw error;
    throw new SavedModelError(whyNot(error), { cause: error });
  }
}

/** Frees the model, and the optimizer that it was saved with. */
export function disposeSavedModel(model: tfl.LayersModel): void {
  const optimizer: tf.Optimizer | null = model.optimizer;
  model.dispose();
  optimizer?.dispose();
}

/** The first sentence of what TensorFlow.js says, which may go on for paragraphs. */
function whyNot(error: unknown): string {
  return `TensorFlow.js cannot build it: ${reasonOf(error).split(/\.?\s*\n|\. (?=[A-Z])/)[0]}`;
}

function requireParts({ modelTopology, weightSpecs, weightData }: tf.io.ModelArtifacts): void {
  const missing = Object.entries({ modelTopology, weightSpecs, weightData }).find(
    ([, part]) => typeof part !== 'object' || part === null,
  );
  if (missing !== undefined) throw new SavedModelError(`it has no ${missing[0]}`);
}

const WEIGHTS_TO_COME = new ArrayBuffer(0);

/** The model without its weights, which are zeros. */
async function buildModel(artifacts: tf.io.ModelArtifacts): Promise<tfl.LayersModel> {
  const { modelTopology, weightSpecs = [], trainingConfig } = artifacts;
  requirePlausibleSizes(modelTopology, weightSpecs);
  requireConnected(modelTopology);
  let built = false;
  const withoutWeights: tf.io.ModelArtifacts = {
    modelTopology: modelTopology!,
    weightSpecs: [],
    // TensorFlow.js asks for them twice: before it builds, to spare itself the initializers of weights
    // that come from a file, and afterwards, to set them.
    get weightData() {
      const asked = built;
      built = true;
      return asked ? undefined : WEIGHTS_TO_COME;
    },
  };
  // In a turn of its own, building is all that happens before the next line goes on: tensors and
  // variables that are new by then belong to this model.
  await nextTurn();
  const known = variables();
  tf.engine().startScope();
  let model: tfl.LayersModel | undefined;
  try {
    model = await tfl.loadLayersModel({ load: () => Promise.resolve(withoutWeights) });
    if (trainingConfig != null) model.loadTrainingConfig(trainingConfig as TrainingConfig);
  } catch (error) {
    const optimizer: tf.Optimizer | undefined = model?.optimizer;
    optimizer?.dispose();
    for (const variable of variables()) if (!known.has(variable)) variable.dispose();
    throw error;
  } finally {
    tf.engine().endScope();
  }
  if (artifacts.userDefinedMetadata != null) {
    model.setUserDefinedMetadata(artifacts.userDefinedMetadata);
  }
  return model;
}

function variables(): Set<tf.Variable> {
  return new Set(Object.values(tf.engine().registeredVariables));
}

async function restoreWeights(
  model: tfl.LayersModel,
  { weightData, weightSpecs = [] }: tf.io.ModelArtifacts,
): Promise<void> {
  const tensors = tf.tidy(() => tf.io.decodeWeights(weightData!, weightSpecs));
  try {
    const ofModel: tf.NamedTensorMap = {};
    const ofOptimizer: NamedTensor[] = [];
    for (const { name, group } of weightSpecs) {
      const tensor = tensors[name]!;
      if (group === 'optimizer') ofOptimizer.push({ name, tensor });
      else ofModel[name] = tensor;
    }
    model.loadWeights(ofModel);
    const optimizer: tf.Optimizer | null = model.optimizer;
    if (optimizer == null || ofOptimizer.length === 0) return;
    requireShapesOf(model, ofOptimizer);
    await optimizer.setWeights(ofOptimizer);
  } finally {
    tf.dispose(tensors);
  }
}

/** What an optimizer gathers is a number, or has the shape of a weight. */
function requireShapesOf(model: tfl.LayersModel, gathered: readonly NamedTensor[]): void {
  const shapes = new Set(model.weights.map(({ shape }) => String(shape)));
  const odd = gathered.find(({ tensor }) => tensor.rank > 0 && !shapes.has(String(tensor.shape)));
  if (odd === undefined) return;
  throw new SavedModelError(
    `no weight has the shape [${odd.tensor.shape.join(', ')}] of ${odd.name}`,
  );
}
