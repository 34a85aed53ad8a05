// The phone's settings. The page's address has those that are not the default, so that a link
// reproduces them; the tab keeps them for an address without any.

import { ask } from './control.js';
import { make } from './dom.js';
import { writeInEachLanguage } from './language.js';
import { word } from './phone-words.js';

/** The sizes of the screens, upright, in CSS pixels. */
const MODELS = {
  default: [390, 844],
  'android-small': [360, 640],
  android: [360, 800],
  pixel: [412, 915],
  'iphone-se': [375, 667],
  'iphone-15': [393, 852],
};

/** How long each request is delayed, in milliseconds: the latencies of Chromium's presets. */
const DELAYS_MS = { online: 0, 'slow-4g': 560, '3g': 2000, offline: 0 };

/** How many times as long each task takes. */
const SLOWDOWNS = { full: 1, slow: 4, slowest: 6 };

/** The values of each setting; the first is the default. */
const VALUES = {
  model: Object.keys(MODELS),
  rotate: ['off', 'on'],
  theme: ['system', 'light', 'dark'],
  text: ['100', '130', '200'],
  network: Object.keys(DELAYS_MS),
  processor: Object.keys(SLOWDOWNS),
  keyboard: ['auto', 'off'],
};

/** GoPay's language is the simulator's, not this page's. */
const LOCALES = ['id_ID', 'en_ID'];

const STORAGE_KEY = 'phone-settings';
const column = document.querySelector('.phone-column');
const phone = document.querySelector('.phone');
const screen = document.querySelector('.phone-screen');
const control = (name) => document.querySelector(`#setting-${name}`);
const isSetting = ([name, value]) => Object.hasOwn(VALUES, name) && VALUES[name].includes(value);

const stored = () => {
  try {
    return new URLSearchParams(sessionStorage.getItem(STORAGE_KEY) ?? '');
  } catch {
    // The browser has no storage.
    return new URLSearchParams();
  }
};

const address = new URLSearchParams(location.search);
const linked = [...address].some(isSetting) ? address : stored();
const defaults = Object.fromEntries(Object.entries(VALUES).map(([name, [value]]) => [name, value]));
const settings = { ...defaults, ...Object.fromEntries([...linked].filter(isSetting)) };
const changes = new EventTarget();

/** The settings that are not the default. */
export const chosenSettings = () =>
  Object.entries(settings).filter(([name, value]) => value !== defaults[name]);

/** What the app's page gets of the settings. */
export const appSettings = () => ({
  offline: settings.network === 'offline',
  delay_ms: DELAYS_MS[settings.network],
  slowdown: SLOWDOWNS[settings.processor],
  text_size: Number(settings.text) / 100,
});

/** Whether a text field in the app shows the keyboard. */
export const hasKeyboard = () => settings.keyboard === 'auto';

/** Calls the listener after each change of a setting. */
export const onChange = (listener) => changes.addEventListener('change', listener);

const writeAddress = (name, value) => {
  const url = new URL(location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  if (url.href !== location.href) history.replaceState(history.state, '', url);
};

const save = () => {
  for (const [name, value] of Object.entries(settings)) {
    writeAddress(name, value === defaults[name] ? null : value);
  }
  try {
    sessionStorage.setItem(STORAGE_KEY, new URLSearchParams(chosenSettings()));
  } catch {
    // The browser has no storage.
  }
};

/** Shows a value beside its select, without what the list adds in brackets. */
const showChosen = (select, name, value) => {
  select.value = value;
  const text = word(`${name}.${value}`);
  const [tool, caption] = [select.parentElement, select.previousElementSibling];
  caption.textContent = text.replace(/ \(.*/, '');
  tool.title = `${word(name)}: ${text}`;
  tool.toggleAttribute('data-changed', select.selectedIndex > 0);
};

/** Gives the screen the model's size, and scales the phone down where the window is too small. */
const fit = () => {
  const isRotated = settings.rotate === 'on';
  const isSized = settings.model !== 'default' || isRotated;
  phone.toggleAttribute('data-sized', isSized);
  if (!isSized) return;
  const [width, height] = isRotated ? MODELS[settings.model].toReversed() : MODELS[settings.model];
  phone.style.setProperty('--width', `${width}px`);
  phone.style.setProperty('--height', `${height}px`);
  const { paddingLeft } = getComputedStyle(document.body);
  const isStacked = matchMedia('(max-width: 799px)').matches;
  const share = isRotated ? 0.56 : 0.47;
  const tools = document.querySelector('.phone-tools').offsetWidth + parseFloat(getComputedStyle(column).gap);
  const free = isStacked ? innerWidth - 2 * parseFloat(paddingLeft) : share * innerWidth - tools;
  const scale = Math.min(1, free / phone.offsetWidth, (innerHeight - 48) / phone.offsetHeight);
  phone.style.setProperty('--scale', scale);
};

const apply = () => {
  for (const [name, value] of Object.entries(settings)) {
    const element = control(name);
    if (element.matches('select')) showChosen(element, name, value);
    else element.ariaPressed = String(value === 'on');
  }
  screen.dataset.theme = settings.theme;
  fit();
};

const set = (name, value) => {
  settings[name] = value;
  save();
  apply();
  changes.dispatchEvent(new Event('change'));
};

const fill = (name, values) => {
  const select = control(name);
  const options = values.map((value) => make('option', { value }));
  select.append(...options);
  writeInEachLanguage(() => {
    select.ariaLabel = word(name);
    for (const option of options) option.textContent = word(`${name}.${option.value}`);
  });
  return select;
};

for (const [name, values] of Object.entries(VALUES)) {
  if (control(name).matches('select')) {
    fill(name, values).addEventListener('change', ({ target }) => set(name, target.value));
  } else {
    control(name).addEventListener('click', () => set(name, settings[name] === 'on' ? 'off' : 'on'));
  }
}

/** Chooses GoPay's language; the container's other switches stay. */
const chooseLocale = async (locale) => {
  const { container } = await ask('GET', 'ledger?last=0');
  await ask('PUT', 'container', { ...container, locale });
};

/** Shows the language that GoPay has. */
export const showLocale = (locale) => {
  showChosen(control('locale'), 'locale', locale);
  writeAddress('locale', locale === LOCALES[0] ? null : locale);
};

fill('locale', LOCALES).addEventListener('change', ({ target }) => chooseLocale(target.value));

const linkedLocale = address.get('locale');
/** Resolves once GoPay has the language of the address; the app opens after that. */
export const localeChosen = LOCALES.includes(linkedLocale) ? chooseLocale(linkedLocale) : Promise.resolve();

control('locale').value = linkedLocale === 'en_ID' ? linkedLocale : LOCALES[0];
save();
writeInEachLanguage(() => {
  showChosen(control('locale'), 'locale', control('locale').value);
  apply();
});
addEventListener('resize', fit);
