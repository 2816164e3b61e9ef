/** Writes the pictures of docs/guide: `npm run guide:figures`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sayIn } from './drawing/language.js';
import { DIAGRAMS } from './figures.js';

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
