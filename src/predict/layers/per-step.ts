/** A layer or a model inside a TimeDistributed, as files of Keras are read: its graph is called for each step. */
import type { Graph } from '../graph.js';
import { Layer, type Settings, type Shape } from './layer.js';

export class PerStep extends Layer {
  readonly inner: Layer | Graph;

  constructor(className: string, settings: Settings) {
    super(className, settings);
    this.inner = settings.layer as Layer | Graph;
  }

  /** Of a model inside, whose shapes are found by walking through it, nobody asks. */
  outputShapes([input]: Shape[]): Shape[] {
    const [batch = null, time = null, ...step] = input!;
    if (step.length === 0) this.refuse('needs an input of 3 dimensions or more', input);
    const [output] = (this.inner as Layer).outputShapes([[batch, ...step]]);
    return [[batch, time, ...output!.slice(1)]];
  }

  call(): never {
    throw new TypeError(`${this.name} is called for each step by its graph`);
  }
}
