/** What `npx tfjs-recurrent` does. */
import { parseArgs } from 'node:util';
import { RecurrentError } from '../foundation/errors.js';
import { tf } from '../foundation/tensorflow.js';
import { convertModel, type Conversion } from './convert.js';

const USAGE = `Usage: tfjs-recurrent convert IN OUT

Converts a model between the files of Keras and those of TensorFlow.js. IN and OUT are one of
  model.keras                 the file of Keras 3
  model.h5                    the whole model in one HDF5 file, as Keras 2 saves it
  model.json+weights.h5       model.to_json() and model.save_weights('weights.h5');
                              model.json alone stands for model.json+model.h5
  a folder                    model.json and weights of TensorFlow.js, as fileSystem(folder) saves them

Before OUT is written, it is read again and predicts on random input what IN predicts.

Options
  --force      write over an OUT that exists
  --no-check   do not compare predictions
  --no-compile leave loss, optimizer and metrics behind, which files of Keras hold
  --max-output-size N
               how many values a layer may give for one sample; 134217728 if left out
  --help       print this

Exit codes: 0 converted, 1 not converted, 2 not called as above.
`;

const USAGE_ERROR = 2;

/** Where a command prints to. */
export interface Streams {
  out: (text: string) => void;
  error: (text: string) => void;
}

const STREAMS: Streams = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
};

/**
 * Runs the command line.
 *
 * @param words What follows the name of the command.
 * @returns The exit code.
 */
export async function command(words: string[], { out, error }: Streams = STREAMS): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(words);
  } catch (problem) {
    error(`tfjs-recurrent: ${(problem as Error).message}\n\n${USAGE}`);
    return USAGE_ERROR;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    out(USAGE);
    return 0;
  }
  const [name, input, output, ...rest] = positionals;
  if (name !== 'convert' || input === undefined || output === undefined || rest.length > 0) {
    error(
      `tfjs-recurrent: expected convert IN OUT, received ${words.join(' ') || 'nothing'}.\n\n${USAGE}`,
    );
    return USAGE_ERROR;
  }
  // The cpu backend greets whoever uses it, which does not belong among the lines of a command.
  tf.env().set('PROD', true);
  try {
    const size = values['max-output-size'];
    const conversion = await convertModel(input, output, {
      force: values.force ?? false,
      check: !values['no-check'],
      compile: !values['no-compile'],
      maxOutputSize: size === undefined ? undefined : Number(size),
    });
    if (conversion.warning !== undefined) error(`${conversion.warning}\n`);
    out(report(conversion));
    return 0;
  } catch (problem) {
    if (!(problem instanceof RecurrentError)) throw problem;
    error(`${problem.message}\n`);
    return 1;
  }
}

function parse(words: string[]) {
  return parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      force: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      'max-output-size': { type: 'string' },
      'no-check': { type: 'boolean' },
      'no-compile': { type: 'boolean' },
    },
  });
}

function report({ from, to, model, difference, inputs }: Conversion): string {
  const layers = model.layers
    .map(({ name, className, parameters }) => {
      return `         ${name.padEnd(28)} ${className.padEnd(22)} ${parameters.toLocaleString('en')}\n`;
    })
    .join('');
  const checked =
    difference === undefined
      ? 'not checked'
      : `checked  ${inputs} random inputs through both: the largest difference is ${shortly(difference)}`;
  return (
    `read     ${from.path} (${from.format}): ${model.className} ${model.name}, ` +
    `${model.parameters.toLocaleString('en')} parameters\n${layers}` +
    `${checked}\nwritten  ${to.path} (${to.format}, ${to.bytes.toLocaleString('en')} bytes)\n`
  );
}

function shortly(difference: number): string {
  return difference === 0 ? '0' : difference.toExponential(1);
}
