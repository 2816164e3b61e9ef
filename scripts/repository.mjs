// Where the repository lives stands in package.json, in links of the README, which must work
// outside of it, in the messages of errors, and in the files below. `node scripts/repository.mjs https://github.com/name/tfjs-recurrent`
// writes an address into all of them; without one, it refuses what is still a placeholder, so that
// nothing is published with links to nowhere.
import { readFileSync, writeFileSync } from 'node:fs';

const PLACEHOLDER = 'OWNER/tfjs-recurrent';
const files = [
  'package.json',
  'README.md',
  'SECURITY.md',
  'CITATION.cff',
  'src/foundation/errors.ts',
  'examples/browser/index.html',
].map((name) => new URL(`../${name}`, import.meta.url));
const [address] = process.argv.slice(2);

const { repository } = JSON.parse(readFileSync(files[0], 'utf8'));
const [, current] = /github\.com\/(.+)\.git$/.exec(repository.url);

if (address === undefined) {
  if (current === PLACEHOLDER) {
    console.error(
      `package.json, README.md and others name ${current}, a placeholder. ` +
        'Run node scripts/repository.mjs https://github.com/name/tfjs-recurrent first.',
    );
    process.exit(1);
  }
} else {
  const match = /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+?)(\.git)?$/.exec(address);
  if (match === null) {
    console.error(`Expected https://github.com/name/tfjs-recurrent, received ${address}.`);
    process.exit(1);
  }
  for (const file of files) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(current, match[1]));
  }
}
