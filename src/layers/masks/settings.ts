/** Which layers can be told what masks do there. */
import type { tfl } from '../../foundation/tensorflow.js';
import type { FollowsMasks } from './mask-rule.js';
import type { MaskedOutputs } from './masked-outputs.js';

type Layer = tfl.layers.Layer;

/** Whether a layer of tf.layers, or one of ours, has `zeroOutputForMask`. */
export function hasMaskedOutputs(
  layer: tfl.layers.Layer,
): layer is tfl.layers.Layer & MaskedOutputs {
  return 'zeroOutputForMask' in layer;
}

/** Whether a layer has a `maskRule`. */
export function followsMasks(layer: Layer): layer is Layer & FollowsMasks {
  return 'maskRule' in layer;
}
