/** The pieces of a text as buttons, coloured by what they contribute. */
import { say } from '../page/language.js';
import type { Piece } from './pieces.js';

/** Draws the pieces without colours, those from before kept where they can be. */
export function drawWords(
  into: HTMLElement,
  pieces: readonly Piece[],
  onChoose: (place: number, button: HTMLButtonElement) => void,
): void {
  while (into.children.length > pieces.length) into.lastElementChild!.remove();
  while (into.children.length < pieces.length) {
    const button = document.createElement('button');
    const place = into.children.length;
    button.type = 'button';
    button.addEventListener('click', () => onChoose(place, button));
    into.append(button);
  }
  pieces.forEach((piece, place) => {
    const button = into.children[place] as HTMLButtonElement;
    if (button.textContent !== piece.text) {
      button.textContent = piece.text;
      button.style.removeProperty('--strength');
    }
    button.classList.toggle('unknown', piece.indices.length === 0);
    button.classList.toggle('left-out', piece.leftOut);
  });
}

/** Colours them. */
export function colourWords(
  into: HTMLElement,
  pieces: readonly Piece[],
  contributions: readonly number[],
): void {
  const most = Math.max(...contributions.map(Math.abs), 1e-6);
  pieces.forEach((piece, place) => {
    const button = into.children[place] as HTMLButtonElement;
    const contribution = contributions[place]!;
    button.style.setProperty('--strength', (Math.abs(contribution) / most).toFixed(3));
    button.classList.toggle('for', contribution > 0);
    button.classList.toggle('against', contribution < 0);
    const sign = contribution > 0 ? '+' : '';
    const told = say(tells(piece), {
      word: piece.text,
      contribution: sign + contribution.toFixed(2),
    });
    button.title = told;
    button.setAttribute('aria-label', told);
  });
}

function tells({ indices, leftOut }: Piece) {
  if (leftOut) return 'tellsLeftOut';
  return indices.length === 0 ? 'tellsUnknown' : 'tells';
}
