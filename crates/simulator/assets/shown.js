// What the payment sheet and the consent page share: words, and a way back to whoever opened
// them.

const query = new URLSearchParams(location.search);

export const asked = (name) => query.get(name) ?? '';

export const trouble = (error) => {
  document.querySelector('.sheet').hidden = false;
  document.querySelector('.sheet-trouble').textContent = error.message;
};

export const ask = async (path, options) => {
  const response = await fetch(path, options);
  const text = await response.text();
  if (!response.ok) throw Object.assign(new Error(text), { status: response.status });
  return text === '' ? null : JSON.parse(text);
};

export const show = (locale, words) => {
  document.documentElement.lang = locale.slice(0, 2);
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = words[element.dataset.text];
  }
  document.querySelector('.sheet').hidden = false;
  document.querySelector('.sheet-title').focus();
};

// The opener is the app, or has this page's own origin: the phone, or a page out of a package.
export const done = (verdict, appOrigin) => {
  const opener = asked('host') === 'app' ? appOrigin : location.origin;
  parent.postMessage({ type: 'gopay-simulator:done', verdict }, opener);
};
