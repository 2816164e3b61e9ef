/** The architecture of a model, whichever Keras has written it, as layers and their calls. */
import { readFunctional } from './functional.js';
import type { Call, TensorReference } from './inbound-nodes.js';
import type { InputPlan } from './input-layers.js';
import type { Reading } from '../settings/layer-maker.js';
import type { LayerPlan } from './layer-plan.js';
import type { MaskOperation } from './mask-operations.js';
import { isObject, type JsonObject, property } from '../read-json.js';
import { refuseArchitecture } from './refuse-architecture.js';
import { readSequential } from './sequential.js';

/** One use of a layer. */
export interface CallPlan extends Call {
  layer: LayerPlan;
  /** The how many-th use of the layer it is, from 0. */
  node: number;
  /** Whether the layer is not to see the mask of its input, as masks.ts finds. */
  unmasked?: boolean;
}

export interface Architecture {
  name: string;
  sequential: boolean;
  inputs: InputPlan[];
  /** In the order of the file, without the inputs. */
  layers: LayerPlan[];
  /** Every one after those that it takes its inputs from. */
  calls: CallPlan[];
  outputs: TensorReference[];
  /** What the masks in the file are made of. */
  operations: MaskOperation[];
}

/** What is known of a model before its settings are read. */
export interface ModelPlace {
  name: string;
  /** Its name with those of the models around it, for messages. */
  path: string;
  /** Whether it is inside another one, which may say what goes in. */
  isInner: boolean;
  reading: Reading;
}

const FUNCTIONAL = ['Model', 'Functional'];

/**
 * Reads what `model.to_json()` returns in Keras 2.1 to 3.
 *
 * @param reading How it is read.
 * @param inner Of a model inside a model: its name and where it is.
 * @throws RecurrentError naming the first layer that cannot be loaded, before anything is built.
 */
export function readArchitecture(
  model: JsonObject,
  reading: Reading,
  inner?: { name: string; path: string },
): Architecture {
  const bare = property(model, 'class_name') === undefined && 'layers' in model;
  const { class_name: className, config } = bare ? withClass(model) : model;
  const placeOf = (byDefault: string): ModelPlace => {
    const written = isObject(config) ? property(config, 'name') : undefined;
    const name = inner?.name ?? (typeof written === 'string' ? written : byDefault);
    return { name, path: inner?.path ?? name, isInner: inner !== undefined, reading };
  };
  if (className === 'Sequential') {
    // Before Keras 2.2.3 the layers were all there was.
    const layers = Array.isArray(config) ? config : layersOf(config);
    const builtFor = isObject(config) ? property(config, 'build_input_shape') : undefined;
    return readSequential(placeOf('sequential'), layers, builtFor);
  }
  if (FUNCTIONAL.includes(className as string)) {
    return readFunctional(placeOf('model'), layersOf(config), config as JsonObject);
  }
  refuseArchitecture(
    'the model must be Sequential or functional',
    className,
    'Models written as a class of their own cannot be loaded.',
  );
}

/** What `model.get_config()` returns, which does not name the class of the model. */
function withClass(config: JsonObject): JsonObject {
  return { class_name: 'input_layers' in config ? 'Functional' : 'Sequential', config };
}

function layersOf(config: unknown): unknown[] {
  const layers = isObject(config) ? property(config, 'layers') : undefined;
  if (Array.isArray(layers)) return layers;
  refuseArchitecture('the architecture must list its layers', layers);
}
