// The phone's keyboard: it takes height from the app's page, as Android's does. The keys are a picture;
// the computer's own keyboard writes.

import { make } from './dom.js';

const ROWS = {
  letters: ['qwertyuiop', 'asdfghjkl', '⇧zxcvbnm⌫'],
  numbers: ['123', '456', '789', '*0#'],
};

const screen = document.querySelector('.phone-screen');
const keyboard = document.querySelector('#keyboard');
const keys = keyboard.querySelector('.phone-keys');

/** Shows the keyboard of this kind; null hides it. */
export const showKeyboard = (kind) => {
  const isShown = Object.hasOwn(ROWS, kind);
  keyboard.hidden = !isShown;
  screen.toggleAttribute('data-keyboard', isShown);
  if (!isShown) return;
  const rows = kind === 'letters' ? [...ROWS.letters, ['?123', ',', ' ', '.', '⏎']] : ROWS.numbers;
  keys.dataset.kind = kind;
  keys.replaceChildren(
    ...rows.map((row) => make('div', {}, ...[...row].map((key) => make('kbd', { 'data-key': key }, key)))),
  );
};

keyboard.querySelector('button').addEventListener('click', () => showKeyboard(null));
