/**
 * Layers that Keras has and tf.layers lacks, for models that come from Keras: they pad, crop and repeat
 * steps, and take one input from another.
 */
import { tf, tfl } from '../foundation/tensorflow.js';
import { onlyTensor } from './stock.js';

type Layer = tfl.layers.Layer;
type Tensors = tf.Tensor | tf.Tensor[];
type LayerArgs = ConstructorParameters<typeof tfl.layers.Layer>[0];

/** What a layer with one setting does with it. */
interface StepsDefinition<Setting> {
  className: string;
  /** The name of the setting, in its arguments and where it is saved. */
  setting: string;
  call(x: tf.Tensor3D, setting: Setting): tf.Tensor;
  /** How many steps come out of so many. */
  steps(time: number, setting: Setting): number;
}

type StepsArgs<Setting> = LayerArgs & { setting: Setting };
type StepsClass<Setting> = new (args: StepsArgs<Setting>) => Layer;

/** The class of a layer from [batch, time, columns] to other steps of the same columns. */
function stepsLayer<Setting>(definition: StepsDefinition<Setting>): StepsClass<Setting> {
  const { className, setting: name, call, steps } = definition;
  return class extends tfl.layers.Layer {
    static readonly className = className;
    readonly setting: Setting;

    constructor(args: StepsArgs<Setting>) {
      super(args);
      // Saved models have it under its own name.
      this.setting = args.setting ?? (args as unknown as Record<string, Setting>)[name]!;
    }

    override call(inputs: Tensors): tf.Tensor {
      return tf.tidy(() => call(onlyTensor(className, inputs) as tf.Tensor3D, this.setting));
    }

    override computeOutputShape(shape: tfl.Shape): tfl.Shape {
      const [batch = null, time = null, columns = null] = shape;
      return [batch, time === null ? null : steps(time, this.setting), columns];
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), [name]: this.setting as tf.serialization.ConfigDictValue };
    }
  };
}

/** Steps at the beginning and at the end. */
type Ends = readonly [number, number];

const makers = {
  ZeroPadding1D: () =>
    stepsLayer<Ends>({
      className: 'ZeroPadding1D',
      setting: 'padding',
      call: (x, [before, after]) => tf.pad3d(x, [[0, 0], [before, after], [0, 0]]), // biome-ignore format: short
      steps: (time, [before, after]) => time + before + after,
    }),
  Cropping1D: () =>
    stepsLayer<Ends>({
      className: 'Cropping1D',
      setting: 'cropping',
      call: (x, [before, after]) =>
        tf.slice3d(x, [0, before, 0], [-1, x.shape[1] - before - after, -1]),
      steps: (time, [before, after]) => time - before - after,
    }),
  UpSampling1D: () =>
    stepsLayer<number>({
      className: 'UpSampling1D',
      setting: 'size',
      call(x, size) {
        const [batch, time, columns] = x.shape;
        const repeated = tf.tile(tf.expandDims(x, 2), [1, 1, size, 1]);
        return tf.reshape(repeated, [batch, time * size, columns]);
      },
      steps: (time, size) => time * size,
    }),
};

const classes = new Map<string, StepsClass<never>>();

function classNamed(name: keyof typeof makers): StepsClass<never> {
  const known = classes.get(name) ?? (makers[name]() as StepsClass<never>);
  classes.set(name, known);
  return known;
}

/** A layer that pads or crops steps at both ends. */
export function endsLayer(
  name: 'ZeroPadding1D' | 'Cropping1D',
  args: LayerArgs,
  ends: Ends,
): Layer {
  return new (classNamed(name))({ ...args, setting: ends as never });
}

/** A layer that repeats each step. */
export function upSampling1d(args: LayerArgs, size: number): Layer {
  return new (classNamed('UpSampling1D'))({ ...args, setting: size as never });
}

let subtractClass: (new (args: object) => Layer) | undefined;

/** The first input less the second: the class is that of `tf.layers.add` with another sign. */
function SubtractLayer(): new (args: object) => Layer {
  if (subtractClass) return subtractClass;
  const Add = tfl.layers.add().constructor as unknown as new (args: object) => Layer;
  subtractClass = class extends Add {
    static readonly className = 'Subtract';

    mergeFunction(inputs: tf.Tensor[]): tf.Tensor {
      return tf.tidy(() => tf.sub(inputs[0]!, inputs[1]!));
    }
  };
  return subtractClass;
}

/** A layer that takes its second input from its first. */
export function subtract(args: object): Layer {
  return new (SubtractLayer())(args);
}

type EluClass = new (args: { alpha: number }) => Layer;

let eluClass: EluClass | undefined;

/** x, or alpha·(e^x - 1) below 0: that of tf.layers takes no alpha but 1. */
function EluLayer(): EluClass {
  eluClass ??= class extends tfl.layers.Layer {
    static readonly className = 'ELU';
    readonly alpha: number;

    constructor({ alpha = 1, ...args }: { alpha: number }) {
      super(args);
      this.alpha = alpha;
      this.supportsMasking = true;
    }

    override call(inputs: Tensors): tf.Tensor {
      const x = onlyTensor('ELU', inputs);
      return tf.tidy(() => tf.add(tf.mul(tf.elu(tf.minimum(x, 0)), this.alpha), tf.relu(x)));
    }

    override computeOutputShape(shape: tfl.Shape): tfl.Shape {
      return shape;
    }

    override getConfig(): tf.serialization.ConfigDict {
      return { ...super.getConfig(), alpha: this.alpha };
    }
  };
  return eluClass;
}

/** A layer of the activation elu with any alpha. */
export function elu(args: LayerArgs, alpha: number): Layer {
  return new (EluLayer())({ ...args, alpha });
}

/** All of them, for the registry. */
export function kerasOnlyLayers(): object[] {
  return [...Object.keys(makers).map((name) => classNamed(name as 'UpSampling1D'))];
}
