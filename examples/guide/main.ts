/** Writes the pictures of docs/guide: `npm run guide:figures`. */
import '@tensorflow/tfjs-backend-cpu';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { enableProdMode } from '@tensorflow/tfjs-core';
import { ready } from 'tfjs-recurrent';
import { sayIn } from './drawing/language.js';
import { DIAGRAMS } from './figures.js';
import { recallCharts } from './recall.js';

const guide = fileURLToPath(new URL('../../docs/guide/', import.meta.url));

for (const [folder, language] of [
  ['figures', 'english'],
  ['zh/figures', 'chinese'],
] as const) {
  mkdirSync(`${guide}${folder}`, { recursive: true });
  for (const [name, draw] of Object.entries(DIAGRAMS)) {
    writeFileSync(`${guide}${folder}/${name}.svg`, draw(sayIn(language)));
  }
}

// Or the cpu backend greets with the advice to install a native one.
enableProdMode();
// Sums are in the order of the shards, and so of the threads.
await ready({ threads: 1 });
for (const [name, chart] of Object.entries(await recallCharts())) {
  writeFileSync(`${guide}figures/${name}.svg`, `${chart}\n`);
}
console.log(`The pictures are in ${guide}figures and ${guide}zh/figures.`);
