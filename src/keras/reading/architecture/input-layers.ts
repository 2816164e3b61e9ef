/** The inputs of a model: its InputLayers, or what its first layer says of them. */
import { isObject, type JsonObject, property } from '../read-json.js';
import { refuseArchitecture } from './refuse-architecture.js';

type Shape = (number | null)[];

/** An input of a model. */
export interface InputPlan {
  name: string;
  /** With the batch; null is any size. Of a model inside a model it may be left to the call. */
  shape: Shape | undefined;
  dtype: 'float32' | 'int32' | 'bool';
}

export function isInput(layer: unknown): layer is JsonObject {
  return isObject(layer) && property(layer, 'class_name') === 'InputLayer';
}

const DTYPES: Readonly<Record<string, InputPlan['dtype']>> = {
  bool: 'bool',
  float32: 'float32',
  int32: 'int32',
  int64: 'int32',
};

export function readInput(layer: JsonObject, parent: string): InputPlan {
  const config = property(layer, 'config');
  const settings = isObject(config) ? config : {};
  const name = property(settings, 'name') ?? property(layer, 'name');
  const path = `${parent}/${String(name)} (InputLayer)`;
  if (typeof name !== 'string') refuseArchitecture(`${path} must have a name`, name);
  for (const kind of ['sparse', 'ragged']) {
    if (property(settings, kind))
      refuseArchitecture(`${path} is ${kind}, which TensorFlow.js cannot be`);
  }
  const dtype = property(settings, 'dtype') ?? 'float32';
  const known = typeof dtype === 'string' ? property(DTYPES, dtype) : undefined;
  if (known === undefined)
    refuseArchitecture(`${path} must have a dtype of ${Object.keys(DTYPES)}`, dtype);
  const shape = property(settings, 'batch_shape') ?? property(settings, 'batch_input_shape');
  return { name, shape: requireShape(shape, path), dtype: known as InputPlan['dtype'] };
}

export function requireShape(shape: unknown, path: string): Shape {
  const dimension = (size: unknown) =>
    size === null || (Number.isSafeInteger(size) && Number(size) > 0);
  if (Array.isArray(shape) && shape.length > 1 && shape.length <= 6 && shape.every(dimension)) {
    return shape;
  }
  refuseArchitecture(
    `${path} must say the shape of its input, with the batch, as in [null, 300]`,
    shape,
    'Build the model in Keras, by calling it once, and save it again.',
  );
}
