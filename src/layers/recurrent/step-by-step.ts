/** A cell over a sequence, one call a step: for cells that have no kernel. */
import { tf } from '../../foundation/tensorflow.js';
import { type RnnCell, stackOf } from './cells.js';

/** What a cell gives for a sequence. */
export interface SequenceOutputs {
  /** Of the last step. */
  output: tf.Tensor;
  /** [batch, time, …], where it is asked for */
  sequence: tf.Tensor | null;
  /** After the last step. */
  states: tf.Tensor[];
}

interface Settings {
  goBackwards: boolean;
  returnSequences: boolean;
  training: boolean;
}

/**
 * Calls the cell for every step. A masked step keeps the states and repeats the output before it;
 * in front of the first one that is the first state, as in tf.layers.
 *
 * @param x [batch, time, …]
 * @param mask [batch, time], or null
 */
export function stepByStep(
  cell: RnnCell,
  x: tf.Tensor,
  given: readonly (tf.Tensor | null)[] | null,
  mask: tf.Tensor | null,
  { goBackwards, returnSequences, training }: Settings,
): SequenceOutputs {
  const time = x.shape[1]!;
  const sizes = [cell.stateSize].flat();
  let states: tf.Tensor[] = sizes.map((size, i) => given?.[i] ?? tf.zeros([x.shape[0]!, size]));
  const sequence: tf.Tensor[] = [];
  let output = states[0]!;
  forgetMasks(cell);
  try {
    for (let i = 0; i < time; i++) {
      const t = goBackwards ? time - 1 - i : i;
      const input = stepOf(x, t);
      const [next, ...nextStates] = [cell.call([input, ...states], { training })].flat() as [
        tf.Tensor,
        ...tf.Tensor[],
      ];
      const counts = mask && tf.cast(stepOf(mask, t), 'bool');
      const kept = (now: tf.Tensor, before: tf.Tensor) =>
        counts ? tf.where(tf.reshape(counts, [-1, ...ones(now.rank - 1)]), now, before) : now;
      const before = i === 0 && !hasShape(output, next) ? tf.zerosLike(next) : output;
      output = kept(next, before);
      states = nextStates.map((state, k) => kept(state, states[k]!));
      if (returnSequences) sequence.push(tf.expandDims(output, 1));
    }
  } finally {
    forgetMasks(cell);
  }
  return { output, sequence: returnSequences ? tf.concat(sequence, 1) : null, states };
}

const hasShape = (one: tf.Tensor, other: tf.Tensor) => tf.util.arraysEqual(one.shape, other.shape);

const ones = (count: number): number[] => new Array(count).fill(1);

/** Step t of [batch, time, …], without the time. */
function stepOf(x: tf.Tensor, t: number): tf.Tensor {
  const [batch, , ...others] = x.shape;
  const begin = [0, t, ...others.map(() => 0)];
  return tf.reshape(tf.slice(x, begin, [batch!, 1, ...others]), [batch!, ...others]);
}

/** Has the cells of tf.layers draw what they drop anew, once a sequence. */
function forgetMasks(cell: RnnCell): void {
  for (const one of stackOf(cell) ?? [cell]) {
    if ('dropoutMask' in one) {
      const { dropoutMask, recurrentDropoutMask } = one as unknown as Record<
        string,
        tf.Tensor[] | null
      >;
      tf.dispose([...(dropoutMask ?? []), ...(recurrentDropoutMask ?? [])]);
      Object.assign(one, { dropoutMask: null, recurrentDropoutMask: null });
    }
    if (one !== cell) forgetMasks(one);
  }
}
