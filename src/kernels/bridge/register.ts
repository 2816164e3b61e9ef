/** How kernels of ours are made known to the backends of TensorFlow.js that run them. */
import { reject } from '../../foundation/errors.js';
import { tf } from '../../foundation/tensorflow.js';
import { runtime, runtimeObstacle } from '../../engine/runtime.js';
import { FUSED_BACKENDS, type KernelBackend } from './backends.js';
import { KernelCall } from './tensors.js';
import { type Kernel, knowKernel } from './together.js';

/** Kernels by name, and their gradients. */
export interface Operation {
  kernels: Record<string, Kernel>;
  gradients: tf.GradConfig[];
}

/**
 * Returns a function that registers an operation when it is first called, so that
 * importing this library does nothing by itself.
 */
export function registerKernels(operation: Operation): () => void {
  let registered = false;
  return () => {
    if (registered) return;
    registered = true;
    for (const [kernelName, kernel] of Object.entries(operation.kernels)) {
      knowKernel(kernelName, kernel);
      for (const backendName of FUSED_BACKENDS) {
        tf.registerKernel({ kernelName, backendName, kernelFunc: asKernelFunction(kernel) });
      }
    }
    for (const gradient of operation.gradients) tf.registerGradient(gradient);
  };
}

function asKernelFunction(kernel: Kernel): tf.KernelFunc {
  return ({ inputs, attrs, backend }) => {
    const loaded = runtime();
    if (!loaded) {
      reject({
        where: 'kernels',
        expected: `the fused kernels cannot run, since ${runtimeObstacle()}`,
        remedy: "Build the layers with kernel: 'composed'.",
        see: 'no-fused-kernel',
      });
    }
    const call = new KernelCall(loaded, backend as unknown as KernelBackend);
    try {
      return kernel(call, inputs as Record<string, tf.TensorInfo>, attrs as never);
    } catch (error) {
      call.abandon();
      throw error;
    } finally {
      call.close();
    }
  };
}

/** Refuses the gradient of a gradient kernel, which has none. */
export function rejectSecondDerivative(where: string, remedy: string): never {
  reject({
    where,
    expected: 'the fused kernel has first derivatives only',
    remedy: `For second derivatives, ${remedy}.`,
    see: 'second-derivatives',
  });
}

/** Whether the fused kernels run on the current backend. */
export function fusedAvailable(): boolean {
  return FUSED_BACKENDS.includes(tf.getBackend()) && runtime() !== null;
}

/** Why they do not, as a part of a sentence, or null. */
export function fusedObstacle(): string | null {
  if (fusedAvailable()) return null;
  const backend = tf.getBackend();
  return FUSED_BACKENDS.includes(backend) ? runtimeObstacle() : `the backend is '${backend}'`;
}
