// Shows one of the simulator's pages to the buyer: in the phone's frame, or laid over the page. Part of
// the SDK stand-in and of snap.js; the first of them greets the phone for both.
(() => {
  'use strict';

  const home = new URL(document.currentScript.src).origin;
  const pages = Symbol.for(`gopay-simulator ${home}`);
  if (window.gallery || window[pages]) return;

  // The phone is served under the host name of the app that it frames, whichever of this machine's names
  // the SDK came from.
  const isLocal = (name) => /^(127\.0\.0\.1|(.+\.)?localhost)$/.test(name);
  const phoneUrl = new URL(home);
  if (isLocal(phoneUrl.hostname) && isLocal(location.hostname)) phoneUrl.hostname = location.hostname;
  const phoneOrigin = phoneUrl.origin;

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
      if (isMessage(event, window.parent, phoneOrigin, 'welcome')) {
        clearTimeout(timeout);
        resolve(true);
      } else if (isMessage(event, window.parent, phoneOrigin, 'reload')) {
        location.reload();
      }
    });
    post(window.parent, 'hello', {}, phoneOrigin);
  });

  let shows = 0;
  const inPhone = (page) =>
    new Promise((resolve) => {
      shows += 1;
      const id = shows;
      const listen = (event) => {
        if (isMessage(event, window.parent, phoneOrigin, 'done') && event.data.id === id) {
          removeEventListener('message', listen);
          resolve(event.data.verdict);
        }
      };
      addEventListener('message', listen);
      post(window.parent, 'show', { id, page }, phoneOrigin);
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
      frame.src = `${home}${page}&opener=${encodeURIComponent(location.origin)}`;
      document.body.append(frame);
    });

  window[pages] = {
    isInPhone: phone,
    /** Posts to the phone. */
    post: (type, fields) => post(window.parent, type, fields, phoneOrigin),
    /** Calls the listener with each message of the phone's of this type. */
    listen: (type, listener) =>
      addEventListener('message', (event) => {
        if (isMessage(event, window.parent, phoneOrigin, type)) listener(event.data);
      }),
    /** Resolves with what the page ends with. */
    show: async (page) => ((await phone) ? inPhone : overPage)(page),
  };
})();
