/** What the recurrent layers of this library have in common: tf.layers' classes on our kernels. */
import { tf, type tfl } from '../../foundation/tensorflow.js';
import type { Dropping } from '../../kernels/dropout/dropout-jobs.js';
import type {
  DirectionInputs,
  DirectionSettings,
} from '../../kernels/recurrent/bidirectional-inputs.js';
import type { Cell } from '../../kernels/recurrent/cell.js';
import type { RecurrentInputs } from '../../kernels/recurrent/inputs.js';
import { add as addTensors } from '../../kernels/merging/elementwise.js';
import { recurrentWithGradients } from '../../kernels/recurrent/recurrent.js';
import { type KernelOption, kernelOption } from '../kernel-option.js';
import {
  type MaskedOutputs,
  withMaskedOutputs,
  type ZeroOutputArgs,
} from '../masks/masked-outputs.js';
import { withFastOrthogonal } from '../orthogonal.js';
import { initialRandomState, nextSeed } from './random-state.js';
import { cellObstacle, runCell, weightsOfCell } from './run-cell.js';
import { withoutStates } from '../symbolic-call.js';
import { type CallArguments, type LayerClass, onlyTensor, type StockRecurrent } from '../stock.js';
import type { Given, TrainingCall, TrainsByCall } from '../training-call.js';

/** The members that ours have beyond those of tf.layers. */
export interface FusedLayer extends TrainsByCall, MaskedOutputs {
  readonly kernel: KernelOption;
  /** Where the seeds of the dropout masks stand; part of a checkpoint. */
  randomState: number;
  /** Whether it predicts by the fused kernel, which keeps nothing of single steps in memory. */
  predictsFused(): boolean;
  /** What a call by the fused kernel computes with; takes the seeds of the layer's dropout. */
  fusedCall(training: boolean): FusedCall;
  /** The same layer without weights, where its settings alone do not make one. */
  copyWith?(others: { name: string; goBackwards: boolean }): tfl.layers.Layer;
}

/** A layer's part of a call by the fused kernel. */
export interface FusedCall {
  cell: Cell;
  weights: DirectionInputs;
  settings: DirectionSettings;
}

/** What makes one of them: its name for errors, and its cell as the layer is set. */
export interface RecurrentDefinition<Layer> {
  where: string;
  cellOf(layer: Layer): Cell;
  /** The cell's setting for the kernel, or why there is none for the layer. */
  settingOf(layer: Layer): number | string;
  /** The outputs of a layer whose cell is none of ours; null where it is one. */
  callOther?(
    layer: Layer & FusedLayer,
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: CallArguments,
  ): tf.Tensor | tf.Tensor[] | null;
  /** What trains such a layer; null where its cell is ours, or nothing does but a tape. */
  trainOther?(layer: Layer & FusedLayer): TrainsByCall | null;
}

interface CommonArgs extends ZeroOutputArgs {
  kernel?: KernelOption;
  recurrentInitializer?: unknown;
}

/** The class of a layer that runs a cell of ours in place of the stock one's step. */
export function recurrentLayer<Args extends object, Layer extends StockRecurrent>(
  Stock: LayerClass<Args, Layer>,
  { where, cellOf, settingOf, callOther, trainOther }: RecurrentDefinition<NoInfer<Layer>>,
): LayerClass<Args & CommonArgs, Layer & FusedLayer> {
  const Base = Stock as unknown as LayerClass<object, StockRecurrent>;
  class Recurrent extends Base implements Omit<FusedLayer, keyof MaskedOutputs> {
    readonly kernel: KernelOption;
    randomState = initialRandomState(null);

    constructor({ kernel, ...args }: CommonArgs) {
      super({ ...args, recurrentInitializer: withFastOrthogonal(args.recurrentInitializer) });
      this.kernel = kernelOption(where, kernel);
    }

    override apply(...given: Parameters<tfl.layers.Layer['apply']>) {
      return withoutStates(this, super.apply(...given));
    }

    override call(inputs: tf.Tensor | tf.Tensor[], kwargs: CallArguments): tf.Tensor | tf.Tensor[] {
      return tf.tidy(() => {
        const other = callOther?.(this as unknown as Layer & FusedLayer, inputs, kwargs);
        if (other) return other;
        const training = kwargs?.training ?? false;
        const x = onlyTensor(where, inputs) as tf.Tensor3D;
        const states = kwargs?.initialState ?? (this.stateful ? this.states : null);
        const known = { cell: this.cellKernel(), setting: this.setting() };
        const { sequence, h, c } = runCell(
          where,
          this.kernel,
          this.cell,
          known,
          {
            x,
            ...weightsOfCell(this.cell),
            initialH: (states?.[0] ?? undefined) as tf.Tensor2D | undefined,
            initialC: (states?.[1] ?? undefined) as tf.Tensor2D | undefined,
            mask: stepMask(kwargs?.mask, x),
          },
          this.sequenceSettings(training),
        );
        const last = c ? [h, c] : [h];
        if (this.stateful) this.resetStates(last, training);
        if (!this.returnState) return sequence ?? h;
        // One tensor for two outputs would be disposed by a model when the first is used up.
        return [sequence ?? tf.reshape(h, h.shape), ...last];
      });
    }

    hasTrainingCall(given: Given): boolean {
      const other = this.otherTraining();
      if (other) return other.hasTrainingCall(given);
      const { values } = given;
      const { kernel, stateful } = this;
      if (kernel === 'composed' || stateful || this.obstacle() !== null) return false;
      const states = values.length - 1;
      return states === 0 || states === cellOf(this as unknown as Layer).states;
    }

    trainingCall(given: Given): TrainingCall {
      const other = this.otherTraining();
      if (other) return other.trainingCall(given);
      const {
        values: [x, initialH, initialC],
        mask,
      } = given;
      const weights = weightsOfCell(this.cell);
      const inputs: RecurrentInputs = {
        x: x as tf.Tensor3D,
        ...weights,
        initialH: initialH as tf.Tensor2D | undefined,
        initialC: initialC as tf.Tensor2D | undefined,
        mask: stepMask(mask, x as tf.Tensor3D),
      };
      const settings = { ...this.sequenceSettings(true), setting: this.setting() as number };
      const call = recurrentWithGradients(this.cellKernel(), inputs, settings);
      const { sequence, h, c } = call.outputs;
      const states = this.returnState ? [h, ...(c ? [c] : [])] : [];
      // One tensor is not two outputs.
      const last: tf.Tensor = this.returnState ? tf.reshape(h, h.shape) : h;
      const output = sequence ?? last;
      return {
        outputs: [output, ...states],
        gradient: ([dOutput, dLastH, dC]) => {
          const dh = sequence ? dLastH : sumOf(dOutput, dLastH);
          const d = call.gradients({
            ...(sequence && dOutput && { sequence: dOutput }),
            ...(dh && { h: dh }),
            ...(dC && { c: dC }),
          });
          const named = Object.entries(weights).map(
            ([name, weight]) => [weight.name, d[name]!] as const,
          );
          const inputs = [d.x!, ...(initialH ? [d.initialH!] : [])];
          if (initialC) inputs.push(d.initialC!);
          return { inputs, weights: Object.fromEntries(named) };
        },
        release: call.release,
      };
    }

    private otherTraining(): TrainsByCall | null {
      return trainOther?.(this as unknown as Layer & FusedLayer) ?? null;
    }

    private cellKernel(): Cell {
      return cellOf(this as unknown as Layer);
    }

    private setting(): number | string {
      return settingOf(this as unknown as Layer);
    }

    private sequenceSettings(training: boolean) {
      const { cell, goBackwards, returnSequences } = this;
      return {
        goBackwards,
        returnSequences,
        dropout: this.dropping(training, cell.dropout),
        recurrentDropout: this.dropping(training, cell.recurrentDropout),
      };
    }

    private dropping(training: boolean, rate: number): Dropping | null {
      return training && rate > 0 ? { rate, seed: nextSeed(this) } : null;
    }

    fusedCall(training: boolean): FusedCall {
      const { returnSequences: _, ...settings } = this.sequenceSettings(training);
      const weights = weightsOfCell(this.cell) as FusedCall['weights'];
      const setting = this.setting() as number;
      return { cell: this.cellKernel(), weights, settings: { ...settings, setting } };
    }

    predictsFused(): boolean {
      return this.kernel !== 'composed' && this.obstacle() === null;
    }

    /** Why the fused kernel cannot compute a call, or null. */
    private obstacle(): string | null {
      return cellObstacle({ cell: this.cellKernel(), setting: this.setting() });
    }
  }
  return withMaskedOutputs(where, Recurrent) as unknown as LayerClass<
    Args & CommonArgs,
    Layer & FusedLayer
  >;
}

/** What comes back to one tensor under two names. */
export function sumOf(a: tf.Tensor | null | undefined, b: tf.Tensor | null | undefined) {
  return a && b ? addTensors(a, b) : (a ?? b);
}

/** The mask of the inputs as bool [batch, time]; the masks of initial states play no part. */
export function stepMask(mask: CallArguments['mask'], x: tf.Tensor3D): tf.Tensor2D | undefined {
  const first = Array.isArray(mask) ? mask[0] : mask;
  if (!first) return undefined;
  return tf.cast(tf.reshape(first, [x.shape[0], x.shape[1]]), 'bool') as tf.Tensor2D;
}

/** The setting of cells with gates: 0 for sigmoid, 1 for hardSigmoid, with tanh; or what it is not. */
export function gatesSetting({ cell }: Pick<StockRecurrent, 'cell'>): number | string {
  const activation = cell.activation.getClassName();
  const recurrentActivation = cell.recurrentActivation!.getClassName();
  if (activation !== 'tanh') return `activation is '${activation}'`;
  if (recurrentActivation === 'sigmoid') return 0;
  if (recurrentActivation === 'hardSigmoid') return 1;
  return `recurrentActivation is '${recurrentActivation}'`;
}
