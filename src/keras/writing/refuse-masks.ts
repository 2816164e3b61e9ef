/** What saveKerasModel says where a mask would do something else in Keras 3. */
import { reject } from '../../foundation/errors.js';
import type { tfl } from '../../foundation/tensorflow.js';
import type { Term } from './mask-terms.js';

/** A layer in messages: its name, with those of the models around it, and its class. */
export interface MaskPlace {
  where: string;
  path: string;
  layer: tfl.layers.Layer;
}

const WITHOUT = 'Leave maskZero or the Masking layer out';

export function refuseMask(
  { where, path, layer }: MaskPlace,
  expected: string,
  remedy: string,
): never {
  return reject({
    where,
    expected: `${path} (${layer.getClassName()}) ${expected}`,
    remedy,
    see: 'not-in-keras',
  });
}

/** Of a layer that leaves masked steps out, here or in Keras, but not the same. */
export function refuseOtherMask(place: MaskPlace, here: Term | null, keras: Term | null): never {
  if (keras === null) {
    return refuseMask(
      place,
      'leaves masked steps out, while Keras 3 would give it no mask',
      `${WITHOUT}, or move this layer.`,
    );
  }
  if (here === null) {
    return refuseMask(
      place,
      'counts all steps, while Keras 3 would leave the masked ones out',
      `${WITHOUT}, or move this layer.`,
    );
  }
  return refuseMask(
    place,
    'is given another mask than Keras 3 would give it',
    `${WITHOUT} from all inputs that are joined but one.`,
  );
}

/** Of a layer in front of which Keras 3 does something with a mask that is done nowhere here. */
export function refuseMaskedLayer(place: MaskPlace): never {
  return refuseMask(
    place,
    'is given a mask, with which Keras 3 would compute something else',
    `${WITHOUT}, or move this layer.`,
  );
}

/** Of a Bidirectional whose steps are zeros in Keras. */
export function refuseBidirectional(place: MaskPlace): never {
  return refuseMask(
    place,
    'returns sequences of a masked input, for which Keras 3 would give zeros where here the last step is repeated',
    'Give its layer zeroOutputForMask: true, let it return its last output alone, or put another ' +
      'recurrent layer behind it.',
  );
}

/** Of a recurrent layer with states, whose first steps are masked. */
export function refuseFirstSteps(place: MaskPlace): never {
  return refuseMask(
    place,
    'repeats its initial state as long as steps are masked, for which Keras 3 would give zeros',
    "Give it zeroOutputForMask: 'untilFirst', which is what Keras 3 does.",
  );
}

/** Of a Bidirectional that gives zeros where it returns no sequence. */
export function refuseZeroedLast(place: MaskPlace): never {
  return refuseMask(
    place,
    'gives zeros where the last step is masked, for which Keras 3 would give the step before',
    'Leave zeroOutputForMask out of its layer.',
  );
}

/** Of a model that TensorFlow.js runs, and a layer that its mask or its states get to by mistake. */
export function refuseLeak(place: MaskPlace, what: string): never {
  return refuseMask(
    place,
    `is given ${what} of another layer by TensorFlow.js, which Keras does not do`,
    'Build the model with a layer of this library in it, which keeps each to its own.',
  );
}
