/** What a reader of the reference wants to do. */
interface Task {
  task: string;
  line: string;
  /** Folders and files of src/. What is new in one of them is in its task; of two that match, the longer one counts. */
  from: readonly string[];
}

export const TASKS: readonly Task[] = [
  {
    task: 'Preprocess',
    line: 'From texts and series to numbers, to the last index as Keras does it.',
    from: ['src/preprocessing/'],
  },
  {
    task: 'Build a network',
    line: 'Layers that go where those of `tf.layers` went.',
    from: ['src/layers/', 'src/kernels/'],
  },
  {
    task: 'Take a whole model',
    line: 'Classifiers, the four topologies, translation, text, forecasts, streams.',
    from: ['src/models/'],
  },
  {
    task: 'Train',
    line: 'Optimizers, schedules, losses, splits, callbacks, batches, the state of a training.',
    from: ['src/training/', 'src/layers/optimizers/', 'src/layers/losses/'],
  },
  {
    task: 'Look inside',
    line: 'Gates, gradients, health, what each word contributed, and charts of all of it.',
    from: ['src/inspect/'],
  },
  {
    task: 'Read data, write files',
    line: 'Reviews, folders of texts, CSV, checkpoints. With `tfjs-recurrent/node` beside it: in Node only.',
    from: ['src/datasets/', 'src/files/', 'src/models/saving/'],
  },
  {
    task: 'Exchange with Keras',
    line: 'Models and vocabularies from Python, and to Python.',
    from: ['src/keras/'],
  },
  {
    task: 'Train in a worker',
    line: 'A page that stays responsive.',
    from: ['src/training/worker/'],
  },
  {
    task: 'Predict without TensorFlow.js',
    line: 'Exports of `tfjs-recurrent/predict`, a small entry of its own.',
    from: ['src/predict.ts'],
  },
  {
    task: 'Get ready, and what is thrown',
    line: 'The kernels before their first use, and the errors.',
    from: ['src/kernels/bridge/ready.ts', 'src/foundation/'],
  },
];

/** The task of what a file of src/ exports. */
export function taskOf(file: string): string | undefined {
  const matches = TASKS.flatMap(({ task, from }) =>
    from.filter((start) => file.startsWith(start)).map((start) => ({ task, start })),
  );
  return matches.sort((a, b) => b.start.length - a.start.length)[0]?.task;
}
