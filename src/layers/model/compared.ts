/** What the losses and metrics of a compiled model compare with its outputs. */
import { tfl } from '../../foundation/tensorflow.js';
import { lossOf } from '../losses/fused-losses.js';

/** What one of them takes as labels of an output. */
export interface Compared {
  /** Its name in messages. */
  what: string;
  /** Labels in the shape of the output, or numbers of classes; unknown of functions of others. */
  kind: 'values' | 'classes' | 'unknown';
  output: number;
}

const SPARSE = ['sparseCategoricalCrossentropy', 'sparseCategoricalAccuracy'];

// They mean one thing or another by the loss.
const BY_LOSS = ['accuracy', 'acc', 'crossentropy', 'ce'];

/** The name of a loss or metric of TensorFlow.js that was given by name or as a function. */
function nameOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  return Object.entries(tfl.metrics).find(([, metric]) => metric === given)?.[0];
}

// Functions that stand for the first of them.
const takingClasses = new WeakSet<object>();

/** Makes a function known as a loss whose labels are numbers of classes. */
export function markAsTakingClasses(loss: object): void {
  takingClasses.add(loss);
}

function takesClasses(loss: unknown): boolean {
  return nameOf(loss) === SPARSE[0] || takingClasses.has(Object(loss));
}

/** Of each loss, an output each, and of each metric. */
export interface Comparisons {
  losses: Compared[];
  metrics: Compared[];
}

// By what a model was compiled with.
const known = new WeakMap<object, Comparisons>();

/** What a compiled model compares. */
export function comparisonsOf(model: tfl.LayersModel): Comparisons {
  const { lossFunctions, outputs } = model;
  const before = known.get(lossFunctions);
  if (before) return before;
  const comparisons = {
    losses: outputs.map((_, output) => comparedByLoss(model, output)),
    metrics: outputs.flatMap((_, output) =>
      metricsOf(model, output).map((metric) => comparedByMetric(model, output, metric)),
    ),
  };
  known.set(lossFunctions, comparisons);
  return comparisons;
}

function comparedByLoss(model: tfl.LayersModel, output: number): Compared {
  const loss = lossOf(model, output);
  const name = nameOf(loss);
  if (takesClasses(loss)) return { what: `loss ${name ?? SPARSE[0]}`, kind: 'classes', output };
  if (name === undefined) return { what: 'loss', kind: 'unknown', output };
  return { what: `loss ${name}`, kind: SPARSE.includes(name) ? 'classes' : 'values', output };
}

/** What compile was told for an output. */
function metricsOf({ metrics, outputNames }: tfl.LayersModel, output: number): unknown[] {
  if (metrics == null) return [];
  const given = metrics as unknown;
  const isByName = typeof given === 'object' && !Array.isArray(given);
  const ofOutput = isByName ? (given as Record<string, unknown>)[outputNames[output]!] : given;
  return [ofOutput ?? []].flat();
}

function comparedByMetric(model: tfl.LayersModel, output: number, metric: unknown): Compared {
  const name = nameOf(metric);
  if (name === undefined) return { what: 'metric', kind: 'unknown', output };
  const isOne = model.outputs[output]!.shape.at(-1) === 1;
  const isByClass = BY_LOSS.includes(name)
    ? !isOne && takesClasses(lossOf(model, output))
    : SPARSE.includes(name);
  return { what: `metric ${name}`, kind: isByClass ? 'classes' : 'values', output };
}
