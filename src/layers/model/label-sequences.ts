/** Labels that are sequences of their own length, which TensorFlow.js would measure by the output. */
import type { tfl } from '../../foundation/tensorflow.js';
import { ctc } from '../losses/ctc.js';
import { lossOf } from '../losses/fused-losses.js';

/** What the types of a compiled model hide. */
interface Compiled {
  /** Of labels: [null, …], an entry an output. */
  feedOutputShapes: (number | null)[][];
}

/** Has a model that was compiled with `losses.ctc` take labels [batch, any]. */
export function takeLabelSequences(model: tfl.LayersModel): void {
  const { feedOutputShapes: shapes } = model as unknown as Compiled;
  for (let output = 0; output < shapes.length; output++) {
    if (lossOf(model, output) === ctc) shapes[output] = [null, null];
  }
}
