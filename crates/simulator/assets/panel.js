// The control panel: shows the ledger and calls the control API.

import { ask } from './control.js';
import { make, render } from './dom.js';
import { showLocale } from './phone-settings.js';
import { appId, reloadApp, showApp, showHistory } from './phone.js';
import { showTemplates } from './templates.js';
import { showExchanges } from './timeline.js';
import { chooseLanguage, currentLanguage, writeInEachLanguage } from './language.js';
import { meaningOf, sentence, word, writeWords } from './words.js';

const LEDGER_ENTRIES = 200;
const EXCHANGES = 100;

/** A switch whose name and values are its words. */
const named = (name, ...values) => [name, name, values.map((value) => [value, value])];

/** The contradictions between GoPay's pages: label, switch, its values. */
const shapes = () => [
  [word('shape.error_fields'), 'error_spelling', [['camel', 'errorCode'], ['snake', 'error_code']]],
  [word('shape.error_codes'), 'error_code', [['text', '"300"'], ['number', '300'], ['blank', '""']]],
  ['data', 'data_form', [['object', word('shape.object')], ['text', word('shape.json_text')]]],
  ['getAuthCode', 'auth_code_class', [['GPMiniAppAuth', 'GPMiniAppAuth'], ['GPBase', 'GPBase'], ['both', word('shape.both')]]],
  ['getLocale', 'locale_shape', [['documented', 'app_locale'], ['field', 'data.appLocale']]],
  ['launchPayment', 'payment_statuses', [['current', word('shape.current_page')], ['older', word('shape.older_page')]]],
  [word('shape.consent_by'), 'consent_call', [['GP.authorize', 'authorize'], ['GPConsent.getUserConsent', 'getUserConsent'], ['both', word('shape.both')]]],
  ['successScope', 'consent_shape', [['data', word('shape.in_data')], ['top_level', word('shape.top_level')], ['older', word('shape.older')]]],
  ['takePhoto', 'photo_shape', [['top_level', word('shape.top_level')], ['data', word('shape.in_data')], ['envelope', word('shape.nothing')]]],
  ['getHeight', 'height_shape', [['envelope', word('shape.nothing')], ['windvane', word('shape.top_level')]]],
  ['listenGyro', 'gyro_spelling', [['sample', 'GYROSCPOPE'], ['comment', 'GYROSCOPE']]],
  [word('shape.events'), 'event_place', [['documented', word('shape.as_each')], ['detail', 'detail'], ['param', 'param'], ['event', 'event']]],
  ['save', 'file_save', [['works', word('shape.works')], ['fails', word('shape.fails')], ['not_supported', word('shape.code_100')]]],
  [word('shape.profile'), 'profile_name', [['username', 'username'], ['name', 'name']]],
  [word('shape.profile_consent'), 'profile_consent', [['error', 'error'], ['data', 'data'], ['description', 'description']]],
  named('failure_data', 'absent', 'null'),
  named('auth_code_lifetime', 'six_minutes', 'five_minutes'),
];

/** The same of refunds: label, switch, its values. */
const refundShapes = () => [
  [word('shape.refunds'), 'ending', [['done', word('shape.refunded')], ['failed', word('shape.refund_failed')]]],
  ['refundHistory', 'history', [['table', 'partnerRefundNo'], ['sample', 'partnerReferenceNo']]],
  ['latestTransactionStatus', 'status', [['refunded', '04'], ['success', '00']]],
];

/** The same of Snap and the sandbox: label, switch, its values. */
const checkoutShapes = () => [
  [word('shape.snap_notification'), 'snap_notification', [['bi_snap', word('shape.as_bi_snap')], ['classic', 'signature_key']]],
  [word('shape.refund_repeated'), 'snap_refund_repeated', [['refused', '406'], ['answered', word('shape.same_answer')]]],
  [word('shape.snap_left'), 'snap_left', [['close', 'onClose'], ['pending', 'onPending']]],
  [word('shape.sandbox_pop'), 'sandbox_point_of_purchase', [['refused', word('shape.refused')], ['ignored', word('shape.ignored')]]],
  ['PIN', 'pin', [['not_asked', word('shape.not_asked')], ['asked', word('shape.asked')]]],
  named('requests', 'each_form', 'literal'),
  named('status_method', 'post', 'get'),
  named('status_external_id', '36_characters', '32_characters'),
  named('invalid_token', 'case_01', 'case_00'),
  named('order_repeated', 'accepted', 'refused'),
  named('return_address', 'optional', 'mandatory'),
  named('redirect_url', 'gopay', 'gojek_link', 'gojek_scheme'),
  named('gross_amount', 'grossAmount', 'gross_amount'),
  named('response_codes', 'table', 'sample'),
  named('notification_fields', 'table', 'sample'),
  named('notification_id', 'numeric', 'uuid'),
  named('notification_time', 'jakarta', 'utc', 'epoch'),
  named('notification_body', 'compact', 'pretty', 'escaped', 'text'),
];

const at = (selector) => document.querySelector(selector);
const rupiah = (value) => `Rp${new Intl.NumberFormat('id-ID').format(Number(value))}`;
const clock = (iso) => iso.slice(11, 19);

const showError = ({ message, lang = currentLanguage() }) => {
  at('#trouble').textContent = message;
  at('#trouble').lang = lang;
  at('#trouble').hidden = message === '';
};

const hideError = () => showError({ message: '' });

const requestOnClick = (method, path, body) => async () => {
  try {
    await ask(method, path, body);
    hideError();
  } catch (error) {
    showError(error);
  }
};

const button = (label, key, method, path, body, kind) =>
  make('button', { class: 'button', 'data-kind': kind, key, on: requestOnClick(method, path, body) }, label);

/** A segmented control. */
const choice = (label, key, options, chosen, path, body) =>
  make(
    'div',
    { class: 'switch', role: 'group', 'aria-label': label },
    ...options.map(([value, text]) =>
      make(
        'button',
        {
          class: 'switch-option',
          'aria-pressed': String(value === chosen),
          key: `${key}-${value}`,
          on: requestOnClick('PUT', path, body(value)),
        },
        text,
      ),
    ),
  );

/** The order, and what sets its payment apart from the usual one. */
const orderOf = ({ partner_reference_no: order, way, host }) =>
  [order, way === 'snap' ? 'Snap' : null, host === 'sandbox' ? 'sandbox' : null]
    .filter((part) => part !== null)
    .join(' · ');

const waitingPayment = (payment) => {
  const ref = payment.reference_no;
  const act = (name, kind) =>
    button(word(`act.${name}`), `${ref}-${name}`, 'POST', `payments/${ref}/${name}`, undefined, kind);
  return make(
    'article',
    { class: 'payment' },
    paymentHead(payment, make('span', { 'data-until': payment.valid_until })),
    make('p', { class: 'payment-ids' }, orderOf(payment), make('br'), ref),
    make(
      'div',
      { class: 'row' },
      act('pay', 'main'),
      act('cancel'),
      act('fail'),
      act('expire'),
      act('leave'),
    ),
  );
};

const settledPayment = (payment) => {
  const ref = payment.reference_no;
  const forged = { ref, how: 'foreign_key', status: '00' };
  const left = Number(payment.amount.value) - payment.refunded;
  return make(
    'article',
    { class: 'payment' },
    paymentHead(payment, make('time', {}, clock(payment.settled_at))),
    make(
      'div',
      { class: 'payment-foot' },
      make(
        'p',
        { class: 'payment-ids', title: ref },
        orderOf(payment),
        ...(payment.refunded > 0 ? [make('br'), word('payment.refunded', { amount: rupiah(payment.refunded) })] : []),
      ),
      payment.state === 'paid' && left > 0
        ? button(word('payment.refund'), `${ref}-refund`, 'POST', `payments/${ref}/refund`, {}, 'small')
        : null,
      button(word('payment.repeat'), `${ref}-repeat`, 'POST', `notifications/${ref}/repeat`, undefined, 'small'),
      button(word('payment.forge'), `${ref}-forge`, 'POST', 'notifications/forge', forged, 'small'),
    ),
  );
};

const paymentHead = ({ amount, state }, moment) =>
  make(
    'div',
    { class: 'payment-head' },
    make('strong', { class: 'payment-amount' }, rupiah(amount.value)),
    make('span', { class: 'badge', 'data-state': state }, word(`state.${state}`)),
    moment,
  );

const paymentCard = (payment) =>
  payment.state === 'pending' ? waitingPayment(payment) : settledPayment(payment);

const empty = (text) => make('p', { class: 'empty' }, text);

const payments = ({ payments }) => {
  const cards = payments.slice(-5).reverse().map(paymentCard);
  render('#payments', ...(cards.length > 0 ? cards : [empty(word('payments.empty'))]));
};

const templateLine = (kind) => ({ template_name: name, template_parameters: parameters }) =>
  make(
    'p',
    { class: 'payment-ids' },
    make('strong', {}, kind),
    ` ${[name, ...Object.values(parameters)].join(' · ')}`,
  );

const buyerCard = ([name, { coins, emoney, gems, reminders, pushes }]) =>
  make(
    'article',
    { class: 'payment' },
    make('strong', {}, name),
    make('p', { class: 'hint' }, word('buyer.wallet', { coins, emoney: rupiah(emoney), gems })),
    ...reminders.map(templateLine(word('buyer.reminder'))),
    ...pushes.slice(-5).reverse().map(templateLine(word('buyer.push'))),
  );

const buyers = ({ buyers }) => {
  const cards = Object.entries(buyers).map(buyerCard);
  at('#buyers-card').hidden = cards.length === 0;
  render('#buyers', ...cards);
};

/** Links to the phone of each mini app, if there are several. */
const miniApps = ({ mini_apps: apps }, shown) => {
  at('#mini-apps').hidden = apps.length === 1;
  render(
    '#mini-apps',
    ...apps.map(({ id, name }) =>
      make(
        'a',
        {
          class: 'switch-option',
          href: `/?app=${id}`,
          key: `mini-app-${id}`,
          'aria-current': id === shown.id && 'page',
        },
        name,
      ),
    ),
  );
};

const answerOf = (entry) => {
  if (entry.kind === 'notification_withheld') return [word('notification.withheld'), 'lost'];
  const status = entry.answer.http_status;
  if (status === undefined) return [word('notification.no_answer'), 'bad'];
  return [String(status), status === 200 ? 'good' : 'bad'];
};

const tryLine = (orders) => (entry) => {
  const [answer, worth] = answerOf(entry);
  const status = entry.latest_transaction_status;
  return make(
    'li',
    { class: 'try' },
    make('time', {}, clock(entry.at)),
    make(
      'span',
      { class: 'try-what' },
      `${status} ${word(`status.${status}`) ?? ''}`,
      make(
        'small',
        {},
        word(`nature.${entry.nature}`) ?? word('notification.attempt', { attempt: entry.attempt }),
      ),
      make('small', { class: 'try-order' }, orders.get(entry.reference_no) ?? entry.reference_no),
    ),
    make(
      'span',
      { class: 'badge', 'data-worth': worth, title: entry.answer?.none && sentence(entry.answer.none).text },
      answer,
    ),
  );
};

const notifications = ({ notifications: { mode, waiting }, entries, payments }) => {
  const orders = new Map(
    payments.map((payment) => [payment.reference_no, payment.partner_reference_no]),
  );
  const tries = entries.filter(({ kind }) => kind.startsWith('notification_')).slice(-7).reverse();
  render(
    '#notifications',
    make(
      'div',
      { class: 'row' },
      choice(
        word('notifications.mode'),
        'mode',
        [
          ['send', word('notifications.send')],
          ['delay', word('notifications.delay')],
          ['withhold', word('notifications.withhold')],
        ],
        mode,
        'notifications',
        (value) => ({ mode: value }),
      ),
      waiting > 0
        ? make('span', { class: 'hint' }, word('notifications.waiting', { count: waiting }))
        : null,
      waiting > 0 && mode === 'delay'
        ? button(word('notifications.release'), 'release', 'POST', 'notifications/release', undefined, 'main')
        : null,
    ),
    tries.length > 0
      ? make('ol', { class: 'tries' }, ...tries.map(tryLine(orders)))
      : empty(word('notifications.empty')),
  );
};

const clockCard = ({ clock_ahead_seconds: ahead }) => {
  const minutes = Math.round(ahead / 60);
  const offset =
    minutes > 0 ? word('clock.ahead', { minutes }) : word('clock.behind', { minutes: -minutes });
  const advance = (seconds, label) =>
    button(label, `advance-${seconds}`, 'POST', 'clock/advance', { seconds });
  render(
    '#clock',
    make(
      'div',
      { class: 'row' },
      make('span', { class: 'time', 'data-now': 'seconds' }),
      make('span', { class: 'hint' }, minutes === 0 ? word('clock.real') : offset),
    ),
    make(
      'div',
      { class: 'row' },
      advance(60, word('clock.minutes', { change: '+1' })),
      advance(900, word('clock.minutes', { change: '+15' })),
      advance(3600, word('clock.hours', { change: '+1' })),
      advance(-900, word('clock.minutes', { change: '−15' })),
      button(word('clock.real'), 'clock-real', 'PUT', 'clock', { ahead_seconds: 0 }),
    ),
  );
};

const scenario = ({ scenario, scenarios }) => {
  render(
    '#scenario',
    make(
      'div',
      { class: 'options', role: 'group', 'aria-label': word('scenario') },
      ...scenarios.map(({ name, meaning }) =>
        make(
          'button',
          {
            class: 'option',
            'aria-pressed': String(name === scenario),
            key: `scenario-${name}`,
            on: requestOnClick('PUT', 'scenario', { name }),
          },
          make('strong', {}, name),
          make('span', {}, meaningOf('scenario', name, meaning)),
        ),
      ),
    ),
  );
};

/** The kinds of each plan, by what its elements' ids and its words begin with. */
const kindsOf = { fault: [], reply: [] };
/** The plans, as they are. */
let snapshotNow;

/** On the whole page, or on each method. */
const EVERY_METHOD = '*';

/** Lists the kinds of fault, or of reply, on the chosen call; keeps the choice if it is among them. */
const fillKinds = (what) => {
  const [call, kind] = [at(`#${what}-on`).value, at(`#${what}-do`)];
  const before = kind.value;
  const fitting = kindsOf[what].filter(({ on }) => on.includes(call) || call === EVERY_METHOD);
  kind.replaceChildren(
    ...fitting.map(({ do: name, meaning }) =>
      make('option', { value: name, selected: name === before }, `${name}: ${meaningOf(what, name, meaning)}`),
    ),
  );
};

/** Fills the form of a plan once: what can be planned never changes. */
const fillForm = (what, kinds, calls) => {
  if (kindsOf[what].length > 0) return;
  kindsOf[what] = kinds;
  at(`#${what}-on`).replaceChildren(...calls);
  fillKinds(what);
};

/** The plan of faults or replies, in words. */
const kindLine = (what, { on, do: name, times, ...rest }) => {
  const kind = kindsOf[what].find((kind) => kind.do === name);
  const often = times === null ? word('fault.always') : `${times}×`;
  const details = Object.entries(rest).map(([field, value]) => `${field} ${JSON.stringify(value)}`);
  const meaning = meaningOf(what, name, kind.meaning);
  return [`${on === EVERY_METHOD ? '' : `${on}: `}${name}`, [often, meaning, ...details].join(' · ')];
};

const outcomeLine = ({ do: action, for: target, ...seconds }) => [
  word(`act.${action}`),
  [
    target ? Object.entries(target).map(([field, value]) => `${word(`outcome.${field}`)} ${value}`) : word('outcome.all'),
    ...Object.entries(seconds)
      .filter(([, value]) => value > 0)
      .map(([field, seconds]) => word(`outcome.${field}`, { seconds })),
  ].join(' · '),
];

/** A plan of the control API, each line with what removes it. */
const planned = (path, plan, line, whenEmpty) => {
  if (plan.length === 0) return empty(whenEmpty);
  const item = (entry, index) => {
    const [title, details] = line(entry);
    const left = plan.filter((_, other) => other !== index);
    return make(
      'li',
      { class: 'fault' },
      make('span', {}, make('strong', {}, title), make('small', {}, details)),
      button(word('fault.remove'), `${path}-${index}`, 'PUT', path, left, 'small'),
    );
  };
  return make('ol', { class: 'faults' }, ...plan.map(item));
};

const faults = (snapshot) => {
  snapshotNow = snapshot;
  const named = (on) => [...new Set(on)].map((call) => make('option', { value: call }, call));
  fillForm('fault', snapshot.harms, named(snapshot.harms.flatMap(({ on }) => on)));
  const every = make('option', { value: EVERY_METHOD, 'data-word': 'reply.all' }, word('reply.all'));
  fillForm('reply', snapshot.sdk_harms, [every, ...named(snapshot.sdk_harms.flatMap(({ on }) => on))]);
  render(
    '#faults',
    planned('faults', snapshot.faults, (fault) => kindLine('fault', fault), word('faults.empty')),
    snapshot.faults.some(({ do: name }) => name === 'hold') || held(snapshot)
      ? button(word('faults.release'), 'fault-release', 'POST', 'faults/release')
      : '',
  );
  const replies = planned('sdk-faults', snapshot.sdk_faults, (it) => kindLine('reply', it), word('replies.empty'));
  render('#replies', replies);
  render('#outcomes', planned('outcomes', snapshot.outcomes, outcomeLine, word('outcomes.empty')));
};

/** Whether a response may be held back: the ledger has no entry for a release. */
const held = ({ entries }) =>
  entries.some(({ kind, do: name }) => kind === 'fault_met' && name === 'hold');

/** Plans what the form says, after what is planned. */
const add = (what, path, plan) => {
  const times = JSON.parse(at(`#${what}-times`).value);
  const entry = { on: at(`#${what}-on`).value, do: at(`#${what}-do`).value, times };
  return requestOnClick('PUT', path, [...plan, entry])();
};

const addOutcome = () => {
  const [field, value] = [at('#outcome-for').value, at('#outcome-value').value.trim()];
  const outcome = { do: at('#outcome-do').value, after_seconds: Number(at('#outcome-after').value) };
  if (field !== '') outcome.for = { [field]: field === 'amount' ? Number(value) : value };
  return requestOnClick('PUT', 'outcomes', [...snapshotNow.outcomes, outcome])();
};

/** A value is asked for where the outcome is for some payments only. */
const askForValue = () => {
  const value = at('#outcome-value');
  const field = at('#outcome-for').value;
  value.hidden = field === '';
  value.disabled = field === '';
  value.required = true;
  value.inputMode = field === 'amount' ? 'numeric' : 'text';
  value.pattern = field === 'amount' ? '\\s*\\d+\\s*' : '.*\\S.*';
};

const container = ({ container, refunds, checkout }) => {
  const setting = (label, field, options, path = 'container', chosen = container) =>
    make(
      'div',
      { class: 'setting' },
      make('span', {}, label),
      choice(label, field, options, chosen[field], path, (value) => ({
        ...chosen,
        [field]: value,
      })),
    );
  render(
    '#container',
    setting(word('container.version'), 'container', [
      ['v1', 'V1'],
      ['v2', 'V2'],
    ]),
    setting(word('container.language'), 'locale', [
      ['id_ID', 'Indonesia'],
      ['en_ID', 'English'],
    ]),
    setting(word('container.consents'), 'prelaunch_consents', [
      [false, word('container.consents_asked')],
      [true, word('container.consents_given')],
    ]),
  );
  render(
    '#shapes',
    ...shapes().map((shape) => setting(...shape)),
    ...refundShapes().map((shape) => setting(...shape, 'refunds', refunds)),
    ...checkoutShapes().map((shape) => setting(...shape, 'checkout', checkout)),
  );
};

const ledger = ({ entries }) => {
  at('#ledger-count').textContent =
    entries.length > 0 ? word('ledger.last', { count: entries.length }) : word('ledger.empty');
  const line = ({ at: moment, kind, ...rest }) =>
    make(
      'li',
      {},
      make('time', {}, clock(moment)),
      make('strong', {}, kind),
      make(
        'span',
        {},
        Object.entries(rest)
          .filter(([, value]) => JSON.stringify(value) !== '{}')
          .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
          .join(' · '),
      ),
    );
  render('#ledger', ...entries.toReversed().map(line));
};

let ahead = 0;

/** Updates what shows the simulator's time; everything else changes by events only. */
const tick = () => {
  const now = new Date(Date.now() + ahead);
  const wib = new Date(now.getTime() + 7 * 3_600_000).toISOString();
  for (const element of document.querySelectorAll('[data-now]')) {
    const text = element.dataset.now === 'time' ? wib.slice(11, 16) : `${wib.slice(11, 19)} WIB`;
    if (element.textContent !== text) element.textContent = text;
  }
  for (const element of document.querySelectorAll('[data-until]')) {
    const left = Math.max(0, Math.round((Date.parse(element.dataset.until) - now) / 1000));
    const seconds = String(left % 60).padStart(2, '0');
    element.textContent = word('payment.left', { time: `${Math.floor(left / 60)}:${seconds}` });
  }
};

let isRefreshing = false;
let isStale = false;

const refresh = async () => {
  if (isRefreshing) {
    isStale = true;
    return;
  }
  isRefreshing = true;
  try {
    const app = appId === null ? '' : `&app=${encodeURIComponent(appId)}`;
    const snapshot = await ask('GET', `ledger?last=${LEDGER_ENTRIES}${app}`);
    const apps = snapshot.mini_apps;
    const shown = apps.find(({ id }) => id === appId) ?? apps[0];
    ahead = snapshot.clock_ahead_seconds * 1000;
    showApp(shown);
    miniApps(snapshot, shown);
    showHistory(
      snapshot.order_history.map(({ amount, state, created_at, mini_app, opens }) => ({
        label: [
          rupiah(amount.value),
          word(`state.${state}`),
          clock(created_at).slice(0, 5),
          ...(apps.length > 1 ? [apps.find(({ id }) => id === mini_app).name] : []),
        ].join(' · '),
        mini_app,
        opens,
      })),
    );
    showTemplates(snapshot);
    showLocale(snapshot.container.locale);
    for (const part of [payments, buyers, notifications, clockCard, scenario, faults, container, ledger]) {
      part(snapshot);
    }
    showExchanges(await ask('GET', `exchanges?last=${EXCHANGES}`));
    tick();
  } catch (error) {
    showError(error);
  }
  isRefreshing = false;
  if (isStale) {
    isStale = false;
    refresh();
  }
};

/** The tabs, also by the arrow keys. */
const tabs = [...document.querySelectorAll('[role=tab]')];

const selectTab = (selected) => {
  for (const tab of tabs) {
    const isSelected = tab === selected;
    tab.setAttribute('aria-selected', String(isSelected));
    tab.tabIndex = isSelected ? 0 : -1;
    at(`#${tab.getAttribute('aria-controls')}`).hidden = !isSelected;
  }
};

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener('click', () => selectTab(tab));
  tab.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step === undefined) return;
    const next = tabs.at((index + step) % tabs.length);
    selectTab(next);
    next.focus();
  });
}

for (const option of document.querySelectorAll('#languages > [value]')) {
  option.addEventListener('click', () => {
    chooseLanguage(option.value);
    for (const what of ['fault', 'reply']) fillKinds(what);
    refresh();
  });
}

// The same choice in both forms; its words are written with all others.
at('#reply-times').append(...at('#fault-times').cloneNode(true).options);
writeInEachLanguage(writeWords);
at('#reset').addEventListener('click', requestOnClick('POST', 'reset'));
for (const what of ['fault', 'reply']) at(`#${what}-on`).addEventListener('change', () => fillKinds(what));
at('#fault-add').addEventListener('click', () => add('fault', 'faults', snapshotNow.faults));
at('#reply-add').addEventListener('click', () => add('reply', 'sdk-faults', snapshotNow.sdk_faults));
at('#outcome-for').addEventListener('change', askForValue);
askForValue();
at('#outcome-form').addEventListener('submit', (event) => {
  event.preventDefault();
  addOutcome();
});
setInterval(tick, 1000);

const events = new EventSource('/control/events');
events.addEventListener('change', refresh);
events.addEventListener('reload', () => {
  reloadApp();
  refresh();
});
events.addEventListener('open', hideError);
events.addEventListener('error', () => showError({ message: word('unreachable') }));
