// The payment sheet: shows one payment, takes the buyer's action, and ends when the payment is
// settled, by the buyer or otherwise.

import { done, languageOf, openSession, param, request, show, showError } from './overlay.js';

const WORDS = {
  id: {
    badge: 'Simulator · bukan uang sungguhan',
    title: 'Tinjau pembayaran',
    promo: 'Promo GoPay',
    due: 'Kamu bayar',
    merchant: 'Penjual',
    order: 'Pesanan',
    left: 'Sisa waktu',
    pay: 'Bayar',
    leave: 'Tinggalkan',
    cancel: 'Batalkan',
    fail: 'Gagalkan',
    note: 'Pilih apa yang dilakukan pembeli di GoPay.',
    funds: 'Bayar pakai',
    pin: 'PIN GoPay',
    pinHint: 'PIN setiap pembeli adalah 123456.',
    wrong_pin: 'PIN salah. PIN setiap pembeli adalah 123456.',
    not_enough: 'Saldo tidak cukup.',
  },
  en: {
    badge: 'Simulator · no real money',
    title: 'Review payment',
    promo: 'GoPay promo',
    due: 'You pay',
    merchant: 'Merchant',
    order: 'Order',
    left: 'Time left',
    pay: 'Pay',
    leave: 'Leave',
    cancel: 'Cancel',
    fail: 'Fail',
    note: 'Choose what the buyer does in GoPay.',
    funds: 'Pay with',
    pin: 'GoPay PIN',
    pinHint: 'The PIN of each buyer is 123456.',
    wrong_pin: 'Wrong PIN. The PIN of each buyer is 123456.',
    not_enough: 'Not enough money.',
  },
};
const POLL_INTERVAL_MS = 400;

// Of `GP.launchPayment`, or of `snap.pay`.
const token = param('snap');
const payment = token
  ? `/web/payments/${encodeURIComponent(token)}`
  : `/bridge/payments/${encodeURIComponent(param('tref'))}`;
const buttons = document.querySelectorAll('[data-act]');
let ended = false;

const poll = async (leaves) => {
  const sheet = await request(leaves === null ? payment : `${payment}?leaves=${leaves}`);
  const minutes = Math.floor(sheet.seconds_left / 60);
  const seconds = String(sheet.seconds_left % 60).padStart(2, '0');
  document.querySelector('#left').textContent = `${minutes}:${seconds}`;
  if (sheet.verdict !== null && !ended) {
    ended = true;
    done(sheet.verdict);
  }
  return sheet;
};

const schedulePoll = (leaves) => {
  if (ended) return;
  setTimeout(() => {
    poll(leaves)
      .catch(showError)
      .finally(() => schedulePoll(leaves));
  }, POLL_INTERVAL_MS);
};

const rupiah = (amount) => `Rp${new Intl.NumberFormat('id-ID').format(amount)}`;

/** What the buyer can pay with, where that is configured, and the PIN, where it is asked for. */
const showMeans = ({ funds, asks_pin: asksPin, rupiah: amount, promo }) => {
  document.querySelector('#means').hidden = funds === null && !asksPin;
  document.querySelector('#pin-field').hidden = !asksPin;
  document.querySelector('#funds').hidden = funds === null;
  for (const [name, left] of Object.entries(funds ?? {})) {
    const choice = document.querySelector(`[name=with][value=${name}]`);
    // GoPay's own balance has no end unless one is configured; GoPay Later is there only if it is.
    choice.closest('label').hidden = left === null && name === 'PAY_LATER';
    choice.closest('label').querySelector('b').textContent = left === null ? '' : rupiah(left);
  }
  const due = amount - promo;
  const { GOPAY_WALLET: balance = null, PAY_LATER: later = null } = funds ?? {};
  const needsLater = balance !== null && balance < due && later !== null && later >= due;
  document.querySelector('[name=with][value=PAY_LATER]').checked = needsLater;
};

/** How the buyer pays, for the action `pay`. */
const means = () =>
  JSON.stringify({
    pin: document.querySelector('#pin').value,
    with: document.querySelector('[name=with]:checked').value,
  });

const open = async () => {
  if (token) {
    const refused = await openSession(payment);
    if (refused) {
      done({ kind: 'error', result: refused.result });
      return;
    }
  }
  const sheet = await poll(null);
  document.querySelector('#amount').textContent = rupiah(sheet.rupiah);
  document.querySelector('#promo').textContent = `−${rupiah(sheet.promo)}`;
  document.querySelector('#due').textContent = rupiah(sheet.rupiah - sheet.promo);
  for (const line of document.querySelectorAll('[data-promo]')) line.hidden = sheet.promo === 0;
  document.querySelector('#merchant').textContent = sheet.merchant_name;
  document.querySelector('#order').textContent = sheet.partner_reference_no;
  const language = languageOf(sheet.locale);
  const words = WORDS[language];
  show(language, words);
  showMeans(sheet);
  document.querySelector('#means').addEventListener('submit', (event) => {
    event.preventDefault();
    document.querySelector('[data-act=pay]').click();
  });
  for (const button of buttons) {
    button.addEventListener('click', async () => {
      for (const each of buttons) each.disabled = true;
      try {
        // 409: the payment is settled already; the next poll has the result.
        const body = button.dataset.act === 'pay' ? means() : undefined;
        await request(`${payment}/${button.dataset.act}`, { method: 'POST', body }).catch((error) => {
          if (error.status !== 409) throw error;
        });
        await poll(sheet.leaves);
      } catch (error) {
        for (const each of buttons) each.disabled = false;
        const known = error.status === 422 ? words[JSON.parse(error.message).error] : undefined;
        showError(known ? new Error(known) : error);
      }
    });
  }
  schedulePoll(sheet.leaves);
};

open().catch(showError);
