/** The backends that examples run on. */
export const BACKENDS = ['wasm', 'cpu'] as const;

/** The name of one of {@link BACKENDS}. */
export type Backend = (typeof BACKENDS)[number];
