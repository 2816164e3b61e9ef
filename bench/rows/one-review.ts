/**
 * One review: text in, probability out.
 *
 *     npx tsx bench/rows/one-review.ts --data PATH --python PATH [--node24 PATH]
 */
import { Bench, runRow } from '../harness/bench.js';
import type { Contestant } from '../harness/contestant.js';
import { inTurn, median } from '../harness/in-turn.js';
import { ratio } from '../harness/row.js';
import { requireClose } from '../harness/same.js';

const COUNT = 100;
const KERAS_COUNT = 10;
const WARM_UP = 2;

const bench = new Bench('one-review', { rounds: 9, needsData: true });
await runRow(bench, async () => {
  const { folder } = await bench.inputs();
  const ours = await bench.oursOnEachNode();
  const pytorch = await bench.peer('PyTorch, the model alone', 'pytorch_peer.py');
  const onnx = await bench.peer('ONNX Runtime, the model alone', 'onnxruntime_peer.py');
  const keras = await bench.peer('Keras, text in', 'keras_peer.py');
  for (const contestant of [...ours, pytorch, onnx, keras])
    await contestant?.ask('load', { folder });

  const found = new Map<string, number[]>();
  const turn = (contestant: Contestant, operation: string, name: string, count = COUNT) => ({
    name,
    run: async (round: number) => {
      const start = ((round + WARM_UP) * count) % 900;
      const { ms, probabilities } = await contestant.ask<{ ms: number[]; probabilities: number[] }>(
        operation,
        { start, count },
      );
      if (round === -WARM_UP) found.set(name, probabilities.slice(0, KERAS_COUNT));
      return median(ms);
    },
  });
  const turns = [
    ...ours.flatMap((contestant) => [
      turn(contestant, 'one', `${contestant.name}, SentimentClassifier`),
      turn(contestant, 'oneDirect', `${contestant.name}, model.predict`),
    ]),
    ...(pytorch ? [turn(pytorch, 'one', pytorch.name)] : []),
    ...(onnx ? [turn(onnx, 'one', onnx.name)] : []),
    ...(keras ? [turn(keras, 'one', keras.name, KERAS_COUNT)] : []),
  ];
  const entries = await inTurn(turns, bench.rounds, WARM_UP);

  const of = (name: string) => entries.find((entry) => entry.name === name);
  const classifier = of(`${ours[0]!.name}, SentimentClassifier`)!;
  const direct = of(`${ours[0]!.name}, model.predict`);
  const target = { relation: 'at most', value: 0.5 } as const;
  bench.finish({
    title: 'One review',
    method:
      `The median of ${COUNT} different real test reviews (Keras: ${KERAS_COUNT}) in each round. ` +
      'Ours from the text: `SentimentClassifier.predict`, which also takes HTML out, and the same ' +
      'by hand with `Tokenizer`, `padSequences` and `model.predict`. Keras from the text: ' +
      '`texts_to_sequences`, `pad_sequences` and `model.predict`. PyTorch and ONNX Runtime have ' +
      'the numbers already and compute the model alone.',
    tables: [{ title: '', unit: 'ms a review', entries }],
    verdicts: [
      { what: classifier.name, value: median(classifier.rounds), unit: 'ms', target },
      ...(direct ? [{ what: direct.name, value: median(direct.rounds), unit: 'ms' }] : []),
      ...ratio('SentimentClassifier : Keras', classifier, keras && of(keras.name)),
      ...ratio('SentimentClassifier : PyTorch alone', classifier, pytorch && of(pytorch.name)),
      ...ratio('SentimentClassifier : ONNX Runtime alone', classifier, onnx && of(onnx.name)),
    ],
    checks: [
      requireClose(
        'probabilities',
        [...found].map(([name, values]) => ({ name, values })),
        1e-4,
      ),
    ],
  });
});
