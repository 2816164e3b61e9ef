/** A recurrent layer over a whole sequence: by its words where it predicts and that is possible, else step by step. */
import type { tf } from '../../foundation/tensorflow.js';
import type { Activations } from '../bridge/activations.js';
import type { Call } from '../bridge/call.js';
import type { CellFacts } from './cell.js';
import { beginForward, forwardPass } from './forward.js';
import { inference } from './inference.js';
import type { RecurrentSettings } from './inputs.js';
import { type Kept, placeOf } from './jobs.js';

/**
 * The last state h, c where the cell has it, and with `returnSequences` h of every step.
 *
 * @param activations Where what a gradient needs is kept, or null.
 */
export function runForward(
  call: Call,
  cell: CellFacts,
  inputs: Record<string, tf.TensorInfo | undefined>,
  settings: RecurrentSettings,
  activations: Activations<Kept> | null,
): tf.TensorInfo[] {
  const [batch, time] = inputs.x!.shape as [number, number, number];
  const units = inputs.kernel!.shape[1]! / cell.blocks;
  const { returnSequences } = settings;
  const h = call.output([batch, units]);
  const c = cell.states === 2 ? call.output([batch, units]) : null;
  const sequence = returnSequences ? call.output([batch, time, units]) : null;
  const place = placeOf(units, h, c, sequence);
  const outputs = [h, c, sequence].flatMap((output) => output?.tensor ?? []);
  const predict = activations ? null : inference(call, cell, inputs, settings, returnSequences);
  if (predict) {
    call.runtime.run('recurrentInference', predict(place));
    return outputs;
  }
  const kept = forwardPass(call, cell, inputs, settings, place, activations, 1);
  beginForward(call, [kept]);
  activations?.set(kept);
  return outputs;
}
