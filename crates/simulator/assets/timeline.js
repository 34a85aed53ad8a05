// The messages that crossed the line, newest first, and each of them whole.

import { ask } from './control.js';
import { make, render } from './dom.js';
import { currentLanguage } from './language.js';
import { sentence, word } from './words.js';

const at = (selector) => document.querySelector(selector);
const dialog = at('#exchange');
const filter = at('#filter');

let exchanges = [];
let shown = null;
let withSecrets = false;

const isUnderWay = ({ milliseconds }) => milliseconds === null;

/** An API answers with its status, the SDK with the callback that it makes. */
const worthOf = (exchange) => {
  const { line, response } = exchange;
  if (isUnderWay(exchange)) return 'waiting';
  if (response === null) return 'bad';
  const isGood = line === 'sdk' ? !response.body.includes('"kind":"failure"') : response.status < 300;
  return isGood ? 'good' : 'bad';
};

/** GoPay's own words stay as they are. */
const outcomeOf = (exchange) => {
  if (isUnderWay(exchange)) return word('exchange.under_way');
  const [, status, said] = /^(\d{3} )?(.*)$/s.exec(exchange.outcome);
  return `${status ?? ''}${sentence(said).text}`;
};

const pathOf = ({ line, request }) =>
  line === 'notification' ? request.url : new URL(request.url).pathname;

const whyInEnglish = ({ mistake, rule, line, response }) => {
  if (mistake) return mistake;
  if (rule) return rule.says;
  if (line !== 'sdk' || response === null) return null;
  try {
    return JSON.parse(response.body).why ?? null;
  } catch {
    return null;
  }
};

const why = (exchange) => {
  const english = whyInEnglish(exchange);
  return english === null ? null : sentence(english);
};

const durationOf = (exchange) =>
  isUnderWay(exchange) ? '…' : word('milliseconds', { count: exchange.milliseconds });

const entry = (exchange) => {
  const { number, at: moment, line, request } = exchange;
  const reason = why(exchange);
  return make(
    'li',
    {},
    make(
      'button',
      { class: 'timeline-entry', key: `exchange-${number}`, on: () => open(number) },
      make('time', {}, moment.slice(11, 19)),
      make('span', { class: 'timeline-line', 'data-line': line }, word(`line.${line}`)),
      make(
        'span',
        { class: 'timeline-what' },
        line === 'sdk' ? '' : make('b', {}, `${request.method} ${pathOf(exchange)} `),
        outcomeOf(exchange),
        reason ? make('small', { lang: reason.lang }, reason.text) : '',
      ),
      make('span', { class: 'badge', 'data-worth': worthOf(exchange) }, durationOf(exchange)),
    ),
  );
};

const list = () => {
  const text = filter.value.trim().toLowerCase();
  const matching = exchanges.filter((exchange) =>
    `${JSON.stringify(exchange)} ${why(exchange)?.text ?? ''}`.toLowerCase().includes(text),
  );
  render(
    '#exchanges',
    ...(matching.length > 0
      ? matching.toReversed().map(entry)
      : [
          make('li', { class: 'empty' }, text === '' ? word('messages.empty') : word('messages.none')),
        ]),
  );
};

export const showExchanges = (all) => {
  exchanges = all;
  list();
};

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

/** In its place the simulator says how long it was, where that is more than it keeps. */
const bodyText = (body) => (/^\(\d+ bytes, [a-z ]+\)$/.test(body) ? sentence(body).text : pretty(body));

const block = (title, ...children) =>
  make('section', { class: 'exchange-block' }, make('h3', {}, title), ...children);

const code = (text) => make('pre', { tabindex: '0' }, text);

const table = (headers) =>
  make(
    'table',
    {},
    make(
      'tbody',
      {},
      ...headers.map(([name, value]) =>
        make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, value)),
      ),
    ),
  );

/** The text, with what differs from the other one marked: between their common beginning and end. */
const difference = (text, other) => {
  let begin = 0;
  while (begin < text.length && text[begin] === other[begin]) begin += 1;
  let end = 0;
  const most = Math.min(text.length, other.length) - begin;
  while (end < most && text.at(-1 - end) === other.at(-1 - end)) end += 1;
  const middle = text.slice(begin, text.length - end) || ' ';
  return make(
    'pre',
    { tabindex: '0' },
    text.slice(0, begin),
    make('mark', {}, middle),
    text.slice(text.length - end),
  );
};

const signatureBlock = ({ signature }) => {
  if (signature === null) return '';
  const { string_to_sign: right, signed_string: signed, given, expected, verifies, mistake } = signature;
  return block(
    verifies === false ? word('exchange.signature_refused') : word('exchange.signature'),
    mistake
      ? make(
          'p',
          { class: 'exchange-mistake' },
          `${word('exchange.mistake')} `,
          make('span', { lang: sentence(mistake).lang }, `${sentence(mistake).text}.`),
        )
      : '',
    make('h4', {}, word('exchange.string_to_sign')),
    signed ? difference(right, signed) : code(right),
    ...(signed ? [make('h4', {}, word('exchange.signed_string')), difference(signed, right)] : []),
    make('h4', {}, word('exchange.signature_given')),
    code(given),
    ...(expected && verifies === false ? [make('h4', {}, word('exchange.signature_expected')), code(expected)] : []),
  );
};

const content = (exchange) => {
  const { request, response, failure } = exchange;
  return [
    signatureBlock(exchange),
    block(word('exchange.request'), code(`${request.method} ${request.url}`), table(request.headers)),
    request.body === '' ? '' : block(word('exchange.request_body'), code(bodyText(request.body))),
    response === null
      ? block(
          word('exchange.no_response'),
          failure
            ? make('p', { lang: sentence(failure).lang }, sentence(failure).text)
            : make('p', {}, word('exchange.under_way')),
        )
      : block(word('exchange.response', { status: response.status }), table(response.headers)),
    response === null || response.body === '' ? '' : block(word('exchange.response_body'), code(bodyText(response.body))),
  ];
};

const note = (text, lang = currentLanguage()) => {
  at('#exchange-note').textContent = text;
  at('#exchange-note').lang = lang;
};

const load = async () => {
  const secrets = withSecrets ? '?secrets=show' : '';
  let exchange;
  try {
    exchange = await ask('GET', `exchanges/${shown}${secrets}`);
  } catch (error) {
    note(error.message, error.lang);
    return null;
  }
  at('#exchange-title').textContent = `${word(`line.${exchange.line}`)}: ${outcomeOf(exchange)}`;
  at('#exchange-subtitle').textContent = word('exchange.subtitle', {
    number: exchange.number,
    at: exchange.at,
    time: durationOf(exchange),
  });
  at('#exchange-secrets').setAttribute('aria-pressed', String(withSecrets));
  const reason = why(exchange);
  const { rule, signature } = exchange;
  render(
    '#exchange-content',
    reason && !signature?.mistake ? make('p', { class: 'exchange-mistake', lang: reason.lang }, reason.text) : '',
    rule
      ? make(
          'p',
          { class: 'exchange-rule' },
          `${word('exchange.rule')} `,
          make('a', { href: rule.page, target: '_blank', rel: 'noreferrer' }, rule.page),
        )
      : '',
    ...content(exchange),
  );
  return exchange;
};

const open = async (number) => {
  shown = number;
  withSecrets = false;
  note('');
  await load();
  dialog.showModal();
  dialog.scrollTop = 0;
};

filter.addEventListener('input', list);
dialog.addEventListener('close', () => at(`[data-key=exchange-${shown}]`)?.focus());
at('#exchange-close').addEventListener('click', () => dialog.close());
at('#exchange-secrets').addEventListener('click', () => {
  withSecrets = !withSecrets;
  load();
});
at('#exchange-curl').addEventListener('click', async () => {
  const exchange = await load();
  if (exchange === null) return;
  try {
    await navigator.clipboard.writeText(exchange.curl);
    note(withSecrets ? word('exchange.copied') : word('exchange.copied_masked'));
  } catch {
    note(word('exchange.not_copied'));
  }
});
