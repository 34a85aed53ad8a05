// The phone: the mini app in a frame, and over it the pages that the SDK stand-in has shown.
// A message is accepted by its window and origin, and sent to one origin only.

import { stopWaiting, waitForHello } from './app-check.js';
import { make, render } from './dom.js';
import { showKeyboard } from './phone-keyboard.js';
import { appSettings, chosenSettings, hasKeyboard, localeChosen, onChange } from './phone-settings.js';
import { writeInEachLanguage } from './language.js';
import { word, writeWords } from './phone-words.js';

writeInEachLanguage(() => writeWords(document.querySelector('.phone-column')));

const screen = document.querySelector('.phone-screen');
const home = document.querySelector('#home');
const bar = document.querySelector('.phone-bar');
const title = bar.querySelector('strong');
const closer = document.querySelector('#close');
const opener = document.querySelector('#open');
const backgroundTool = document.querySelector('#background');
const killTool = document.querySelector('#kill');
const query = new URLSearchParams(location.search);

/** The id of the phone's mini app; null for the first. */
export const appId = query.get('app');

let app = document.querySelector('#app');
/** `open`, `background` or `closed`. */
let state = 'closed';
let id = null;
let address = null;
let ownTitle = title.textContent;
let greeted = false;
let shown = null;

const appOrigin = () => new URL(address).origin;
const post = (type, fields) =>
  app.contentWindow.postMessage({ ...fields, type: `gopay-simulator:${type}` }, appOrigin());
const settingsIn = (place) => ({ ...appSettings(), background: place === 'background' });
/** A page that has not greeted has the settings of its frame's name. */
const sendSettings = () => greeted && post('settings', { settings: settingsIn(state) });

/** Applies the fields of `GPNavigationBar.update`; missing ones stay. */
const changeBar = ({ title: text, titleColor, barStyle, backgroundColor, hideBackButton }) => {
  if (text !== undefined) title.textContent = text;
  if (titleColor !== undefined) bar.style.color = titleColor;
  if (backgroundColor !== undefined) bar.style.background = backgroundColor;
  if (barStyle !== undefined) bar.dataset.style = barStyle;
  if (hideBackButton !== undefined) {
    closer.style.visibility = hideBackButton === 'true' ? 'hidden' : '';
  }
};

/** Restores the initial bar. */
const resetBar = () => {
  title.textContent = ownTitle;
  bar.style.color = '';
  bar.style.background = '';
  delete bar.dataset.style;
  closer.style.visibility = '';
};

const hide = () => {
  shown?.frame.remove();
  shown = null;
};

const show = (id, page) => {
  if (!/^\/(sheet|consent|snap\/popup)\?/.test(page)) return;
  hide();
  const frame = document.createElement('iframe');
  frame.className = 'phone-sheet';
  frame.title = 'GoPay';
  frame.addEventListener('load', () => frame.focus());
  frame.src = `${page}&opener=${encodeURIComponent(location.origin)}`;
  screen.append(frame);
  shown = { id, frame };
};

addEventListener('message', ({ source, origin, data }) => {
  if (address === null || typeof data !== 'object' || data === null) return;
  if (source === app.contentWindow && origin === appOrigin()) {
    if (data.type === 'gopay-simulator:hello') {
      // A reloaded page no longer waits for what was shown before.
      hide();
      resetBar();
      showKeyboard(null);
      stopWaiting();
      greeted = true;
      post('welcome');
      sendSettings();
    } else if (data.type === 'gopay-simulator:show') {
      show(data.id, String(data.page));
    } else if (data.type === 'gopay-simulator:bar') {
      changeBar(data.bar);
    } else if (data.type === 'gopay-simulator:keyboard') {
      showKeyboard(hasKeyboard() ? data.keyboard : null);
    }
  } else if (
    source === shown?.frame.contentWindow &&
    origin === location.origin &&
    data.type === 'gopay-simulator:done'
  ) {
    const { id } = shown;
    hide();
    post('done', { id, verdict: data.verdict });
  }
});

/** Shows the app, or the home while it is not open. */
const enter = (next) => {
  state = next;
  const isOpen = state === 'open';
  screen.dataset.app = state;
  app.hidden = !isOpen;
  home.hidden = isOpen;
  showKeyboard(null);
  if (!isOpen) {
    home.querySelector('.phone-hint').textContent = word(`home.${state}`);
    const key = state === 'background' ? 'return' : 'open';
    opener.querySelector('span').textContent = word(key, { name: ownTitle });
  }
  backgroundTool.ariaPressed = String(state === 'background');
  backgroundTool.disabled = state === 'closed';
  killTool.disabled = state === 'closed';
  sendSettings();
};

/** What this page's address says for the app's, where the SDK stand-in reads it. */
const FOR_THE_APP = ['buyer', 'scenario', 'sdk_fault'];

const withSettings = (at) => {
  const next = new URL(at);
  for (const name of FOR_THE_APP) {
    if (query.has(name) && !next.searchParams.has(name)) next.searchParams.set(name, query.get(name));
  }
  return next.href;
};

const open = (at = address) => {
  greeted = false;
  hide();
  resetBar();
  // A frame takes its name, which has the settings, only when it is made.
  const frame = app.cloneNode();
  frame.name = `gopay-simulator ${JSON.stringify(settingsIn('open'))}`;
  frame.src = withSettings(at);
  app.replaceWith(frame);
  app = frame;
  enter('open');
  waitForHello(id);
};

/** The address on the app's own origin; undefined for any other text. */
const ownAddress = (text) => {
  try {
    const link = new URL(text, address);
    return link.origin === appOrigin() ? link.href : undefined;
  } catch {
    return undefined;
  }
};

/** Opens an address of the app as a banner or a push does. */
const follow = () => {
  const field = document.querySelector('#link');
  const link = ownAddress(field.value);
  field.setCustomValidity(link ? '' : word('link.wrong', { origin: appOrigin() }));
  if (field.reportValidity()) open(link);
};

/** Gives the focus to what the screen shows; the home stays at its top, where the reminders are. */
export const focusScreen = () => {
  const focused = state === 'open' ? (shown?.frame ?? app) : opener;
  focused.focus({ preventScroll: true });
};

const close = () => {
  greeted = false;
  hide();
  resetBar();
  stopWaiting();
  app.src = 'about:blank';
  enter('closed');
  focusScreen();
};

const toggleBackground = () => {
  enter(state === 'open' ? 'background' : 'open');
  focusScreen();
};

opener.addEventListener('click', () => (state === 'background' ? toggleBackground() : open()));
backgroundTool.addEventListener('click', toggleBackground);
killTool.addEventListener('click', close);
document.querySelector('#again').addEventListener('click', () => open());
document.querySelector('#reopen').addEventListener('click', () => open());
document.querySelector('#follow').addEventListener('click', follow);
document.querySelector('#link').addEventListener('keydown', ({ key }) => key === 'Enter' && follow());
closer.addEventListener('click', close);
onChange(() => {
  if (!hasKeyboard()) showKeyboard(null);
  sendSettings();
});

/** Shows the mini app, if its address has changed; at first where the phone's own address says. */
export const showApp = ({ id: miniApp, name, icon, app: at }) => {
  if (at === address) return;
  if (address !== null && new URL(at).origin !== appOrigin()) {
    // This page's policy allows frames of the origin that it was served for only.
    location.reload();
    return;
  }
  const link = address === null ? query.get('link') : null;
  address = at;
  id = miniApp;
  ownTitle = name;
  const picture = document.querySelector('#icon');
  picture.hidden = icon === null;
  picture.previousElementSibling.toggleAttribute('hidden', icon !== null);
  if (icon !== null) picture.src = icon;
  document.querySelector('#address').textContent = new URL(at).host;
  localeChosen.finally(() => open(link === null ? undefined : ownAddress(link)));
};

/** Opens an address of a mini app. Another app has a phone of its own: its frames are another site's. */
export const openIn = (miniApp, link) => {
  if (ownAddress(link)) {
    open(link);
    focusScreen();
  } else {
    location.assign(`/?${new URLSearchParams([['app', miniApp], ['link', link], ...chosenSettings()])}`);
  }
};

/** Lists the buyer's payments; each opens its mini app's page of its order. */
export const showHistory = (entries) => {
  document.querySelector('#history-title').hidden = entries.length === 0;
  render(
    '#history',
    ...entries.map(({ label, mini_app: miniApp, opens }, index) => {
      const attributes = { class: 'phone-entry', title: opens, key: `history-${index}` };
      return make('li', {}, make('button', { ...attributes, on: () => openIn(miniApp, opens) }, label));
    }),
  );
};

/** Reloads the mini app where it is, or opens it anew where it never loaded. */
export const reloadApp = () => {
  if (state === 'closed') return;
  if (greeted) {
    greeted = false;
    post('reload');
    waitForHello(id);
  } else {
    open();
  }
};
