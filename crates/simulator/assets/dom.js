// Elements of the phone and the panel. Texts are inserted as text only, never as HTML.

/** Creates an element; `on` handles its click, `key` identifies it across renderings. */
export const make = (tag, { on, key, ...attributes } = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  if (on) element.addEventListener('click', on);
  if (key) element.dataset.key = key;
  element.append(...children.filter((child) => child !== null));
  return element;
};

/** Replaces the content of an element and keeps the focus. */
export const render = (selector, ...children) => {
  const place = document.querySelector(selector);
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.replaceChildren(...children);
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
};
