import { runAskedExample } from '../shared/run-example.js';
import { runTagging, tagSentence } from './experiment.js';
import { HELP, readOptions } from './options.js';

await runAskedExample({ help: HELP, readOptions, train: runTagging, answer: tagSentence });
