import { runAskedExample } from '../shared/run-example.js';
import { readDigits, runStrokes } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runAskedExample({ help: HELP, readOptions, train: runStrokes, answer: readDigits });
