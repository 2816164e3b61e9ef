/** The second half of a step without a tape: the same samples, perturbed where the words are vectors. */
import type { tf, tfl } from '../../../foundation/tensorflow.js';
import type { Together } from '../../../kernels/bridge/together.js';
import { perturb } from '../../../kernels/merging/perturb.js';
import type { Perturbation } from '../adversarial/perturbation.js';
import { lossWeightsOf } from '../loss-weights.js';
import type { Batch } from '../total-loss.js';
import type { WayBack } from './backward.js';
import { type Flow, flowOf, type Step, WayForward } from './forward.js';
import { lossesOfOutputs, type OutputLoss, sumOf } from './losses.js';

export class PerturbedHalf {
  readonly #back: WayBack;
  readonly #step: Step;
  readonly #perturbation: Perturbation;
  readonly #gradient: Step['gradient'];
  /** What comes back to the vectors from both halves. */
  readonly #both: Flow;
  #moved: tf.Tensor | null = null;

  /** @param step That of the embedding, whose gradient waits for that of the second half. */
  constructor(back: WayBack, step: Step, perturbation: Perturbation) {
    this.#back = back;
    this.#step = step;
    this.#perturbation = perturbation;
    this.#gradient = step.gradient;
    const [embedded] = step.outputs as [Flow];
    this.#both = { ...embedded, gradient: null, isTrained: true };
    step.gradient = ([direction]) => {
      this.#moved = perturb(embedded.value, direction!, perturbation.epsilon);
      back.flow(this.#both, direction!);
      return { inputs: [], weights: {} };
    };
  }

  /** Trains on the perturbed samples, once the first half has come back to the words; returns the loss. */
  train(lent: Together, model: tfl.LayersModel, batch: Batch): tf.Scalar {
    const forward = new WayForward(lent);
    const losses: OutputLoss[] = [];
    try {
      const moved: Flow = { ...this.#both, value: this.#moved!, gradient: null };
      const given = [moved, ...batch.inputs.map(flowOf)];
      const outputs = forward.through(this.#perturbation.behind, given);
      for (const output of outputs) output.value = lent.handOver(output.value);
      lossesOfOutputs(lent, model, outputs, batch, losses);
      const total = lent.outside(() => sumOf(losses, lossWeightsOf(model), []));
      losses.forEach((loss, i) => {
        const gradient = loss.gradient();
        if (gradient) this.#back.flow(outputs[i]!, gradient);
      });
      this.#back.through(forward.steps);
      if (moved.gradient) this.#back.flow(this.#both, moved.gradient);
      this.#back.gather(this.#gradient([this.#both.gradient]).weights);
      return total;
    } catch (error) {
      forward.release();
      for (const loss of losses) loss.release?.();
      this.#step.release?.();
      throw error;
    }
  }
}
