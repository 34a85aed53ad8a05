// What the payment sheet, the consent page and the web payment page share: texts, requests and the
// answer to the opener.

const query = new URLSearchParams(location.search);

export const param = (name) => query.get(name) ?? '';

export const showError = (error) => {
  document.querySelector('.sheet').hidden = false;
  document.querySelector('.sheet-trouble').textContent = error.message;
};

export const request = async (path, options) => {
  const response = await fetch(path, options);
  const text = await response.text();
  if (!response.ok) throw Object.assign(new Error(text), { status: response.status });
  return text === '' ? null : JSON.parse(text);
};

/** The language of the page: its opener's choice, or GoPay's. */
export const languageOf = (locale) => {
  const chosen = param('language');
  return ['id', 'en'].includes(chosen) ? chosen : locale.slice(0, 2);
};

/** Opens a Snap session, or a payment of the sandbox; returns why it cannot be opened, if so. */
export const openSession = async (payment) => {
  const key = query.get('client_key');
  try {
    await request(`${payment}/open`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(key === null ? {} : { client_key: key }),
    });
    return null;
  } catch (error) {
    if (error.status === undefined) throw error;
    return JSON.parse(error.message);
  }
};

export const show = (locale, words) => {
  document.documentElement.lang = locale.slice(0, 2);
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = words[element.dataset.text];
  }
  document.querySelector('.sheet').hidden = false;
  document.querySelector('.sheet-title').focus();
};

// The opener names its own origin: this page's policy lets only the phone and the mini apps frame it.
export const done = (verdict) =>
  parent.postMessage({ type: 'gopay-simulator:done', verdict }, param('opener') || location.origin);
