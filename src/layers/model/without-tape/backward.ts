/** The way back through the steps of a model. */
import type { tf } from '../../../foundation/tensorflow.js';
import { add as addTensors } from '../../../kernels/merging/elementwise.js';
import type { Together } from '../../../kernels/bridge/together.js';
import type { Flow, Step } from './forward.js';

/** The gradients of weights by their names, to which those of several uses add up. */
export class WayBack {
  readonly weights: Record<string, tf.Tensor> = {};
  readonly #lent: Together;
  // A layer can pass one gradient on to several inputs.
  readonly #holders = new Map<tf.Tensor, number>();

  constructor(lent: Together) {
    this.#lent = lent;
  }

  /** Lets a gradient come back to a tensor. */
  flow(to: Flow, gradient: tf.Tensor): void {
    if (!to.isTrained) return;
    this.#hold(gradient);
    const before = to.gradient;
    if (!before) {
      to.gradient = gradient;
      return;
    }
    to.gradient = addTensors(before, gradient);
    this.#hold(to.gradient);
    this.#leave(before);
    this.#leave(gradient);
  }

  /** Adds to the gradients of weights. */
  gather(weights: Record<string, tf.Tensor>): void {
    for (const [name, gradient] of Object.entries(weights)) {
      const before = this.weights[name];
      this.weights[name] = before ? addTensors(before, gradient) : gradient;
    }
  }

  /** Goes back through all steps; what each keeps is given back. */
  through(steps: readonly Step[]): void {
    for (let i = steps.length - 1; i >= 0; i--) {
      const { inputs, outputs, gradient, release } = steps[i]!;
      const dOutputs = outputs.map((output) => output.gradient);
      if (dOutputs.every((dOutput) => dOutput === null)) {
        release?.();
        continue;
      }
      const flowing = gradient(dOutputs);
      this.gather(flowing.weights);
      inputs.forEach((input, n) => {
        const back = flowing.inputs[n];
        if (back) this.flow(input, back);
      });
      for (const dOutput of dOutputs) if (dOutput) this.#leave(dOutput);
    }
  }

  #hold(gradient: tf.Tensor): void {
    this.#holders.set(gradient, (this.#holders.get(gradient) ?? 0) + 1);
  }

  #leave(gradient: tf.Tensor): void {
    const left = this.#holders.get(gradient)! - 1;
    this.#holders.set(gradient, left);
    if (left === 0) this.#lent.dispose(gradient);
  }
}
