/**
 * Which random models a test draws: all in CI, a few elsewhere, and as many as RANDOM_MODELS says, from
 * seed RANDOM_FIRST on. Each seed draws the same model in every run.
 */
export function randomModels({ all, few }: { all: number; few: number }) {
  const { RANDOM_FIRST = 0, RANDOM_MODELS = process.env.CI ? all : few } = process.env;
  return { first: Number(RANDOM_FIRST), count: Number(RANDOM_MODELS) };
}
