import { spawnSync } from 'node:child_process';

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
