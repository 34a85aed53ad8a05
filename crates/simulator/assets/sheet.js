// The payment sheet: shows one payment, takes the buyer's action, and ends when the payment is
// settled, by the buyer or otherwise.

import { done, languageOf, openSession, param, request, show, showError } from './overlay.js';

const WORDS = {
  id: {
    badge: 'Simulator · bukan uang sungguhan',
    title: 'Tinjau pembayaran',
    merchant: 'Penjual',
    order: 'Pesanan',
    left: 'Sisa waktu',
    pay: 'Bayar',
    leave: 'Tinggalkan',
    cancel: 'Batalkan',
    fail: 'Gagalkan',
    note: 'Pilih apa yang dilakukan pembeli di GoPay.',
  },
  en: {
    badge: 'Simulator · no real money',
    title: 'Review payment',
    merchant: 'Merchant',
    order: 'Order',
    left: 'Time left',
    pay: 'Pay',
    leave: 'Leave',
    cancel: 'Cancel',
    fail: 'Fail',
    note: 'Choose what the buyer does in GoPay.',
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

const open = async () => {
  if (token) {
    const refused = await openSession(payment);
    if (refused) {
      done({ kind: 'error', result: refused.result });
      return;
    }
  }
  const sheet = await poll(null);
  const rupiah = new Intl.NumberFormat('id-ID').format(sheet.rupiah);
  document.querySelector('#amount').textContent = `Rp${rupiah}`;
  document.querySelector('#merchant').textContent = sheet.merchant_name;
  document.querySelector('#order').textContent = sheet.partner_reference_no;
  const language = languageOf(sheet.locale);
  show(language, WORDS[language]);
  for (const button of buttons) {
    button.addEventListener('click', async () => {
      for (const each of buttons) each.disabled = true;
      try {
        // 409: the payment is settled already; the next poll has the result.
        await request(`${payment}/${button.dataset.act}`, { method: 'POST' }).catch((error) => {
          if (error.status !== 409) throw error;
        });
        await poll(sheet.leaves);
      } catch (error) {
        for (const each of buttons) each.disabled = false;
        showError(error);
      }
    });
  }
  schedulePoll(sheet.leaves);
};

open().catch(showError);
