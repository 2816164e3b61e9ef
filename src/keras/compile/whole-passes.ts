/**
 * Metrics whose value over many batches is not the mean of their values over each, such as precision:
 * `evaluate`, and an epoch of `fit`, tell them over all samples, as Keras does. TensorFlow.js takes
 * means alone.
 */
import { tf, tfl } from '../../foundation/tensorflow.js';
import type { Metric, SummedMetric } from './metrics.js';

/** Over which samples a metric is summed. */
type Pass = 'train' | 'test';

const states = new WeakMap<Metric, WholePasses>();

/** A metric, and what it has summed up. */
class WholePasses {
  readonly #metric: SummedMetric;
  readonly #sums = new Map<Pass, tf.Tensor1D | null>();

  constructor(metric: SummedMetric) {
    this.#metric = metric;
  }

  /** The value over the pass so far; over the batch alone where nobody has begun one. */
  value(yTrue: tf.Tensor, yPred: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const batch = this.#metric.sums(yTrue, yPred);
      const pass = this.#sums.has('test') ? 'test' : 'train';
      const soFar = this.#sums.get(pass);
      if (soFar === undefined) return this.#metric.result(batch);
      const sums = soFar === null ? batch : (tf.add(soFar, batch) as tf.Tensor1D);
      this.#sums.set(pass, tf.keep(sums.clone() as tf.Tensor1D));
      soFar?.dispose();
      return this.#metric.result(sums);
    });
  }

  begin(pass: Pass): void {
    this.end(pass);
    this.#sums.set(pass, null);
  }

  /** The value over the whole pass; undefined of one without samples. */
  result(pass: Pass): tf.Scalar | undefined {
    const sums = this.#sums.get(pass);
    return sums ? (tf.tidy(() => this.#metric.result(sums)) as tf.Scalar) : undefined;
  }

  end(pass: Pass): void {
    this.#sums.get(pass)?.dispose();
    this.#sums.delete(pass);
  }
}

/** A metric for `compile`, by a name; {@link measureWholePasses} makes the model use it as one. */
export function wholePassMetric(metric: SummedMetric): Metric {
  const passes = new WholePasses(metric);
  const compute: Metric = (yTrue, yPred) => passes.value(yTrue, yPred);
  states.set(compute, passes);
  return compute;
}

/** What the types of a model hide. */
interface Loops {
  metricsTensors: [Metric, number][];
  getDedupedMetricsNames(): string[];
  fitLoop(...settings: unknown[]): Promise<unknown>;
  testLoop(...settings: unknown[]): tf.Scalar[];
  fitDataset(dataset: unknown, settings: DatasetSettings): Promise<unknown>;
  evaluateDataset(...settings: unknown[]): Promise<tf.Scalar | tf.Scalar[]>;
}

type Callback = InstanceType<typeof tfl.CustomCallback>;

interface DatasetSettings {
  callbacks?: object | object[];
  yieldEvery?: ConstructorParameters<typeof tfl.CustomCallback>[1];
}

/** Where fitLoop has its callbacks. */
const CALLBACKS = 6;

/**
 * From now on, the metrics of the model that are made for it are those of whole passes.
 *
 * @param model Itself, not the Sequential around it.
 */
export function measureWholePasses(model: tfl.LayersModel): void {
  const loops = model as unknown as Loops;
  const { fitLoop, testLoop, fitDataset, evaluateDataset } = loops;
  loops.testLoop = (...settings) => {
    begin(loops, 'test');
    try {
      return exchange(loops, testLoop.apply(loops, settings));
    } finally {
      end(loops, 'test');
    }
  };
  loops.evaluateDataset = async (...settings) => {
    begin(loops, 'test');
    try {
      const values = await evaluateDataset.apply(loops, settings);
      return Array.isArray(values) ? exchange(loops, values) : values;
    } finally {
      end(loops, 'test');
    }
  };
  loops.fitLoop = async (...settings) => {
    const callbacks = [eachEpoch(loops), ...((settings[CALLBACKS] as Callback[]) ?? [])];
    const others = Object.assign([...settings], { [CALLBACKS]: callbacks });
    try {
      return await fitLoop.apply(loops, others);
    } finally {
      end(loops, 'train');
    }
  };
  loops.fitDataset = async (dataset, settings) => {
    const { callbacks = {}, yieldEvery } = settings;
    // As TensorFlow.js does with what it is given.
    const given = [callbacks].flat().map((callback) => {
      const isWhole = typeof (callback as Partial<Callback>).setModel === 'function';
      return isWhole ? callback : new tfl.CustomCallback(callback as object, yieldEvery);
    });
    const all = { ...settings, callbacks: [eachEpoch(loops), ...given] };
    try {
      return await fitDataset.call(loops, dataset, all);
    } finally {
      end(loops, 'train');
    }
  };
}

/** Begins each epoch anew, and tells its value to the callbacks behind this one. */
function eachEpoch(loops: Loops): Callback {
  const onEpochBegin = () => begin(loops, 'train');
  const onEpochEnd = async (_epoch: number, logs?: Record<string, number>) => {
    const names = loops.getDedupedMetricsNames();
    for (const [passes, i] of passesOf(loops)) {
      const value = passes.result('train');
      if (value === undefined || logs === undefined) continue;
      logs[names[i + 1]!] = (await value.data())[0]!;
      value.dispose();
    }
  };
  return new tfl.CustomCallback({ onEpochBegin, onEpochEnd } as object, 'never');
}

function passesOf({ metricsTensors }: Loops): [WholePasses, number][] {
  return metricsTensors.flatMap(([metric], i): [WholePasses, number][] => {
    const passes = states.get(metric);
    return passes ? [[passes, i]] : [];
  });
}

function begin(loops: Loops, pass: Pass): void {
  for (const [passes] of passesOf(loops)) passes.begin(pass);
}

function end(loops: Loops, pass: Pass): void {
  for (const [passes] of passesOf(loops)) passes.end(pass);
}

/** The values of a pass, those of our metrics in place of means. Losses come first. */
function exchange(loops: Loops, values: tf.Scalar[]): tf.Scalar[] {
  const first = values.length - loops.metricsTensors.length;
  for (const [passes, i] of passesOf(loops)) {
    const value = passes.result('test');
    if (value === undefined) continue;
    values[first + i]!.dispose();
    values[first + i] = value;
  }
  return values;
}
