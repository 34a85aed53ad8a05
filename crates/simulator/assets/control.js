// Calls of the control API.

import { currentLanguage } from './language.js';
import { sentence, word } from './words.js';

/** An error for a reader, in the language `lang`. */
class ControlError extends Error {
  constructor({ text, lang }) {
    super(text);
    this.lang = lang;
  }
}

/** Calls the control API; an error says why it refused, or that it cannot be reached. */
export const ask = async (method, path, body) => {
  const request = fetch(`/control/${path}`, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const response = await request.catch(() => {
    throw new ControlError({ text: word('unreachable'), lang: currentLanguage() });
  });
  const text = await response.text();
  if (!response.ok) throw new ControlError(sentence(JSON.parse(text).error));
  return text === '' ? null : JSON.parse(text);
};
