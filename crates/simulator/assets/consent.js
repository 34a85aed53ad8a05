// The consent page: asks the buyer for one consent.

import { done, param, request, show, showError } from './overlay.js';

const WORDS = {
  id: {
    badge: 'Simulator · bukan GoPay sungguhan',
    title: (miniApp) => `${miniApp} meminta izin`,
    allow: 'Izinkan',
    deny: 'Tolak',
    note: 'Pilih apa yang dijawab pembeli di GoPay.',
  },
  en: {
    badge: 'Simulator · not the real GoPay',
    title: (miniApp) => `${miniApp} asks for a permission`,
    allow: 'Allow',
    deny: 'Deny',
    note: 'Choose what the buyer answers in GoPay.',
  },
};

const open = async () => {
  const question = await request(`/bridge/consent?mini_app=${encodeURIComponent(param('mini_app'))}`);
  const words = WORDS[question.locale.slice(0, 2)];
  document.querySelector('#title').textContent = words.title(question.mini_app_name);
  if (question.mini_app_icon !== null) {
    const icon = document.querySelector('#icon');
    icon.src = question.mini_app_icon;
    icon.hidden = false;
  }
  document.querySelector('#scope').textContent = param('scope');
  show(question.locale, words);
  for (const button of document.querySelectorAll('[data-allow]')) {
    button.addEventListener('click', () => {
      request('/bridge/consent', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          scope: param('scope'),
          mini_app: param('mini_app'),
          buyer: param('buyer'),
          allowed: button.dataset.allow === 'yes',
        }),
      })
        .then((verdict) => done(verdict))
        .catch(showError);
    });
  }
};

open().catch(showError);
