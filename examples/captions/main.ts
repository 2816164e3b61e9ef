import { runAskedExample } from '../shared/run-example.js';
import { describeScene, runCaptions } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runAskedExample({ help: HELP, readOptions, train: runCaptions, answer: describeScene });
