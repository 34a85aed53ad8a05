// Filled templates in the phone: reminders and pushes on its home, the latest push also as a banner.

import { make, render } from './dom.js';
import { focusScreen, openIn } from './phone.js';
import { showLocale } from './phone-settings.js';

/** As many as the home shows. */
const MAX_PUSHES = 5;

const banner = document.querySelector('#banner');
const bannerButton = banner.querySelector('.phone-banner-open');

/** What this page has shown: a push from before the page was opened has no banner. */
let seen = { buyer: null, pushes: 0 };

/** A parameter of a reminder may be any JSON. */
const isText = (value) => typeof value === 'string' && value.trim() !== '';

/** The message; without it all texts but the labels, else the template's name. */
const textOf = ({ template_name: name, template_parameters: parameters }) => {
  if (isText(parameters.message)) return parameters.message;
  const texts = Object.entries(parameters)
    .filter(([key, value]) => !key.startsWith('cta_label_') && isText(value))
    .map(([, value]) => value);
  return texts.join(' · ') || name;
};

const labelOf = ({ template_parameters: parameters }, locale) => {
  const label = parameters[locale === 'en_ID' ? 'cta_label_en' : 'cta_label_id'];
  return isText(label) ? label : 'Open';
};

const showBanner = ({ name, text, open }) => {
  bannerButton.querySelector('strong').textContent = name;
  bannerButton.querySelector('span').textContent = text;
  bannerButton.onclick = () => {
    banner.hidden = true;
    open();
  };
  banner.hidden = false;
};

/** Shows the reminders and pushes that the phone's buyer got, of every mini app. */
export const showTemplates = ({ buyer, buyers, mini_apps: apps, container: { locale } }) => {
  showLocale(locale);
  const { reminders, pushes } = buyers[buyer] ?? { reminders: [], pushes: [] };
  const described = (template) => {
    const { id, name, app } = apps.find(({ id }) => id === template.mini_app);
    return { name, text: textOf(template), open: () => openIn(id, app) };
  };
  render(
    '#reminders',
    ...reminders.map((reminder) => {
      const { name, text, open } = described(reminder);
      return make(
        'li',
        { class: 'phone-card' },
        make('strong', {}, name),
        make('p', {}, text),
        make(
          'button',
          { class: 'phone-card-button', key: reminder.reminder_id, on: open },
          labelOf(reminder, locale),
        ),
      );
    }),
  );
  const entries = pushes.map((push, index) => {
    const { name, text, open } = described(push);
    const button = make(
      'button',
      { class: 'phone-entry', key: `push-${index}`, on: open },
      make('strong', {}, name),
      make('span', {}, text),
    );
    return make('li', {}, button);
  });
  document.querySelector('#pushes-title').hidden = entries.length === 0;
  render('#pushes', ...entries.slice(-MAX_PUSHES).reverse());

  if (buyer !== seen.buyer || pushes.length < seen.pushes) banner.hidden = true;
  else if (pushes.length > seen.pushes) showBanner(described(pushes.at(-1)));
  seen = { buyer, pushes: pushes.length };
};

document.querySelector('#banner-close').addEventListener('click', () => {
  banner.hidden = true;
  focusScreen();
});
