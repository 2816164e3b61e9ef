import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { type Tokenizer, tokenizerFromJson } from 'tfjs-recurrent';
import { fileSystem } from 'tfjs-recurrent/node';
import { UsageError } from '../shared/options.js';
import { exists, saveText } from '../shared/run-folder.js';
import { DATASET_RUN, SAMPLE_RUN, type Settings } from './options.js';

/** A model with the tokenizer that numbers its words: neither is of use without the other. */
export interface Judge {
  model: LayersModel;
  tokenizer: Tokenizer;
}

/** Saves what `--predict` needs. */
export async function saveJudge(out: string, { model, tokenizer }: Judge): Promise<void> {
  // With the optimizer's state, so that the model can be trained on as if it had never stopped.
  await model.save(fileSystem(join(out, 'model')), { includeOptimizer: true });
  await saveText(out, 'tokenizer.json', tokenizer.toJson());
}

/** Loads what {@link saveJudge} saved. */
export async function loadJudge(out: string): Promise<Judge> {
  if (!(await exists(join(out, 'model')))) {
    throw new UsageError(
      `${out} holds no trained model. Train one with \`npm run demo\`, or name its folder with --out.`,
    );
  }
  const model = await loadLayersModel(fileSystem(join(out, 'model')));
  const tokenizer = tokenizerFromJson(await readFile(join(out, 'tokenizer.json'), 'utf8'));
  return { model, tokenizer };
}

/**
 * Makes the folder of a run ready. A new run forgets the checkpoints of the
 * run before it; a resumed run must have the settings it was started with.
 */
export async function openRun(out: string, settings: Settings, resume: boolean): Promise<void> {
  if (resume) await requireSameSettings(out, settings);
  else await rm(join(out, 'checkpoints'), { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await saveText(out, 'settings.json', `${JSON.stringify(settings, null, 2)}\n`);
}

async function requireSameSettings(out: string, settings: Settings): Promise<void> {
  const file = join(out, 'settings.json');
  if (!(await exists(file))) {
    throw new UsageError(`${out} holds no run to go on with. Start one without --resume.`);
  }
  const before = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) {
    // More epochs than at first are a longer run, not another one.
    if (name === 'epochs' || before[name] === value) continue;
    throw new UsageError(
      `--resume needs the settings that the run was started with: ${name} was ` +
        `${JSON.stringify(before[name])} and is ${JSON.stringify(value)} now.`,
    );
  }
}

/** The run that `--predict` means when no folder is named: the one that was trained last. */
export async function latestRun(): Promise<string> {
  const times = await Promise.all([SAMPLE_RUN, DATASET_RUN].map(modelTime));
  return (times[1] ?? 0) > (times[0] ?? 0) ? DATASET_RUN : SAMPLE_RUN;
}

const modelTime = (out: string): Promise<number> =>
  stat(join(out, 'result.json')).then(
    (found) => found.mtimeMs,
    () => 0,
  );
