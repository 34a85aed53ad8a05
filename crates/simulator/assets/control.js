// Calls of the control API.

import { word } from './words.js';

/** Calls the control API; an error says why it refused, or that it cannot be reached. */
export const ask = async (method, path, body) => {
  const request = fetch(`/control/${path}`, {
    method,
    headers: body ? { 'content-type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  });
  const response = await request.catch(() => {
    throw new Error(word('unreachable'));
  });
  const text = await response.text();
  if (!response.ok) throw new Error(JSON.parse(text).error);
  return text === '' ? null : JSON.parse(text);
};
