/** The gates of a network over the words of a text. */
import * as tf from '@tensorflow/tfjs-core';
import { gateChart } from 'tfjs-recurrent';
import { say } from '../page/language.js';
import { numbersOf, type Piece } from '../read/pieces.js';
import type { Reader } from '../read/reader.js';

const NAMES = [
  'inputGate',
  'forgetGate',
  'outputGate',
  'updateGate',
  'resetGate',
  'candidate',
  'cellState',
  'hiddenState',
] as const;

// Narrower, and neither cells nor words could be told apart.
const CELL = 16;
const AROUND = 190; // names and numbers beside the cells
const SMALLEST = 340;

const select = document.querySelector<HTMLSelectElement>('#gate')!;
const place = document.querySelector<HTMLElement>('#gates-chart')!;
let offered = '';
const note = document.querySelector<HTMLElement>('#gates-note')!;

/** Draws the gates; offers those that the network has. */
export function showGates(reader: Reader, pieces: readonly Piece[]): void {
  const numbers = numbersOf(pieces, reader.length);
  const trace = numbers.length > 0 ? reader.trace(pieces) : null;
  note.textContent = '';
  if (!trace) {
    place.textContent = say(numbers.length > 0 ? 'gatesNotHere' : 'gatesNone');
    return;
  }
  offer(NAMES.filter((name) => name in trace));
  const words = numbers.map(({ piece }) => pieces[piece]!.text);
  const width = Math.max(SMALLEST, Math.min(place.clientWidth, 900), AROUND + CELL * words.length);
  const gate = select.value;
  place.innerHTML = gateChart(trace, {
    words,
    width,
    ...(gate ? { gate } : {}),
    title: select.selectedOptions[0]!.textContent!,
  });
  note.textContent = say('gatesNote', { read: words.length });
  tf.dispose(Object.values(trace));
}

/** The gate that is shown; none for all of them. */
export const chosenGate = (): string => select.value;

/** Chooses a gate, and calls back when a visitor does. */
export function chooseGate(gate: string, onChange: () => void): void {
  offer(NAMES);
  if ((NAMES as readonly string[]).includes(gate)) select.value = gate;
  select.addEventListener('change', onChange);
}

function offer(names: readonly (typeof NAMES)[number][]): void {
  const options = [['', say('gatesAll')], ...names.map((name) => [name, say(name)])] as const;
  const next = JSON.stringify(options);
  if (next === offered) return; // with each key
  offered = next;
  const before = select.value;
  select.replaceChildren(...options.map(([name, text]) => new Option(text, name)));
  select.value = before;
  if (select.selectedIndex < 0) select.value = '';
}
