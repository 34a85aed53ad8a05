// A stand-in for Midtrans' snap.js: `window.snap`, backed by the simulator `[snap-js]`.
//
// It needs no request of the page's own, only a frame: what the buyer does comes from that frame.
(() => {
  'use strict';

  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const pages = window[Symbol.for(`gopay-simulator ${home}`)];
  const callbacks = { success: 'onSuccess', pending: 'onPending', error: 'onError', close: 'onClose' };

  // Where the page has no callback for it, Snap leads to the finish URL.
  const conclude = ({ kind, result }, options) => {
    const callback = options[callbacks[kind]];
    if (typeof callback === 'function') {
      if (kind === 'close') callback();
      else callback(result);
    } else if (kind !== 'close' && result?.finish_redirect_url) {
      location.assign(result.finish_redirect_url);
    }
  };

  const pay = (token, options = {}) => {
    // In a state of the gallery, the state has the answer: "snap.pay".
    if (window.gallery) {
      const end = (kind) => (result) => conclude({ kind, result }, options);
      window.gpContainer.call('snap', 'pay', {}, end('success'), end('error'));
      return;
    }
    const query = new URLSearchParams({ snap: token, client_key: script.dataset.clientKey ?? '' });
    if (options.language) query.set('language', options.language);
    pages.show(`/snap/popup?${query}`).then((verdict) => conclude(verdict, options));
  };

  // Snap shows a loading page between the two; the simulator's pages need none.
  window.snap = { pay, show: () => {}, hide: () => {} };
})();
