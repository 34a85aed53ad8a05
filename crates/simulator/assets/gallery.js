// The gallery: lists the states and shows the app in each, in frames of a phone's size.

const HEIGHT = 740;
const DEFAULTS = { language: ['id'], theme: ['light', 'dark'], width: ['360'] };

const at = (id) => document.getElementById(id);

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
};

/** The chosen values of a kind, which are in the address. */
const chosen = (kind) => {
  const asked = new URLSearchParams(location.search).getAll(kind);
  return asked.length > 0 ? asked : DEFAULTS[kind];
};

const choice = (title, kind, values) =>
  make(
    'fieldset',
    {},
    make('legend', {}, title),
    ...values.map((value) => {
      const checked = chosen(kind).includes(String(value));
      return make('label', {}, make('input', { type: 'checkbox', name: kind, value, checked }), String(value));
    }),
  );

// A browser cannot run hundreds of WebAssembly apps: a frame outside the viewport is empty.
const watch = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting === target.hasAttribute('src')) continue;
      if (isIntersecting) {
        target.src = target.dataset.src;
      } else {
        // A new frame: emptying this one would add a step to the browser's history.
        const empty = target.cloneNode();
        empty.removeAttribute('src');
        watch.unobserve(target);
        target.replaceWith(empty);
        watch.observe(empty);
      }
    }
  },
  { rootMargin: '200px' },
);

const frame = (state, { language, theme, url }, width) => {
  const words = `${language} · ${theme} · ${width}`;
  return make(
    'figure',
    {},
    make('iframe', {
      'data-src': url,
      title: `${state.title}, ${words}`,
      width,
      height: HEIGHT,
    }),
    make('figcaption', {}, make('a', { href: url, target: '_blank', rel: 'noopener' }, words)),
  );
};

const framesOf = (state) =>
  state.variants
    .filter(({ language, theme }) => chosen('language').includes(language) && chosen('theme').includes(theme))
    .flatMap((variant) => chosen('width').map((width) => frame(state, variant, width)));

const show = ({ languages, themes, widths, states }) => {
  at('choice').replaceChildren(
    choice('Language', 'language', languages),
    choice('Theme', 'theme', themes),
    choice('Width', 'width', widths),
  );
  const groups = [...new Set(states.map(({ group }) => group))];
  at('states').replaceChildren(
    ...groups.map((group) =>
      make(
        'section',
        { class: 'gallery-group' },
        make('h2', {}, group),
        ...states
          .filter((state) => state.group === group)
          .map((state) =>
            make(
              'article',
              { class: 'gallery-state', id: state.name },
              make('h3', {}, state.title),
              make('div', { class: 'gallery-frames' }, ...framesOf(state)),
            ),
          ),
      ),
    ),
  );
  for (const empty of document.querySelectorAll('iframe')) watch.observe(empty);
  at('count').prepend(`${states.length} states. `);
  if (location.hash) at(location.hash.slice(1))?.scrollIntoView();
};

at('choice').addEventListener('change', () => {
  location.search = new URLSearchParams(new FormData(at('choice')));
});

const events = new EventSource('/control/events');
events.addEventListener('reload', () => location.reload());

const answer = await fetch('/gallery.json');
const gallery = await answer.json();
if (answer.ok) {
  show(gallery);
} else {
  at('trouble').textContent = gallery.error;
  at('trouble').hidden = false;
}
