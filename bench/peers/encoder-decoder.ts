/** Ours, an encoder-decoder with Luong's attention: `encoder-decoder.ts <backend> <threads> [wide]`. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { createEncoderDecoder, type EncoderDecoder, ready } from 'tfjs-recurrent';
import { missing, serve, timed } from './protocol.js';

const [backend, threads, wide] = process.argv.slice(2);
if (!(await tf.setBackend(backend!).catch(missing))) missing(`no backend ${backend}`);
await ready({
  threads: threads === 'auto' ? 'auto' : Number(threads),
  wideVectors: wide === 'wide',
});

interface Sizes {
  units: number;
  embeddingDim: number;
  source: { vocabularySize: number; length: number };
  target: { vocabularySize: number; length: number };
}

let model: EncoderDecoder;

await serve(
  { node: process.version, 'tfjs-core': tf.version_core },
  {
    build: (sizes: Sizes) => {
      model = createEncoderDecoder({ ...sizes, attention: 'luong', seed: 1 });
      return { parameters: model.model.countParams() };
    },
    /** One pass over batches of what is to be written in reverse; the loss is that of the whole pass. */
    fit: async ({ sources, batch }: { sources: number[][]; batch: number }) => {
      const targets = sources.map((tokens) => tokens.slice(0, 11).reverse());
      const [ms, { history }] = await timed(() =>
        model.fit({ sources, targets }, { epochs: 1, batchSize: batch }),
      );
      return { ms: ms / Math.ceil(sources.length / batch), loss: history.loss![0] };
    },
    one: async ({ source, count }: { source: number[]; count: number }) => {
      const times: number[] = [];
      for (let i = 0; i < count; i++) {
        const [ms] = await timed(() => model.generate(source));
        times.push(ms);
      }
      return { ms: times };
    },
  },
);
