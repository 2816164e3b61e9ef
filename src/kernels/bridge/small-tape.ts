/**
 * A tape of its own for operations of others: TensorFlow.js records what they are, and the way back is
 * gone when its gradient arrives, not at once as `tf.grad` does. Between two layers that know their
 * gradients, one that does not is such an island.
 */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { keepBeyondTape } from './activations.js';

/** An operation as the engine of TensorFlow.js records it. */
interface Recorded {
  kernelName: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  saved: tf.Tensor[];
  gradient?(dys: (tf.Tensor | null)[]): Record<string, () => tf.Tensor>;
}

/** What the types of the engine hide. */
interface Recorder {
  state: { activeTape: Recorded[] | null };
  startTape(): void;
  endTape(): void;
}

/** What {@link record} returns. */
export interface Recording<Outputs> {
  outputs: Outputs;
  /**
   * What comes back to `sources`, null where nothing does. For the only time.
   *
   * @param flowing Of each output its gradient, or null.
   */
  gradients(
    flowing: readonly (readonly [output: tf.Tensor, gradient: tf.Tensor | null])[],
    sources: readonly tf.Tensor[],
  ): (tf.Tensor | null)[];
  /** Gives back what the gradient would have needed, where nobody will ask for it. */
  release(): void;
}

/**
 * Runs `body` and records its operations. No other tape may be on; inside `tf.tidy`.
 *
 * @param body Returns tensors in any container.
 */
export function record<Outputs>(body: () => Outputs): Recording<Outputs> {
  const engine = tf.engine() as unknown as Recorder;
  engine.startTape();
  let outputs: Outputs;
  let tape: Recorded[] = [];
  let releaseKernels = () => {};
  const release = () => {
    releaseKernels();
    for (const { saved } of tape) for (const tensor of saved) tensor.dispose();
    tape = [];
  };
  let isDone = false;
  try {
    outputs = body();
    isDone = true;
  } finally {
    tape = engine.state.activeTape!;
    releaseKernels = keepBeyondTape(tape);
    engine.endTape();
    engine.state.activeTape = null;
    if (!isDone) release();
  }
  return {
    outputs,
    release,
    gradients(flowing, sources) {
      try {
        return walkBack(tape, flowing, sources);
      } finally {
        release();
      }
    },
  };
}

function walkBack(
  tape: readonly Recorded[],
  flowing: readonly (readonly [tf.Tensor, tf.Tensor | null])[],
  sources: readonly tf.Tensor[],
): (tf.Tensor | null)[] {
  // What depends on a source: the way back goes nowhere else.
  const reached = new Set(sources.map(({ id }) => id));
  const onTheWay = tape.filter(({ inputs, outputs }) => {
    const depends = Object.values(inputs).some(({ id }) => reached.has(id));
    if (depends) for (const { id } of outputs) reached.add(id);
    return depends;
  });
  const gradients = new Map<number, tf.Tensor>();
  const flow = (to: tf.Tensor, gradient: tf.Tensor) => {
    const before = gradients.get(to.id);
    gradients.set(to.id, before ? tf.add(before, gradient) : gradient);
  };
  for (const [output, gradient] of flowing) if (gradient) flow(output, gradient);
  for (const { kernelName, inputs, outputs, gradient } of onTheWay.reverse()) {
    const dys = outputs.map(({ id }) => gradients.get(id) ?? null);
    if (dys.every((dy) => dy === null)) continue;
    if (!gradient) {
      reject({
        where: 'fit',
        expected: `TensorFlow.js has no gradient of its kernel ${kernelName}`,
        remedy: 'Compute it otherwise, or give it one by tf.registerGradient.',
        see: 'unsuitable-model',
      });
    }
    const back = gradient(dys);
    for (const [name, input] of Object.entries(inputs)) {
      if (reached.has(input.id) && name in back) flow(input, tf.tidy(back[name]!));
    }
  }
  return sources.map(({ id }) => gradients.get(id) ?? null);
}
