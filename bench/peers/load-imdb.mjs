// Seconds that loadImdb takes in a new process: `node load-imdb.mjs PATH`.
import { loadImdb } from 'tfjs-recurrent/node';

const start = performance.now();
const { train, test } = await loadImdb(process.argv[2]);
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ seconds, reviews: train.texts.length + test.texts.length }));
