// Imported by every instrumented example: keeps what each site prints, and
// writes it down as JSON when the process ends.
import { writeFileSync } from 'node:fs';
import { format } from 'node:util';

const printed = {};
let current = 'elsewhere';

const keep = (site, args) => {
  printed[site] ??= [];
  printed[site].push(format(...args));
};
console.log = (...args) => keep(current, args);

/** Takes the place of `console.log` at a site. */
export function __log(site) {
  return (...args) => keep(site, args);
}

/** Runs a call that prints through console.log somewhere inside. */
export function __at(site, call) {
  current = site;
  try {
    return call();
  } finally {
    current = 'elsewhere';
  }
}

process.on('exit', () => writeFileSync(process.env.EXAMPLE_OUTPUT, JSON.stringify(printed)));
