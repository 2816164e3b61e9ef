/** The settings of one layer in a Keras file, read by name and checked. */
import { type Complaint, reject } from '../../../foundation/errors.js';
import { DEFAULT_SETTINGS } from './default-settings.js';
import type { LayerMaker } from './layer-maker.js';
import { isObject, type JsonObject, property } from '../read-json.js';

/** Where a layer is, for messages, and which Keras wrote it. */
export interface LayerPlace {
  /** The names of the models and layers around it and its own: `sequential/lstm`. */
  path: string;
  className: string;
  /** As keras-version.ts has it. */
  kerasVersion: number;
}

/** Throws with the layer in the message. */
export function refuseLayer(
  { path, className }: Pick<LayerPlace, 'path' | 'className'>,
  problem: Omit<Complaint, 'where'>,
): never {
  const expected = `${path} (${className}) ${problem.expected}`;
  reject({
    where: 'loadKerasModel',
    remedy: 'Change the layer in Keras and save the model again.',
    see: 'unsupported-keras-layer',
    ...problem,
    expected,
  });
}

/** What Keras itself sets where nobody says anything; undefined where that is null or false. */
function defaultsOf(className: string, key: string): readonly unknown[] | undefined {
  for (const name of [className, 'Layer']) {
    const settings = property(DEFAULT_SETTINGS, name);
    const defaults = isObject(settings) ? property(settings, key) : undefined;
    if (Array.isArray(defaults)) return defaults;
  }
  return undefined;
}

/** What says nothing about what a layer computes once it has its weights. */
const MEANINGLESS = [
  ...[
    'name',
    'dtype',
    'trainable',
    'batch_input_shape',
    'batch_shape',
    'input_shape',
    'input_dtype',
  ],
  ...['input_length', 'build_config', 'shared_object_id', 'implementation', 'unroll', 'seed'],
];

const DTYPES = new Set(['float32', 'int32', 'int64', 'bool']);

/**
 * Reads settings with the defaults of Keras. What is never asked for must have its default in
 * Keras or be without meaning: {@link LayerConfig.finish} refuses the rest, since the layer would
 * compute something else than in Keras.
 */
export class LayerConfig {
  readonly place: LayerPlace;
  readonly maker: LayerMaker;
  readonly #settings: JsonObject;
  readonly #asked = new Set(MEANINGLESS);

  constructor(place: LayerPlace, settings: JsonObject, maker: LayerMaker) {
    this.place = place;
    this.maker = maker;
    this.#settings = settings;
    this.#requireDtype();
  }

  refuse(problem: { expected: string; received?: unknown; remedy?: string }): never {
    refuseLayer(this.place, problem);
  }

  /** The value as it stands; undefined when missing. */
  raw(key: string): unknown {
    this.#asked.add(key);
    return property(this.#settings, key);
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  flag(key: string, byDefault: boolean): boolean {
    const value = this.raw(key) ?? byDefault;
    if (typeof value !== 'boolean')
      this.refuse({ expected: `must have a boolean ${key}`, received: value });
    return value;
  }

  number(key: string, byDefault?: number): number {
    const value = this.raw(key) ?? byDefault;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      this.refuse({ expected: `must have a number as ${key}`, received: value });
    }
    return value;
  }

  /** A fraction that is dropped. */
  rate(key: string, byDefault?: number): number {
    const value = this.number(key, byDefault);
    if (value < 0 || value > 1) {
      this.refuse({ expected: `must have a ${key} from 0 to 1`, received: value });
    }
    return value;
  }

  /** A whole number of at least 1. */
  count(key: string, byDefault?: number): number {
    const value = this.number(key, byDefault);
    if (!Number.isSafeInteger(value) || value < 1) {
      this.refuse({ expected: `must have a positive integer as ${key}`, received: value });
    }
    return value;
  }

  /** A count that is written alone or as a list of one, as for one-dimensional windows. */
  countOrList(key: string, byDefault?: number): number {
    const value = this.raw(key);
    if (!Array.isArray(value)) return this.count(key, byDefault);
    const [only] = value;
    if (value.length !== 1 || !Number.isSafeInteger(only) || only < 1) {
      this.refuse({ expected: `must have one positive integer as ${key}`, received: value });
    }
    return only;
  }

  /** Two counts, or one for both, as for two-dimensional windows. */
  pair(key: string, byDefault?: readonly number[]): [number, number] {
    const value = this.raw(key) ?? byDefault;
    const counts = Array.isArray(value) ? value : [value, value];
    const fits = counts.length === 2 && counts.every((n) => Number.isSafeInteger(n) && n > 0);
    if (!fits) this.refuse({ expected: `must have one or two counts as ${key}`, received: value });
    return counts as [number, number];
  }

  choice<Choice extends string>(
    key: string,
    choices: readonly Choice[],
    byDefault?: Choice,
  ): Choice {
    const value = this.raw(key) ?? byDefault;
    if (!choices.includes(value as Choice)) {
      const names = choices.map((choice) => `'${choice}'`).join(' or ');
      this.refuse({ expected: `must have ${names} as ${key}`, received: value });
    }
    return value as Choice;
  }

  /** The seed, where it is a number; Keras 3 may write a generator. */
  seed(): number | undefined {
    const value = this.raw('seed');
    return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
  }

  /** Requires a setting to have the only value that TensorFlow.js computes. */
  only(key: string, allowed: readonly unknown[]): void {
    const value = this.raw(key);
    if (value === undefined || allowed.includes(value)) return;
    this.refuse({
      expected: `has a ${key} that TensorFlow.js has no counterpart for`,
      received: value,
    });
  }

  /** Requires that everything that was not asked for means nothing. */
  finish(): void {
    for (const [key, value] of Object.entries(this.#settings)) {
      if (this.#asked.has(key) || value === null) continue;
      const defaults = defaultsOf(this.place.className, key) ?? [false];
      const written = JSON.stringify(value);
      if (defaults.some((each) => JSON.stringify(each) === written)) continue;
      this.refuse({ expected: `has the unknown setting ${key}`, received: value });
    }
  }

  #requireDtype(): void {
    const dtype = property(this.#settings, 'dtype') ?? 'float32';
    const policy = isObject(dtype) ? property(dtype, 'config') : dtype;
    const name = isObject(policy) ? property(policy, 'name') : policy;
    if (DTYPES.has(name as string)) return;
    this.refuse({
      expected: 'must compute in float32',
      received: name,
      remedy: "Set keras.config.set_dtype_policy('float32') and build the model again.",
    });
  }
}
