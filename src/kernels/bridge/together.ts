/**
 * Kernels of ours one behind the other, without the engine of TensorFlow.js in between: what it does
 * around each takes longer than most of them.
 */
import { tf } from '../../foundation/tensorflow.js';
import { runtime } from '../../engine/runtime.js';
import type { KernelBackend } from './backends.js';
import { KernelCall } from './tensors.js';

/** Computes outputs from inputs; scratch memory of the call is released afterwards. */
export type Kernel = (
  call: KernelCall,
  inputs: Record<string, tf.TensorInfo>,
  // Each kernel declares its own attributes; the registry does not know them.
  attributes: never,
) => tf.TensorInfo | tf.TensorInfo[];

const kernels = new Map<string, Kernel>();
let shared: KernelCall | null = null;

/** Makes a kernel known to {@link runKernel}. */
export function knowKernel(name: string, kernel: Kernel): void {
  kernels.set(name, kernel);
}

/** Runs a kernel of ours by its name: by the engine, or in the call that {@link together} has begun. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(
  name: string,
  inputs: object,
  attributes: object = {},
): T {
  if (shared === null) {
    return tf
      .engine()
      .runKernel<T>(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  }
  const call = shared;
  const outputs = kernels.get(name)!(call, inputs as never, attributes as never);
  call.close(); // for the next kernel, which finds it in the processor's caches
  return (Array.isArray(outputs) ? outputs.map(tensorOf) : tensorOf(outputs)) as T;
}

// Nobody but the engine looks at the number of a tensor, and it never sees these.
const NO_ID = -1;

function tensorOf({ shape, dtype, dataId }: tf.TensorInfo): tf.Tensor {
  return new tf.Tensor(shape, dtype, dataId, NO_ID);
}

/** What {@link together} lends. */
export interface Together {
  /** Hands a tensor over to the engine, as if it had made it. */
  handOver<T extends tf.Tensor>(tensor: T): T;
  /** Disposes of a tensor before the end. */
  dispose(tensor: tf.Tensor): void;
  /** Runs what others wrote, which may use layers of ours and read what they return. */
  outside<T>(body: () => T): T;
}

/**
 * Runs what `body` runs of our kernels together. It must not be recorded on a tape, and inside
 * `tf.tidy`. Tensors that are made so are for other kernels and for operations of TensorFlow.js,
 * which cannot read their values, and are gone afterwards, except for data that somebody has taken,
 * such as a variable, and those that were handed over.
 */
export function together<T>(body: (lent: Together) => T): T {
  const call = new KernelCall(runtime()!, tf.backend() as unknown as KernelBackend);
  const handed = new Map<tf.Tensor, tf.Tensor>();
  const lent: Together = {
    handOver: (tensor) => {
      if (call.disown(tensor)) {
        handed.set(tensor, tf.engine().makeTensorFromTensorInfo(tensor));
      }
      return (handed.get(tensor) ?? tensor) as typeof tensor;
    },
    dispose: (tensor) => {
      if (call.disown(tensor)) call.backend.disposeData(tensor.dataId);
      // What has no number was handed over, under another one.
      else if (tensor.id !== NO_ID) tensor.dispose();
    },
    outside: (others) => {
      shared = null;
      try {
        return others();
      } finally {
        shared = call;
      }
    },
  };
  shared = call;
  try {
    return body(lent);
  } finally {
    shared = null;
    call.abandon();
    call.close();
  }
}
