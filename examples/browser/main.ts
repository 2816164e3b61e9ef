/// <reference types="vite/client" />
/** The page: what its parts say to each other. */
import '@tensorflow/tfjs-backend-cpu';
import { enableProdMode, setBackend } from '@tensorflow/tfjs-core';
import { ready, registerLayers } from 'tfjs-recurrent';
import { chooseGate, chosenGate, showGates } from './gates/gates-view.js';
import { prepareOwnModel, takeDropped } from './own/own-model.js';
import { readAddress, writeAddress } from './page/address.js';
import { listenForDrops } from './page/drop.js';
import { type Language, language, languageOf, say, speak } from './page/language.js';
import { keepOffline } from './page/offline.js';
import { loadFirstReader } from './read/first-reader.js';
import { Panel } from './read/panel.js';
import type { Reader } from './read/reader.js';
import { prepareTraining, trainOnArchive } from './train/training-view.js';

const EXAMPLES = [
  'I did not expect much, but this film is a wonderful surprise.',
  'The actors are great and the music is beautiful, yet the story is so boring that I nearly fell asleep.',
  'Not bad at all. Not good either.',
];

const find = <E extends HTMLElement>(id: string) => document.querySelector<E>(`#${id}`)!;
const compare = find<HTMLButtonElement>('compare');
let reader: Reader;
let readerText: (() => string) | undefined;
const shared = readAddress(location.hash);
speak((shared.language as Language | null) ?? languageOf(navigator.language));

// The order counts: texts are there before what reads them has loaded.
const panels = [new Panel(() => settled()), new Panel(() => settled())] as const;
const texts = shared.texts[0] ? shared.texts : [EXAMPLES[1]!];
for (const [i, text] of texts.entries()) panels[i]!.show(text, shared.leftOut[i]);
find('panels').append(panels[0].element);
setComparing(texts.length > 1);
chooseGate(shared.gate, () => settled());
offerExamples();
speakParts();

enableProdMode();
await setBackend('cpu');
await ready();
registerLayers();
const { reader: first, accuracy } = await loadFirstReader();
readBy(first, () => say('readerFirst', { accuracy: (100 * accuracy).toFixed(1) }));
document.documentElement.dataset.ready = 'true';

compare.addEventListener('click', () =>
  setComparing(compare.getAttribute('aria-pressed') !== 'true'),
);
find('language').addEventListener('click', () => {
  speak(language() === 'en' ? 'zh' : 'en');
  chooseGate(chosenGate(), () => settled());
  offerExamples();
  speakParts();
});
find('first-reader').addEventListener('click', () => {
  readBy(first, () => say('readerFirst', { accuracy: (100 * accuracy).toFixed(1) }));
});
prepareTraining((trained) => readBy(trained, () => say('readerTrained')));
prepareOwnModel((opened) => readBy(opened, () => say('readerOpened')));
listenForDrops((files) => {
  if (!takeDropped(files)) trainOnArchive(files);
});
void keepOffline();

function readBy(next: Reader, text: () => string): void {
  reader = next;
  readerText = text;
  find('reader-name').textContent = text();
  find('first-reader').hidden = next === first;
  for (const panel of panels) panel.readBy(next);
}

/** When a text has its reasons: its gates, and the address that leads here. */
function settled(): void {
  showGates(reader, panels[0].pieces);
  const shown = panels.filter(({ element }) => element.isConnected);
  writeAddress({
    texts: shown.map(({ text }) => text),
    leftOut: shown.map(({ leftOut }) => leftOut),
    gate: chosenGate(),
    language: language() === languageOf(navigator.language) ? null : language(),
  });
}

function setComparing(isComparing: boolean): void {
  compare.setAttribute('aria-pressed', String(isComparing));
  const { element, text } = panels[1];
  if (!isComparing) element.remove();
  else {
    if (!text) panels[1].show(panels[0].text);
    find('panels').append(element);
  }
}

function offerExamples(): void {
  find('examples').replaceChildren(
    ...EXAMPLES.map((text, i) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = say('example', { number: i + 1 });
      button.addEventListener('click', () => panels[0].show(text));
      return button;
    }),
  );
}

/** What is not in the document when it speaks. */
function speakParts(): void {
  find('language').textContent = say('other');
  find('language').lang = language() === 'en' ? 'zh' : 'en';
  panels[0].speak(say('review'));
  panels[1].speak(say('otherReview'));
  if (readerText) find('reader-name').textContent = readerText();
}
