/** A model of Keras and its words, from files of the visitor. */
import { loadKerasModel, tokenizerFromJson } from 'tfjs-recurrent';
import { say } from '../page/language.js';
import { Reader } from '../read/reader.js';

const status = document.querySelector<HTMLElement>('#own-status')!;
const modelFile = document.querySelector<HTMLInputElement>('#model-file')!;
const wordsFile = document.querySelector<HTMLInputElement>('#tokenizer-file')!;

/** Makes the two inputs work. `onOpen` is given the network that is to read. */
export function prepareOwnModel(onOpen: (reader: Reader) => void): void {
  const open = () => void openBoth(onOpen);
  modelFile.addEventListener('change', open);
  wordsFile.addEventListener('change', open);
}

/** Takes a file that was dropped on the page; whether it is one for here. */
export function takeDropped(files: FileList): boolean {
  const name = files[0]?.name ?? '';
  const input = /\.(h5|hdf5|keras)$/i.test(name)
    ? modelFile
    : /\.json$/i.test(name)
      ? wordsFile
      : null;
  if (!input) return false;
  input.files = files;
  input.dispatchEvent(new Event('change'));
  input.scrollIntoView({ behavior: 'smooth', block: 'center' });
  return true;
}

async function openBoth(onOpen: (reader: Reader) => void): Promise<void> {
  const model = modelFile.files?.[0],
    words = wordsFile.files?.[0];
  if (!model || !words) {
    status.textContent = say(model ? 'ownNeedsWords' : 'ownNeedsModel');
    return;
  }
  try {
    const tokenizer = tokenizerFromJson(await words.text());
    const loaded = await loadKerasModel(new Uint8Array(await model.arrayBuffer()));
    const outputs = loaded.outputs[0]!.shape.at(-1)!;
    const names =
      outputs <= 2
        ? ['negative', 'positive']
        : Array.from({ length: outputs }, (_, i) => String(i));
    onOpen(new Reader(loaded, tokenizer, names));
    status.textContent = say('ownReads');
  } catch (error) {
    status.textContent = say('failed', { message: (error as Error).message });
  }
}
