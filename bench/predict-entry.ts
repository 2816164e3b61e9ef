/**
 * A fresh Node that loads a saved classifier and gives its first verdict: by the entry that only
 * predicts, and by the main one with TensorFlow.js. Of the built package: npm run build.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import { fileSystem, SentimentClassifier } from '../src/node.js';
import { line, spreadOf } from './medians.js';

const RUNS = Number(process.argv[2] ?? 11);
console.log(`npx tsx bench/predict-entry.ts ${RUNS}\nNode ${process.version}`);

const folder = mkdtempSync(join(tmpdir(), 'predict-entry-'));
const texts = ['A warm and funny film.', 'Dull and slow.', 'Funny and wise.', 'A slow mess.'];
const classifier = await SentimentClassifier.train(
  { texts, labels: [1, 0, 1, 0] },
  { vocabularySize: 4000, sequenceLength: 300, epochs: 1, validationSplit: 0 },
);
await classifier.save(fileSystem(folder));

const TOLD = `const { user } = process.cpuUsage();
console.log(JSON.stringify({ wall: performance.now(), user: user / 1000 }));`;
const PROGRAMS: Record<string, string> = {
  'node alone': TOLD,
  'tfjs-recurrent/predict': `import { readFileSync, readdirSync } from 'node:fs';
import { loadPredictor } from 'tfjs-recurrent/predict';
const read = (name) => readFileSync(process.argv[1] + '/' + name);
const json = JSON.parse(read('model.json'));
const weights = json.weightsManifest.flatMap(({ paths }) => paths.map(read));
const predictor = await loadPredictor({ json, weights });
await predictor.predict('A funny film.');
${TOLD}`,
  'tfjs-recurrent/node': `import '@tensorflow/tfjs-backend-cpu';
import { fileSystem, SentimentClassifier } from 'tfjs-recurrent/node';
const classifier = await SentimentClassifier.load(fileSystem(process.argv[1]));
await classifier.predict('A funny film.');
${TOLD}
process.exit();`,
};

const measured = new Map(
  Object.keys(PROGRAMS).map((name) => [name, { wall: [] as number[], user: [] as number[] }]),
);
for (let run = 0; run < RUNS; run++) {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const args = ['--input-type=module', '-e', program, folder];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (!stdout) throw new Error(stderr);
    const { wall, user } = JSON.parse(stdout) as Record<'wall' | 'user', number>;
    measured.get(name)!.wall.push(wall);
    measured.get(name)!.user.push(user);
  }
}
console.log(`${''.padEnd(38)}  median   least    most`);
for (const [name, { wall, user }] of measured) {
  console.log(line(`${name}, ms`, spreadOf(wall)));
  console.log(line(`${name}, ms of the processor`, spreadOf(user)));
}
rmSync(folder, { recursive: true });
