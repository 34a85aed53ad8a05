// The language of the page: that of its address, the chosen one, the browser's, or English.

const STORAGE_KEY = 'gopay-simulator:language';

/** Without it the choice lasts as long as the page. */
const storage = (() => {
  try {
    return localStorage;
  } catch {
    return null;
  }
})();

let language = [
  new URLSearchParams(location.search).get('lang'),
  storage?.getItem(STORAGE_KEY),
  navigator.language.slice(0, 2),
].find((preferred) => ['id', 'en'].includes(preferred)) ?? 'en';

const writers = [];

export const currentLanguage = () => language;

/** Writes words now, and again in each other language. */
export const writeInEachLanguage = (write) => {
  writers.push(write);
  write();
};

/** Changes the language, and keeps it; `lang` in the address would overrule it. */
export const chooseLanguage = (chosen) => {
  language = chosen;
  storage?.setItem(STORAGE_KEY, chosen);
  const address = new URL(location);
  address.searchParams.delete('lang');
  history.replaceState(null, '', address);
  for (const write of writers) write();
};
