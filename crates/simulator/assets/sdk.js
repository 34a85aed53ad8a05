// A stand-in for GoPay's container SDK: the same one function, with the simulator behind it.
//
// It runs in the app's own page, under the app's own content security policy: no eval, no
// inline style, nothing but this script, requests to the simulator and frames from it.
(() => {
  'use strict';

  const home = new URL(document.currentScript.src).origin;
  const query = new URLSearchParams(location.search);
  const own = {};
  for (const name of ['scenario', 'buyer']) {
    if (query.has(name)) own[name] = query.get(name);
  }
  // A phone stays its owner's when the page is loaded again at another address.
  try {
    if (own.buyer) sessionStorage.setItem('gopay-simulator-buyer', own.buyer);
    else own.buyer = sessionStorage.getItem('gopay-simulator-buyer') ?? undefined;
  } catch {
    // A browser without storage forgets.
  }

  // Unverified: nothing official has this code; pages saw it outside GoPay.
  const outside = {
    success: false,
    errorCode: 1003,
    errorType: 'JS_BRIDGE_ERROR',
    errorMessage: 'Not in GoPay',
    ret: 'GP_EXCEPTION',
  };

  const say = (target, type, fields, origin) =>
    target.postMessage({ ...fields, type: `gopay-simulator:${type}` }, origin);
  const heard = (event, source, origin, type) =>
    event.source === source &&
    event.origin === origin &&
    event.data !== null &&
    typeof event.data === 'object' &&
    event.data.type === `gopay-simulator:${type}`;

  // The phone frame answers this greeting; any other parent does not, and then a sheet is laid
  // over the page itself.
  const phone = new Promise((resolve) => {
    if (window.parent === window) {
      resolve(false);
      return;
    }
    const nobody = setTimeout(() => resolve(false), 300);
    addEventListener('message', (event) => {
      if (heard(event, window.parent, home, 'welcome')) {
        clearTimeout(nobody);
        resolve(true);
      } else if (heard(event, window.parent, home, 'reload')) {
        location.reload();
      }
    });
    say(window.parent, 'hello', {}, home);
  });

  // A page of its own hears by itself that it should load again; in the phone, the phone does.
  if (window.parent === window) {
    addEventListener('load', () => {
      const events = new EventSource(`${home}/control/events`);
      events.addEventListener('reload', () => location.reload());
    });
  }

  let shows = 0;
  const inPhone = (page) =>
    new Promise((resolve) => {
      shows += 1;
      const id = shows;
      const listen = (event) => {
        if (heard(event, window.parent, home, 'done') && event.data.id === id) {
          removeEventListener('message', listen);
          resolve(event.data.verdict);
        }
      };
      addEventListener('message', listen);
      say(window.parent, 'show', { id, page }, home);
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
        if (!heard(event, frame.contentWindow, home, 'done')) return;
        removeEventListener('message', listen);
        frame.remove();
        if (before instanceof HTMLElement) before.focus({ preventScroll: true });
        resolve(event.data.verdict);
      };
      addEventListener('message', listen);
      frame.addEventListener('load', () => frame.focus());
      frame.src = `${home}${page}&host=app`;
      document.body.append(frame);
    });

  const decide = async (className, methodName, params) => {
    const response = await fetch(`${home}/bridge/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'omit',
      body: JSON.stringify({ ...own, class: className, method: methodName, params }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const verdict = await response.json();
    if (verdict.kind !== 'show') return verdict;
    const shown = (await phone) ? inPhone : overPage;
    const end = await shown(verdict.page);
    return verdict.calls_back ? end : { kind: 'silent' };
  };

  // Unverified: what the real `timeout` does, and in which unit. It is ignored: a caller that
  // cannot wait needs a deadline of its own.
  const call = (className, methodName, params, success, failure) => {
    decide(String(className), String(methodName), params ?? {})
      .catch((error) => {
        console.warn(
          `GoPay simulator: ${error.message}. Is it running at ${home}, with --app ${location.origin}?`,
        );
        return { kind: 'failure', reply: outside };
      })
      .then(({ kind, reply }) => {
        const callback = { success, failure }[kind];
        if (typeof callback === 'function') callback(reply);
      });
  };

  window.gpContainer = { call };
})();
