import { spawnSync } from 'node:child_process';

/**
 * Which random models a test draws: so many by default, and as many as RANDOM_MODELS says, from seed
 * RANDOM_FIRST on. Each seed draws the same model in every run.
 */
export function randomModels(byDefault: number): { first: number; count: number } {
  const { RANDOM_FIRST = 0, RANDOM_MODELS = byDefault } = process.env;
  return { first: Number(RANDOM_FIRST), count: Number(RANDOM_MODELS) };
}

const ASK = `
from importlib.metadata import version
import sys
sys.exit(0 if int(version("keras").split(".")[0]) >= 3 else 1)
`;

/** A Python in which Keras 3 is installed: `PYTHON` of the environment, else python3; undefined without. */
export function pythonWithKeras(): string | undefined {
  const candidates = [process.env.PYTHON, 'python3'];
  return candidates.find(
    (python) => python && spawnSync(python, ['-c', ASK], { stdio: 'ignore' }).status === 0,
  );
}
