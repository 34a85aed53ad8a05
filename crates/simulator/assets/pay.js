// The web payment page: the buyer pays without a container, and goes back to the merchant. It is
// opened at its address, or as the pop-up of snap.js in the sandbox.

import { done, languageOf, openSession, param, request, show, showError } from './overlay.js';

const WORDS = {
  id: {
    badge: 'Simulator · bukan uang sungguhan',
    title: 'Bayar dengan GoPay',
    merchant: 'Penjual',
    order: 'Pesanan',
    left: 'Sisa waktu',
    pin: 'PIN GoPay',
    pinHint: 'Di sandbox, PIN setiap pembeli adalah 123456.',
    wrongPin: 'PIN salah. Coba 123456.',
    pay: 'Bayar',
    leave: 'Tinggalkan',
    cancel: 'Batalkan',
    fail: 'Gagalkan',
    expire: 'Biarkan kedaluwarsa',
    note: 'Pilih apa yang dilakukan pembeli.',
    back: 'Kembali ke penjual',
    app: (address) => `Di ponsel, halaman ini membuka ${address}`,
    noWay: 'Penjual tidak memberi alamat kembali. Halaman ini boleh ditutup.',
    refused: {
      404: 'Tidak ada pembayaran di alamat ini. Periksa alamatnya.',
      406: 'Penjual sudah membatalkan pembayaran ini.',
    },
    states: {
      paid: 'Pembayaran berhasil.',
      cancelled: 'Pembayaran dibatalkan.',
      failed: 'Pembayaran gagal.',
      expired: 'Waktu pembayaran habis.',
      pending: 'Pembayaran belum selesai. Pesanan masih dapat dibayar di halaman ini.',
    },
  },
  en: {
    badge: 'Simulator · no real money',
    title: 'Pay with GoPay',
    merchant: 'Merchant',
    order: 'Order',
    left: 'Time left',
    pin: 'GoPay PIN',
    pinHint: 'In the sandbox, the PIN of each buyer is 123456.',
    wrongPin: 'Wrong PIN. Try 123456.',
    pay: 'Pay',
    leave: 'Leave',
    cancel: 'Cancel',
    fail: 'Fail',
    expire: 'Let it expire',
    note: 'Choose what the buyer does.',
    back: 'Back to the merchant',
    app: (address) => `On a phone, this page opens ${address}`,
    noWay: 'The merchant gave no address to go back to. You can close this page.',
    refused: {
      404: 'There is no payment at this address. Check the address.',
      406: 'The merchant has cancelled this payment.',
    },
    states: {
      paid: 'The payment is complete.',
      cancelled: 'The payment was cancelled.',
      failed: 'The payment failed.',
      expired: 'The time to pay is over.',
      pending: 'The payment is not complete. The order can still be paid on this page.',
    },
  },
};
const POLL_INTERVAL_MS = 400;

const isPopup = location.pathname === '/snap/popup';
const name = param('snap') || param('referenceid') || location.pathname.split('/').at(-1);
const payment = `/web/payments/${encodeURIComponent(name)}`;
const element = (id) => document.getElementById(id);
const buttons = document.querySelectorAll('[data-act]');
const disable = (yes) => {
  for (const button of buttons) button.disabled = yes;
};

let words = WORDS.id;
let hasEnded = false;

const showTime = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  element('left').textContent = `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Shows the end, and the way back to the merchant, if there is one. */
const showEnd = ({ state, return_to: address }) => {
  element('choices').hidden = true;
  element('time').hidden = state !== 'pending';
  element('end').hidden = false;
  element('result').textContent = words.states[state];
  const way = element('way');
  if (address === null) {
    way.textContent = words.noWay;
  } else if (/^https?:/.test(address)) {
    const link = document.createElement('a');
    link.href = address;
    link.textContent = words.back;
    way.replaceChildren(link);
  } else {
    way.textContent = words.app(address);
  }
};

const conclude = (page) => {
  hasEnded = true;
  if (isPopup) {
    done(page.verdict);
    return;
  }
  showEnd(page);
  const address = page.return_to;
  if (address !== null && /^https?:/.test(address)) location.assign(address);
};

const poll = async (leaves) => {
  const page = await request(leaves === null ? payment : `${payment}?leaves=${leaves}`);
  showTime(page.seconds_left);
  if (leaves !== null && page.verdict !== null && !hasEnded) conclude(page);
  return page;
};

const schedulePoll = (leaves) => {
  if (hasEnded) return;
  setTimeout(() => {
    poll(leaves)
      .catch(showError)
      .finally(() => schedulePoll(leaves));
  }, POLL_INTERVAL_MS);
};

const act = async (name, page) => {
  disable(true);
  element('pin-wrong').textContent = '';
  try {
    await request(`${payment}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(name === 'pay' && page.needs_pin ? { pin: element('pin').value } : {}),
    });
    await poll(page.leaves);
  } catch (error) {
    if (error.status === 422) {
      element('pin-wrong').textContent = words.wrongPin;
      disable(false);
      element('pin').select();
      return;
    }
    // 409: the payment is settled already; the next poll has the result.
    if (error.status !== 409) {
      disable(false);
      showError(error);
    }
  }
};

const open = async () => {
  const refused = await openSession(payment);
  if (refused && isPopup) {
    done({ kind: 'error', result: refused.result });
    return;
  }
  const page = refused ?? (await poll(null));
  const language = languageOf(page.locale);
  words = WORDS[language];
  element('title').textContent = words.title;
  document.title = words.title;
  if (refused) {
    element('lines').hidden = true;
    show(language, words);
    throw new Error(words.refused[refused.result.status_code]);
  }
  const rupiah = new Intl.NumberFormat('id-ID').format(page.rupiah);
  element('amount').textContent = `Rp${rupiah}`;
  element('merchant').textContent = page.merchant_name;
  element('order').textContent = page.partner_reference_no;
  element('pin-field').hidden = !page.needs_pin;
  const isOver = page.state !== 'pending';
  element('choices').hidden = isOver;
  show(language, words);
  if (isOver) {
    if (isPopup) conclude(page);
    else showEnd(page);
    return;
  }
  element('choices').addEventListener('submit', (event) => {
    event.preventDefault();
    act('pay', page);
  });
  for (const button of buttons) {
    if (button.type === 'button') button.addEventListener('click', () => act(button.dataset.act, page));
  }
  schedulePoll(page.leaves);
};

open().catch(showError);
