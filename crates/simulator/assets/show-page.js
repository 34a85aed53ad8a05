// Shows one of the simulator's pages to the buyer: in the phone's frame, or laid over the page. Part of
// the SDK stand-in and of snap.js; the first of them greets the phone for both.
(() => {
  'use strict';

  const home = new URL(document.currentScript.src).origin;
  const pages = Symbol.for(`gopay-simulator ${home}`);
  if (window.gallery || window[pages]) return;

  const post = (target, type, fields, origin) =>
    target.postMessage({ ...fields, type: `gopay-simulator:${type}` }, origin);
  const isMessage = (event, source, origin, type) =>
    event.source === source &&
    event.origin === origin &&
    event.data !== null &&
    typeof event.data === 'object' &&
    event.data.type === `gopay-simulator:${type}`;

  // The simulator's phone answers this greeting; under any other parent, a sheet is laid over the
  // page itself.
  const phone = new Promise((resolve) => {
    if (window.parent === window) {
      resolve(false);
      return;
    }
    const timeout = setTimeout(() => resolve(false), 300);
    addEventListener('message', (event) => {
      if (isMessage(event, window.parent, home, 'welcome')) {
        clearTimeout(timeout);
        resolve(true);
      } else if (isMessage(event, window.parent, home, 'reload')) {
        location.reload();
      }
    });
    post(window.parent, 'hello', {}, home);
  });

  let shows = 0;
  const inPhone = (page) =>
    new Promise((resolve) => {
      shows += 1;
      const id = shows;
      const listen = (event) => {
        if (isMessage(event, window.parent, home, 'done') && event.data.id === id) {
          removeEventListener('message', listen);
          resolve(event.data.verdict);
        }
      };
      addEventListener('message', listen);
      post(window.parent, 'show', { id, page }, home);
    });

  const overPage = (page) =>
    new Promise((resolve) => {
      const before = document.activeElement;
      const frame = document.createElement('iframe');
      frame.title = 'GoPay simulator';
      frame.setAttribute('role', 'dialog');
      frame.setAttribute('aria-modal', 'true');
      Object.assign(frame.style, {
        position: 'fixed',
        inset: '0',
        width: '100%',
        height: '100%',
        border: '0',
        zIndex: '2147483647',
        background: 'transparent',
        colorScheme: 'light',
      });
      const listen = (event) => {
        if (!isMessage(event, frame.contentWindow, home, 'done')) return;
        removeEventListener('message', listen);
        frame.remove();
        if (before instanceof HTMLElement) before.focus({ preventScroll: true });
        resolve(event.data.verdict);
      };
      addEventListener('message', listen);
      frame.addEventListener('load', () => frame.focus());
      // A page of a package has the simulator's own origin.
      frame.src = `${home}${page}&host=${location.origin === home ? 'package' : 'app'}`;
      document.body.append(frame);
    });

  window[pages] = {
    isInPhone: phone,
    /** Posts to the phone. */
    post: (type, fields) => post(window.parent, type, fields, home),
    /** Resolves with what the page ends with. */
    show: async (page) => ((await phone) ? inPhone : overPage)(page),
  };
})();
