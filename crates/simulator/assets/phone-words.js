// The words of the phone and its settings, in Indonesian and English.

import { currentLanguage } from './language.js';

const WORDS = {
  // Settings: their names, and their values by name and value.
  settings: ['Setelan HP', 'Phone settings'],
  model: ['Model', 'Model'],
  'model.default': ['390×844 (sesuai jendela)', '390×844 (fits the window)'],
  'model.android-small': ['Android kecil (360×640)', 'Small Android (360×640)'],
  'model.android': ['Android (360×800)', 'Android (360×800)'],
  'model.pixel': ['Pixel (412×915)', 'Pixel (412×915)'],
  'model.iphone-se': ['iPhone SE (375×667)', 'iPhone SE (375×667)'],
  'model.iphone-15': ['iPhone 15 (393×852)', 'iPhone 15 (393×852)'],
  rotate: ['Putar', 'Rotate'],
  theme: ['Tema', 'Theme'],
  'theme.system': ['Sistem', 'System'],
  'theme.light': ['Terang', 'Light'],
  'theme.dark': ['Gelap', 'Dark'],
  text: ['Ukuran teks', 'Text size'],
  'text.100': ['100%', '100%'],
  'text.130': ['130%', '130%'],
  'text.200': ['200%', '200%'],
  locale: ['Bahasa GoPay', 'GoPay’s language'],
  'locale.id_ID': ['Indonesia', 'Indonesia'],
  'locale.en_ID': ['English', 'English'],
  network: ['Jaringan', 'Network'],
  'network.online': ['Online', 'Online'],
  'network.slow-4g': ['4G lambat (+560 ms)', 'Slow 4G (+560 ms)'],
  'network.3g': ['3G (+2000 ms)', '3G (+2000 ms)'],
  'network.offline': ['Offline', 'Offline'],
  processor: ['Prosesor', 'Processor'],
  'processor.full': ['Penuh', 'Full speed'],
  'processor.slow': ['4× lebih lambat', '4× slower'],
  'processor.slowest': ['6× lebih lambat', '6× slower'],
  keyboard: ['Keyboard', 'Keyboard'],
  'keyboard.auto': ['Otomatis', 'Automatic'],
  'keyboard.off': ['Mati', 'Off'],
  background: ['Latar', 'Background'],
  'background.title': ['Pindahkan mini app ke latar belakang', 'Move the mini app to the background'],
  kill: ['Matikan', 'Kill'],
  'kill.title': ['Matikan mini app', 'Kill the mini app'],
  'keyboard.hide': ['Tutup keyboard', 'Hide the keyboard'],

  // The phone.
  phone: ['HP', 'Phone'],
  close: ['Tutup mini app', 'Close the mini app'],
  reopen: ['Muat ulang mini app', 'Load the mini app again'],
  'push.close': ['Tutup push', 'Close the push'],
  'home.closed': [
    'Dompet tanpa uang. Mini app sudah ditutup; pembayarannya tetap berjalan.',
    'A wallet without money. The mini app is closed; its payments go on.',
  ],
  'home.background': [
    'Mini app ada di latar belakang. Halamannya tetap berjalan dan tersembunyi.',
    'The mini app is in the background. Its page runs on and is hidden.',
  ],
  open: ['Buka {name}', 'Open {name}'],
  return: ['Kembali ke {name}', 'Return to {name}'],
  link: ['Alamat dari banner', "A banner's address"],
  follow: ['Ikuti', 'Follow'],
  'link.wrong': ['Tulis alamat di {origin}, misalnya /?lang=en', 'Write an address of {origin}, such as /?lang=en'],
  reminders: ['Pengingat', 'Reminders'],
  pushes: ['Push', 'Pushes'],
  history: ['Riwayat pesanan', 'Order history'],

  // Why the mini app does not load, by finding: what it is, and what to do.
  again: ['Coba lagi', 'Try again'],
  hide: ['Sembunyikan', 'Hide'],
  no_server: ['Tidak ada server di {address}', 'No server listens at {address}'],
  'no_server.do': [
    'Jalankan server mini app, atau jalankan simulator dengan alamatnya: --app http://localhost:3000.',
    'Start the mini app’s server, or start the simulator with its address: --app http://localhost:3000.',
  ],
  untrusted_certificate: ['Sertifikat {address} tidak dipercaya', 'The certificate of {address} is not trusted'],
  'untrusted_certificate.do': [
    'Buka alamat itu di tab lain dan terima sertifikatnya, pasang CA pembuatnya di komputer ini (misalnya dengan mkcert -install), atau pakai http di localhost.',
    'Open the address in another tab and accept the certificate, install its CA on this computer (for example with mkcert -install), or use http on localhost.',
  ],
  no_response: ['{address} tidak memberi respons HTTP', '{address} gives no HTTP response'],
  'no_response.do': [
    'Periksa log server itu, dan apakah alamatnya http atau https.',
    'Look at the server’s log, and whether the address is http or https.',
  ],
  redirect_elsewhere: ['{address} mengalihkan ke origin lain', '{address} redirects to another origin'],
  'redirect_elsewhere.do': [
    'HP ini hanya menampilkan origin mini app. Jalankan simulator dengan alamat tujuannya sebagai --app, atau hapus pengalihannya.',
    'The phone shows the mini app’s origin only. Start the simulator with the target as --app, or remove the redirect.',
  ],
  error_status: ['{address} menjawab dengan status {status}', '{address} answers with status {status}'],
  'error_status.do': [
    'Periksa alamat mini app dan log servernya.',
    'Check the mini app’s address, and its server’s log.',
  ],
  framing_forbidden: ['{address} melarang framing', '{address} forbids framing'],
  'framing_forbidden.do': [
    'Selama pengembangan, kirim header ini dan hapus X-Frame-Options:',
    'In development, send this header and remove X-Frame-Options:',
  ],
  no_sdk: ['Halaman ini tidak memuat SDK simulator', 'This page does not load the simulator’s SDK'],
  'no_sdk.do': [
    'SDK milik GoPay tidak berfungsi di luar GoPay. Tambahkan ini sebelum script lain:',
    'GoPay’s own SDK does nothing outside GoPay. Add this before other scripts:',
  ],
  fine: ['SDK di halaman ini belum mulai', 'This page’s SDK has not started yet'],
  'fine.do': [
    'Halamannya dapat dimuat dan memuat SDK. Periksa konsol browser: mungkin Content-Security-Policy memblokir script SDK, atau halaman masih dimuat.',
    'The page loads and has the SDK. Look at the browser’s console: a Content-Security-Policy may block the script, or the page is still loading.',
  ],
};

/** The text of a key; `{name}` in it is the value of that name. */
export const word = (key, values = {}) =>
  WORDS[key][currentLanguage() === 'id' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Writes the words of a part of the page: texts by `data-word`, names of elements by `data-label`. */
export const writeWords = (part) => {
  part.lang = currentLanguage();
  for (const element of part.querySelectorAll('[data-word]')) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of part.querySelectorAll('[data-label]')) {
    element.ariaLabel = word(element.dataset.label);
    if (element.matches('button')) element.title = element.ariaLabel;
  }
};
