/** Gradients that are clipped before an optimizer takes them, as Keras clips them. */
import { reject } from '../../foundation/errors.js';
import { requireKnownOptions } from '../../foundation/option-checks.js';
import { tf } from '../../foundation/tensorflow.js';
import { fusedAvailable } from '../../kernels/bridge/register.js';
import { clipByNorm } from '../../kernels/optimizers/clip-by-norm.js';
import { clipByNormComposed } from '../../kernels/optimizers/clip-by-norm-composed.js';
import { type Gradients, namedGradients } from './named-gradients.js';
import { applyGradients } from './optimizers.js';

/** How gradients are clipped: by one of these, as in Keras. */
export interface GradientClipping {
  /** The gradient of each weight is scaled down to this norm at most. */
  clipNorm?: number | undefined;
  /** Each value of a gradient is kept between this and its negative. */
  clipValue?: number | undefined;
  /** All gradients together are scaled down to this norm at most. */
  globalClipNorm?: number | undefined;
}

const OPTIONS = ['clipNorm', 'clipValue', 'globalClipNorm'] as const;

type Named = { name: string; tensor: tf.Tensor }[]; // null for a weight without a gradient

const clippings = new WeakMap<tf.Optimizer, GradientClipping>();

/** What an optimizer clips by; undefined if it does not. */
export function clippingOf(optimizer: tf.Optimizer): GradientClipping | undefined {
  return clippings.get(optimizer);
}

/** Throws unless at most one of the options is a positive number. */
export function requireClipping(where: string, clipping: GradientClipping | undefined): void {
  requireKnownOptions(where, clipping, OPTIONS);
  const given = OPTIONS.filter((name) => clipping?.[name] !== undefined);
  for (const name of given) {
    const value = clipping![name]!;
    if (typeof value === 'number' && value > 0) continue;
    reject({
      where,
      expected: `${name} must be a positive number`,
      received: value,
      remedy: 'Leave it out to take gradients as they are.',
    });
  }
  if (given.length < 2) return;
  reject({
    where,
    expected: 'gradients can be clipped in one way only',
    received: given,
    remedy: `Keep one of ${OPTIONS.join(', ')}.`,
    see: 'conflicting-options',
  });
}

/**
 * The optimizer, which clips gradients from now on. Models that are saved with it name another
 * class, so that nobody trains on without the clipping unknowingly.
 */
export function withClipping<Optimizer extends tf.Optimizer>(
  optimizer: Optimizer,
  clipping: GradientClipping | undefined,
): Optimizer {
  if (!OPTIONS.some((name) => clipping?.[name] !== undefined)) return optimizer;
  const { applyGradients: apply } = optimizer;
  const className = optimizer.getClassName();
  const settings = optimizer.getConfig.bind(optimizer);
  clippings.set(optimizer, clipping!);
  optimizer.applyGradients = (gradients: Gradients) => {
    tf.tidy(() => applyGradients(optimizer, clip(gradients, clipping!), apply));
  };
  optimizer.getClassName = () => `${className}WithClipping`;
  optimizer.getConfig = () => ({ ...settings(), ...(clipping as Record<string, number>) });
  return optimizer;
}

function clip(gradients: Gradients, { clipValue, ...norms }: GradientClipping): Named {
  const named = namedGradients(gradients);
  const present = named.flatMap(({ gradient }) => (gradient ? [gradient] : []));
  const clipped = clipValue
    ? present.map((gradient) => tf.clipByValue(gradient, -clipValue, clipValue))
    : clippedByNorm(present, norms);
  let next = 0;
  return named.map(({ name, gradient }) => ({
    name,
    tensor: gradient && clipped[next++],
  })) as Named;
}

function clippedByNorm(
  gradients: readonly tf.Tensor[],
  { clipNorm, globalClipNorm }: GradientClipping,
): tf.Tensor[] {
  if (gradients.length === 0) return [];
  const clipTo = fusedAvailable() ? clipByNorm : clipByNormComposed;
  return clipNorm === undefined
    ? clipTo(gradients, globalClipNorm!, 'all')
    : clipTo(gradients, clipNorm, 'each');
}
