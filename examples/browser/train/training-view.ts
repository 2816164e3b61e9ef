/** Training in a worker: its form, its curve, and what comes of it. */
import type { io } from '@tensorflow/tfjs-core';
import {
  historyChart,
  SentimentClassifier,
  trainInWorker,
  type WorkerTraining,
} from 'tfjs-recurrent';
import { say } from '../page/language.js';
import { Reader } from '../read/reader.js';
import { beginOwnClasses } from './own-classes.js';
import { planOf, type Source } from './tasks.js';

const find = <E extends HTMLElement>(id: string) => document.querySelector<E>(`#${id}`)!;
const form = find<HTMLFormElement>('train');
const start = find<HTMLButtonElement>('start');
const pause = find<HTMLButtonElement>('pause');
const stop = find<HTMLButtonElement>('stop');
const progress = find<HTMLProgressElement>('progress');
const status = find('train-status');
const chart = find('history');
const trained = find('trained');
const file = find<HTMLInputElement>('archive-file');

let worker: Worker | undefined;
let training: WorkerTraining<io.IOHandler> | undefined;
let classifier: SentimentClassifier | undefined;

/** Makes the form work. `onUse` is given the network that is to read. */
export function prepareTraining(onUse: (reader: Reader) => void): void {
  beginOwnClasses();
  form.addEventListener('change', showSource);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void train();
  });
  pause.addEventListener('click', () => void pauseOrGoOn());
  stop.addEventListener('click', () => training?.stop());
  find('use').addEventListener('click', () => {
    const { model, tokenizer, classNames } = classifier!;
    onUse(new Reader(model, tokenizer, classNames));
    find('panels').scrollIntoView({ behavior: 'smooth' });
  });
  find('download').addEventListener('click', () => void classifier!.save('downloads://classifier'));
  showSource();
}

/** Trains on an archive that was dropped on the page. */
export function trainOnArchive(files: FileList): void {
  file.files = files;
  form.querySelector<HTMLInputElement>('[value=archive]')!.checked = true;
  showSource();
  form.scrollIntoView({ behavior: 'smooth' });
  void train();
}

const source = () => new FormData(form).get('source') as Source;

function showSource(): void {
  find('own-classes').hidden = source() !== 'own';
  find('archive').hidden = source() !== 'archive';
}

async function train(): Promise<void> {
  const began = performance.now();
  try {
    const { task, epochs, texts } = planOf(source(), file.files?.[0]);
    setRunning(true);
    status.textContent = say('preparing');
    worker ??= new Worker(new URL('./train.worker.ts', import.meta.url), { type: 'module' });
    const history: Record<string, number[]> = {};
    training = trainInWorker(worker, task, {
      onProgress: (fraction) => {
        status.textContent = say('reading', { percent: percent(fraction as number) });
      },
      callbacks: {
        onEpochEnd: (epoch, logs = {}) => {
          progress.value = (epoch + 1) / epochs;
          for (const [name, value] of Object.entries(logs)) {
            history[name] = [...(history[name] ?? []), value];
          }
          const accuracy = percent(logs.acc ?? logs.accuracy ?? 0);
          status.textContent = say('training', { epoch: epoch + 1, epochs, accuracy });
          chart.innerHTML = historyChart(history, {
            metric: 'accuracy',
            title: say('historyTitle'),
            ...size(),
          });
        },
      },
    });
    const next = await SentimentClassifier.load(await training.finished);
    classifier?.dispose();
    classifier = next;
    status.textContent = outcome(next, (performance.now() - began) / 1000, texts);
    trained.hidden = false;
  } catch (error) {
    status.textContent = say('failed', { message: (error as Error).message });
  } finally {
    training = undefined;
    setRunning(false);
  }
}

async function pauseOrGoOn(): Promise<void> {
  if (pause.dataset.paused) {
    setPaused(false);
    training?.resume();
    return;
  }
  setPaused(true);
  await training?.pause();
  if (pause.dataset.paused && training) status.textContent = say('paused');
}

function setPaused(isPaused: boolean): void {
  if (isPaused) pause.dataset.paused = 'true';
  else delete pause.dataset.paused;
  pause.textContent = say(isPaused ? 'resume' : 'pause');
}

function setRunning(isRunning: boolean): void {
  start.disabled = isRunning;
  pause.disabled = !isRunning;
  stop.disabled = !isRunning;
  progress.hidden = !isRunning;
  progress.value = 0;
  setPaused(false);
}

/** What the visitor is told at the end. */
function outcome({ history }: SentimentClassifier, took: number, texts: number): string {
  const seconds = took.toFixed(1);
  const last = (history.history.val_acc as number[] | undefined)?.at(-1);
  if (last === undefined) return say('trainedOnly', { seconds });
  // A fifth is set aside, as SentimentClassifier.train does where nothing else is said.
  return say('trainedOn', { seconds, accuracy: percent(last), count: texts / 5 });
}

const percent = (fraction: number) => Math.round(100 * fraction);

const size = () => ({ width: Math.max(300, Math.min(640, chart.clientWidth)), height: 300 });
