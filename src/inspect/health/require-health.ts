import { reject } from '../../foundation/errors.js';
import type { NetworkHealth } from './network-health.js';

/** Requires what networkHealth returned. */
export function requireHealth(where: string, health: unknown): NetworkHealth {
  const { layers, findings } = Object(health) as Partial<NetworkHealth>;
  if (Array.isArray(layers) && Array.isArray(findings) && layers.length > 0) {
    return health as NetworkHealth;
  }
  const expected = 'health must be what networkHealth returned';
  return reject({ where, expected, received: health });
}
