// Trains one batch of the sample and says when it was done: `node first-batch.mjs CORPUS BACKEND`.
const start = performance.now();
const [corpus, backend] = process.argv.slice(2);
await import(`@tensorflow/tfjs-backend-${backend}`);
const { setBackend, tensor2d } = await import('@tensorflow/tfjs-core');
const { createSentimentLstm, padSequences, Tokenizer } = await import('tfjs-recurrent');
const { readTextDirectory } = await import('tfjs-recurrent/node');
const imports = performance.now() - start;

await setBackend(backend);
const { texts, labels } = await readTextDirectory(`${corpus}/train`);
const tokenizer = new Tokenizer({ numWords: 4000 });
tokenizer.fitOnTexts(texts);
const x = padSequences(tokenizer.textsToSequences(texts), { maxlen: 300 });
const y = tensor2d(labels, [labels.length, 1]);
const model = createSentimentLstm();
await model.fit(x, y, {
  batchSize: 32,
  epochs: 1,
  verbose: 0,
  callbacks: {
    onBatchEnd: async (_, { loss }) => {
      const at = Date.now();
      console.log(JSON.stringify({ at, imports, loss }));
      process.exit();
    },
  },
});
