/**
 * From texts to numbers: counting the words of the 25,000 training reviews, and numbering those
 * of all 50,000.
 *
 *     npx tsx bench/rows/tokenizer.ts --data PATH --python PATH [--node24 PATH]
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadImdb } from 'tfjs-recurrent/node';
import { Bench, runRow } from '../harness/bench.js';
import { type Figures, inTurn } from '../harness/in-turn.js';
import { ratio } from '../harness/row.js';
import { requireEqual } from '../harness/same.js';

interface Tokenized {
  fit: number;
  number: number;
  digest: string;
}

const bench = new Bench('tokenizer', { rounds: 5, needsData: true });
await runRow(bench, async () => {
  const ours = await bench.oursOnEachNode();
  const keras = await bench.peer('Keras', 'keras_peer.py');
  const contestants = [...ours, ...(keras ? [keras] : [])];

  const path = join(bench.folder(), 'reviews.json');
  const { train, test } = await loadImdb(bench.data!);
  writeFileSync(path, JSON.stringify({ train: train.texts, test: test.texts }));
  for (const contestant of contestants) await contestant.ask('readTexts', { path });

  const numbering = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  const digests: { name: string; value: string }[] = [];
  const turns = contestants.map((contestant) => ({
    name: contestant.name,
    run: async (round: number) => {
      const { fit, number, digest } = await contestant.ask<Tokenized>('tokenize');
      if (round >= 0) numbering.get(contestant.name)!.push(number);
      digests.push({ name: contestant.name, value: digest });
      return fit;
    },
  }));
  const fitting = await inTurn(turns, bench.rounds);
  const numbered = [...numbering].map(([name, rounds]): Figures => ({ name, rounds }));

  const target = { relation: 'at most', value: 0.2 } as const;
  const compare = (what: string, figures: readonly Figures[]) => {
    const of = (name: string) => figures.find((entry) => entry.name === name);
    return ours.flatMap(({ name }, i) =>
      ratio(`${what}, ${name} : Keras`, of(name), of('Keras'), i === 0 ? target : undefined),
    );
  };
  bench.finish({
    title: 'From texts to numbers',
    method:
      `\`fitOnTexts\` on the ${train.texts.length.toLocaleString('en')} training reviews, then ` +
      '`textsToSequences` on all of both halves, which are in memory already; Keras: ' +
      '`fit_on_texts` and `texts_to_sequences` of the same Tokenizer. A new tokenizer every round.',
    tables: [
      { title: 'fitOnTexts', unit: 'ms', entries: fitting },
      { title: 'textsToSequences', unit: 'ms', entries: numbered },
    ],
    verdicts: [...compare('fitOnTexts', fitting), ...compare('textsToSequences', numbered)],
    checks: [requireEqual('sequences of all reviews', digests)],
  });
});
