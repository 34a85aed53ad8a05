// Explains over the frame why the mini app has not loaded.

import { word } from './phone-words.js';

/** How long the app's page may take until its SDK greets the phone. */
const HELLO_TIMEOUT_MS = 3_000;

/** The page is shown beside its explanation. */
const WARNINGS = new Set(['no_sdk', 'fine']);

/** What to copy, by finding. */
const fixOf = {
  framing_forbidden: `Content-Security-Policy: frame-ancestors ${location.origin}`,
  no_sdk: `<script src="${location.origin}/sdk/stable/gp-container.min.js"></script>`,
};

const explanation = document.querySelector('#explanation');
const part = (name) => explanation.querySelector(`.phone-explanation-${name}`);

let timer;
let attempt = 0;

/** Ends the wait for the greeting, and hides the explanation. */
export const stopWaiting = () => {
  clearTimeout(timer);
  attempt += 1;
  explanation.hidden = true;
};

const explain = async (miniApp) => {
  const current = attempt;
  const response = await fetch(`/control/mini-apps/${encodeURIComponent(miniApp)}/check`);
  const { finding, address, ...facts } = await response.json();
  if (current !== attempt) return;
  const values = { ...facts, address: new URL(address).origin };
  const isWarning = WARNINGS.has(finding);
  explanation.dataset.kind = isWarning ? 'warning' : 'error';
  part('what').textContent = word(finding, values);
  part('do').textContent = word(`${finding}.do`, values);
  part('fix').textContent = fixOf[finding] ?? '';
  part('fact').textContent = facts.header ?? facts.reason ?? facts.to ?? '';
  document.querySelector('#explanation-hide').hidden = !isWarning;
  explanation.hidden = false;
};

/** Explains unless the greeting arrives in time. */
export const waitForHello = (miniApp) => {
  stopWaiting();
  timer = setTimeout(explain, HELLO_TIMEOUT_MS, miniApp);
};

document.querySelector('#explanation-hide').addEventListener('click', stopWaiting);
