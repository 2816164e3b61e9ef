/**
 * Which random models a test draws: so many by default, and as many as RANDOM_MODELS says, from seed
 * RANDOM_FIRST on. Each seed draws the same model in every run.
 */
export function randomModels(byDefault: number): { first: number; count: number } {
  const { RANDOM_FIRST = 0, RANDOM_MODELS = byDefault } = process.env;
  return { first: Number(RANDOM_FIRST), count: Number(RANDOM_MODELS) };
}
