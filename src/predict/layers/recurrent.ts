/** Recurrent layers, and layers.rnn around cells that have kernels. */
import { runForward } from '../../kernels/recurrent/run-forward.js';
import type { Mask, Run, Tensor } from '../run.js';
import { reshaped } from '../run.js';
import type { Weights } from '../weights.js';
import { type CellWeights, type SetCell, setCell } from './cells.js';
import { type ComposedInputs, runComposed } from './composed-cell.js';
import { Layer, lastSize, requireRank, type Settings, type Shape } from './layer.js';
import { withZeros, type ZeroOutput } from './masked-outputs.js';

/** A layer that runs a cell, or a stack of cells, over a sequence. */
export class Recurrent extends Layer {
  readonly settings: Settings;
  readonly cells: readonly SetCell[];
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  zeroOutputForMask: ZeroOutput;
  readonly #weights: CellWeights[] = [];

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.settings = settings;
    if (settings.stateful === true) this.refuse('is stateful, and a predictor keeps no states');
    this.cells = cellsOf(className, settings).map((cell) =>
      setCell(this, cell.className, cell.config),
    );
    this.goBackwards = settings.goBackwards === true;
    this.returnSequences = settings.returnSequences === true;
    this.returnState = settings.returnState === true;
    this.zeroOutputForMask = (settings.zeroOutputForMask ?? false) as ZeroOutput;
  }

  /** How many states all cells have. */
  get states(): number {
    return this.cells.reduce((sum, { facts }) => sum + facts.states, 0);
  }

  /** The weights of each cell. */
  get weights(): readonly CellWeights[] {
    return this.#weights;
  }

  outputShapes([input, ...states]: Shape[]): Shape[] {
    const [batch = null, time = null] = requireRank(this, input, 3);
    if (states.length !== 0 && states.length !== this.states) {
      this.refuse('has a number of initial states that it cannot take', states.length);
    }
    const units = this.cells.at(-1)!.units;
    const output = this.returnSequences ? [batch, time, units] : [batch, units];
    const last = this.cells.toReversed().flatMap(({ facts, units: own }) => {
      return new Array<Shape>(facts.states).fill([batch, own]);
    });
    return this.returnState ? [output, ...last] : [output];
  }

  override build([input]: Shape[], weights: Weights): void {
    let width = lastSize(this, input!);
    for (const cell of this.cells) {
      this.#weights.push(cell.build(this, width, weights));
      width = cell.units;
    }
  }

  call(run: Run, [input, ...initial]: Tensor[], [mask = null]: (Mask | null)[]): Tensor[] {
    const states: Tensor[] = [];
    let x = input!;
    let steps = mask;
    // States of the last cell come first.
    let end = this.states;
    this.cells.forEach(({ facts, setting }, i) => {
      const [initialH, initialC] = initial.slice(end - facts.states, end);
      end -= facts.states;
      const goBackwards = i === 0 && this.goBackwards;
      const returnSequences = i < this.cells.length - 1 || this.returnSequences;
      const inputs = { x, ...this.#weights[i], initialH, initialC };
      const reading = { goBackwards, returnSequences };
      const outputs =
        typeof setting === 'number'
          ? runForward(
              run,
              facts,
              { ...inputs, ...maskOf(run, steps) },
              { ...reading, setting },
              null,
            )
          : runComposed(run, facts, inputs as ComposedInputs, setting, steps, reading);
      states.unshift(...(outputs.slice(0, facts.states) as Tensor[]));
      if (returnSequences) x = outputs[facts.states] as Tensor;
      // What a layer that goes backwards returns begins with the last step.
      if (goBackwards && steps) steps = reversed(steps);
    });
    const output = this.returnSequences ? x : reshaped(states[0]!, states[0]!.shape);
    const zeroed = withZeros(run, output, mask, this.zeroOutputForMask, initial.length > 0, this);
    return this.returnState ? [zeroed, ...states] : [zeroed];
  }

  override masks(_: Run, __: Tensor[], [mask = null]: (Mask | null)[]): (Mask | null)[] {
    return [this.returnSequences ? mask : null];
  }
}

function maskOf(run: Run, mask: Mask | null): { mask?: Tensor } {
  return mask ? { mask: run.tensor(mask.values, mask.shape) } : {};
}

interface CellConfig {
  className: string;
  config: Settings;
}

/** The cells of a layer, as they are saved: of layers.rnn within, of others the layer itself. */
function cellsOf(className: string, settings: Settings): CellConfig[] {
  if (className !== 'RNN') return [{ className, config: settings }];
  const cell = settings.cell as CellConfig;
  if (cell?.className !== 'StackedRNNCells') return [cell ?? { className: 'no cell', config: {} }];
  return cell.config.cells as CellConfig[];
}

function reversed({ values, shape }: Mask): Mask {
  const [batch, time] = shape as [number, number];
  const turned = new Uint8Array(values.length);
  for (let row = 0; row < batch; row++) {
    const steps = values.slice(row * time, (row + 1) * time).reverse();
    turned.set(steps, row * time);
  }
  return { values: turned, shape };
}
