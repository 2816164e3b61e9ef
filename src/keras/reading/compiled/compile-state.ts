/** Loss, optimizer and metrics of a compiled Keras model, for `model.compile`. */
import { reasonOf } from '../../../foundation/errors.js';
import type { tfl } from '../../../foundation/tensorflow.js';
import { setLossWeights } from '../../../layers/model/loss-weights.js';
import { ownOptimizer } from '../../../layers/optimizers/own-optimizer.js';
import { measureWholePasses } from '../../compile/whole-passes.js';
import { cannotHave, CompileError } from './compile-part.js';
import { type LossPlan, readLoss } from './read-losses.js';
import { markAsTakingClasses } from '../../../layers/model/compared.js';
import { type MetricPlan, readMetric } from './read-metrics.js';
import { type OptimizerPlan, readOptimizer } from './read-optimizer.js';
import { isObject, type JsonObject, property } from '../read-json.js';

/** What a model is compiled with. */
interface CompilePlan {
  optimizer: OptimizerPlan;
  /** Of each output. */
  outputs: { loss: LossPlan; weight: number; metrics: MetricPlan[] }[];
}

/**
 * Compiles a model with what Keras wrote down, where it names a loss.
 *
 * @param written `compile_config` of Keras 3 or `training_config` of the files before.
 * @returns What of it stays behind although the model is compiled, as a sentence without its end.
 * @throws CompileError for what TensorFlow.js cannot do; the model is not compiled then.
 */
export function compileAsWritten(
  model: tfl.LayersModel,
  written: JsonObject,
  kerasVersion: number,
): string | undefined {
  if ((property(written, 'loss') ?? null) === null) return undefined;
  const plan = readCompilePlan(model, written, kerasVersion);
  const metrics = metricsOf(model, plan);
  const optimizer = plan.optimizer.make();
  try {
    model.compile({
      optimizer,
      loss: onlyOrAll(plan.outputs.map(({ loss }) => (loss.stock ?? loss.ours)!)),
      metrics,
    } as Parameters<tfl.LayersModel['compile']>[0]);
  } catch (error) {
    optimizer.dispose();
    throw new CompileError(`TensorFlow.js cannot compile it so: ${reasonOf(error)}`);
  }
  ownOptimizer(model);
  const inner = (model as { model?: tfl.LayersModel }).model ?? model; // of a Sequential
  exchangeLosses(model, inner, plan);
  setLossWeights(
    inner,
    plan.outputs.map(({ weight }) => weight),
  );
  measureWholePasses(inner);
  return plan.optimizer.note;
}

function onlyOrAll<Value>(values: Value[]): Value | Value[] {
  return values.length === 1 ? values[0]! : values;
}

function readCompilePlan(
  model: tfl.LayersModel,
  written: JsonObject,
  kerasVersion: number,
): CompilePlan {
  const names = model.outputNames;
  refuseWeighted(property(written, 'weighted_metrics'));
  const losses = eachOutput('losses', property(written, 'loss'), names);
  const weights = eachOutput('loss_weights', property(written, 'loss_weights') ?? 1, names);
  const metrics = eachMetrics(property(written, 'metrics'), names, kerasVersion);
  // What compile() of Keras takes when the file names none.
  const optimizer = property(written, 'optimizer_config') ?? property(written, 'optimizer');
  return {
    optimizer: readOptimizer(optimizer ?? 'rmsprop', kerasVersion),
    outputs: names.map((name, i) => {
      if ((losses[i] ?? null) === null) cannotHave(`the output ${name} must have a loss`, null);
      const loss = readLoss(losses[i], kerasVersion);
      const width = model.outputs[i]!.shape.at(-1) ?? null;
      const read = (metric: unknown) => readMetric(metric, { width, loss, kerasVersion });
      return { loss, weight: weightOf(weights[i]), metrics: [...new Set(metrics[i]!.map(read))] };
    }),
  };
}

/** Keras weighs these by the weights of samples, TensorFlow.js no metric at all. */
function refuseWeighted(metrics: unknown): void {
  const isNone = (value: unknown): boolean =>
    (value ?? null) === null || (Array.isArray(value) && value.every(isNone));
  if (!isNone(metrics)) cannotHave('weighted_metrics has no counterpart in TensorFlow.js', metrics);
}

function weightOf(written: unknown): number {
  const weight = written ?? 1;
  return typeof weight === 'number' && Number.isFinite(weight)
    ? weight
    : cannotHave('loss_weights must be numbers', written);
}

/** One value for all outputs, a list of one each, or one by each name. */
function eachOutput(what: string, written: unknown, names: readonly string[]): unknown[] {
  if (Array.isArray(written)) {
    if (written.length === names.length) return written;
    return cannotHave(`there must be as many ${what} as outputs, ${names.join(', ')}`, written);
  }
  if (!isByName(written)) return names.map(() => written);
  const unknown = Object.keys(written).find((name) => !names.includes(name));
  if (unknown !== undefined) cannotHave(`${what} must be for ${names.join(', ')}`, unknown);
  return names.map((name) => property(written, name));
}

function isByName(written: unknown): written is JsonObject {
  return isObject(written) && property(written, 'class_name') === undefined;
}

/** The metrics of each output, in the ways of Keras 3 and those before. */
function eachMetrics(
  written: unknown,
  names: readonly string[],
  kerasVersion: number,
): unknown[][] {
  const list = (value: unknown): unknown[] =>
    [value].flat(3).filter((metric) => (metric ?? null) !== null);
  if (names.length === 1 && !isByName(written)) return [list(written)];
  if (Array.isArray(written)) {
    // Before Keras 3, a plain list was for every output.
    const isForAll = kerasVersion < 3 && !written.some(Array.isArray);
    if (isForAll || written.length === 0) return names.map(() => list(written));
  }
  return eachOutput('metrics', written, names).map(list);
}

function metricsOf(model: tfl.LayersModel, { outputs }: CompilePlan): unknown {
  const [first] = outputs;
  if (outputs.length === 1) return first!.metrics;
  const names = model.outputNames;
  if (new Set(names).size < names.length && outputs.some(({ metrics }) => metrics.length > 0)) {
    cannotHave('each output must have a name of its own for its metrics', names);
  }
  return Object.fromEntries(outputs.map(({ metrics }, i) => [names[i], metrics]));
}

/**
 * Puts losses of ours where one of TensorFlow.js told which labels to take; what a model is saved
 * with is the loss itself then, and no name.
 */
function exchangeLosses(
  model: tfl.LayersModel,
  inner: tfl.LayersModel,
  { outputs }: CompilePlan,
): void {
  for (const { loss } of outputs) {
    if (loss.ours && loss.stock === 'sparseCategoricalCrossentropy') markAsTakingClasses(loss.ours);
  }
  const exchanged = (losses: unknown[]) => outputs.map(({ loss }, i) => loss.ours ?? losses[i]);
  inner.lossFunctions = exchanged(inner.lossFunctions) as typeof inner.lossFunctions;
  model.loss = inner.loss = onlyOrAll(exchanged([model.loss].flat())) as typeof model.loss;
}
