/// <reference types="vite/client" />
/** Recurrent layers of the built package on the cases of test/golden, in a page. */
import type * as tfl from '@tensorflow/tfjs-layers';
import { layers, ready } from 'tfjs-recurrent';
// The module that the package itself has, of which a test may lower a bound.
import { worthOfAThread } from '../../../dist/kernels/recurrent/layout.js';
import { chooseBackend } from '../../../examples/page/backend.js';
import type { LayerCase } from '../../golden/read.js';
import { repeatRows } from '../../layers/golden-cases.js';
import {
  furthest,
  kernelsOf,
  memoryInUse,
  type RecurrentFactories,
  runGoldenCase,
  sayDifference,
} from '../../layers/run-golden-case.js';

/** How the layers are to be computed. */
export interface Way {
  backend: string;
  threads: number;
  /** How often the rows of each case, so that threads have some to share. */
  repeat: number;
}

/** What a case came to. */
export interface Outcome {
  name: string;
  /** The largest difference, as a share of what is tolerated. */
  worst: number;
  /** One sentence for each array that differs, and for whatever else is not as it should be. */
  complaints: string[];
  /** The kernels that ran forward. */
  kernels: string[];
}

/** What the test calls, once it is there. */
declare global {
  var compareWithKeras: ((cases: LayerCase[], way: Way) => Promise<Outcome[]>) | undefined;
}

globalThis.compareWithKeras = async (cases, { backend, threads, repeat }) => {
  worthOfAThread.multiplyAdds = 0;
  await chooseBackend(backend);
  await ready({ threads });
  const outcomes: Outcome[] = [];
  for (const golden of cases) {
    outcomes.push(await outcomeOf(repeatRows(golden, repeat)));
    // A browser starts threads only while the page has nothing to do.
    await new Promise((resolve) => setTimeout(resolve));
  }
  return outcomes;
};

async function outcomeOf(golden: LayerCase): Promise<Outcome> {
  const factories = factoriesOf(golden);
  const complaints: string[] = [];
  let worst = 0;
  const before = memoryInUse();
  const { initialBias, arrays } = await runGoldenCase(golden, factories);
  if (golden.initial_bias && `${initialBias}` !== `${golden.initial_bias}`) {
    complaints.push(`the biases before training are ${initialBias}`);
  }
  for (const { name, received, keras, ignored } of arrays) {
    if (`${received?.shape}` !== `${keras.shape}`) {
      complaints.push(`${name} has the shape ${received?.shape}`);
      continue;
    }
    const difference = furthest(received!, keras, ignored);
    if (!(difference.size <= difference.tolerance)) {
      complaints.push(sayDifference(name, difference));
    }
    // An array of zeros tolerates nothing.
    if (difference.size !== 0) worst = Math.max(worst, difference.size / difference.tolerance);
  }
  const left = memoryInUse().tensors - before.tensors;
  if (left !== 0) complaints.push(`${left} tensors are left over`);
  const kernels = await kernelsOf(golden, factories);
  return { name: golden.name, worst, complaints, kernels };
}

/** The layer of a case; `lstm` is what the cases call it, whichever it is. */
function factoriesOf({ config }: LayerCase): RecurrentFactories {
  const make = (args: tfl.LSTMLayerArgs): tfl.RNN => {
    const { recurrentActivation, unitForgetBias, ...others } = args;
    if (config.layer === 'SimpleRNN') return layers.simpleRNN(others);
    if (config.layer === 'LSTM') return layers.lstm(args);
    return layers.gru({ ...others, recurrentActivation, resetAfter: config.reset_after });
  };
  return { lstm: make, bidirectional: layers.bidirectional };
}
