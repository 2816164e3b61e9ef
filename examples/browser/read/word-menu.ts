/** What can be done with a word: leave it out, put it back, replace it. */
import { say } from '../page/language.js';
import type { Piece } from './pieces.js';

const menu = document.querySelector<HTMLElement>('#word-menu')!;
const form = menu.querySelector('form')!;
const replacement = menu.querySelector<HTMLInputElement>('#replacement')!;
const leaveOut = menu.querySelector<HTMLButtonElement>('#leave-out')!;

/** What to do when one of them is chosen. */
export interface Choices {
  replace(text: string): void;
  leaveOut(isOut: boolean): void;
}

/** Opens the menu under the button of a word. */
export function openWordMenu(button: HTMLButtonElement, piece: Piece, choices: Choices): void {
  const close = () => {
    menu.hidePopover();
    button.focus();
  };
  replacement.value = piece.text;
  leaveOut.textContent = say(piece.leftOut ? 'putBack' : 'leaveOut');
  form.onsubmit = (event) => {
    event.preventDefault();
    close();
    choices.replace(replacement.value.trim());
  };
  leaveOut.onclick = () => {
    close();
    choices.leaveOut(!piece.leftOut);
  };
  menu.showPopover();
  const place = button.getBoundingClientRect(),
    { width, height } = menu.getBoundingClientRect();
  const below = place.bottom + 6,
    fits = below + height < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
  menu.style.top = `${fits ? below : Math.max(8, place.top - height - 6)}px`;
  replacement.select();
}
