// A stand-in for GoPay's container SDK: the same one function, backed by the simulator.
//
// It runs in the app's page, under the app's content security policy: no eval and no inline style,
// only this script, requests to the simulator and frames from it.
(() => {
  'use strict';

  const home = new URL(document.currentScript.src).origin;
  const query = new URLSearchParams(location.search);
  // A state of the gallery is played by gallery-state.js, which comes first.
  if (window.gallery) return;
  const settings = {};
  for (const name of ['scenario', 'buyer']) {
    if (query.has(name)) settings[name] = query.get(name);
  }
  // The buyer stays the same when the page reloads at another address.
  try {
    if (settings.buyer) sessionStorage.setItem('gopay-simulator-buyer', settings.buyer);
    else settings.buyer = sessionStorage.getItem('gopay-simulator-buyer') ?? undefined;
  } catch {
    // The browser has no storage.
  }

  // Unverified: nothing official has this code; pages saw it outside GoPay.
  const outside = {
    success: false,
    errorCode: 1003,
    errorType: 'JS_BRIDGE_ERROR',
    errorMessage: 'Not in GoPay',
    ret: 'GP_EXCEPTION',
  };

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

  // Outside the phone, the page itself listens for reloads.
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

  const toast = ({ text, seconds }) => {
    const line = document.createElement('div');
    line.setAttribute('role', 'status');
    line.textContent = text;
    Object.assign(line.style, {
      position: 'fixed',
      left: '50%',
      bottom: '96px',
      transform: 'translateX(-50%)',
      boxSizing: 'border-box',
      width: 'max-content',
      maxWidth: 'calc(100% - 32px)',
      padding: '10px 16px',
      borderRadius: '14px',
      background: '#1d1a2b',
      color: '#ffffff',
      boxShadow: '0 0 0 1px rgb(255 255 255 / 25%), 0 8px 24px rgb(0 0 0 / 30%)',
      font: '14px/1.4 system-ui, sans-serif',
      overflowWrap: 'anywhere',
      pointerEvents: 'none',
      zIndex: '2147483646',
    });
    document.body.append(line);
    setTimeout(() => line.remove(), seconds * 1000);
  };

  const dispatch = (event, place, carries) => {
    const detail = place === 'detail' ? carries : undefined;
    const happened = new CustomEvent(event, { detail });
    if (place === 'param') happened.param = carries;
    if (place === 'event') Object.assign(happened, carries);
    document.dispatchEvent(happened);
  };

  const sensors = new Map();
  const stop = ({ event }) => {
    clearInterval(sensors.get(event));
    sensors.delete(event);
  };
  const start = ({ event, place, every_ms: every, carries }) => {
    stop({ event });
    let count = 0;
    const value = ({ from, by, turn }) => from + (turn ? (count * by) % turn : count * by);
    const tick = () => {
      const values = Object.entries(carries).map(([name, series]) => [name, value(series)]);
      dispatch(event, place, Object.fromEntries(values));
      count += 1;
    };
    sensors.set(event, setInterval(tick, every));
  };

  // What happens in the phone after the callback.
  const effects = {
    notice: toast,
    start,
    stop,
    event: ({ event, place, carries }) => setTimeout(() => dispatch(event, place, carries)),
    // A browser may refuse, for example without a tap before; the toast is shown all the same.
    copy: ({ text }) => navigator.clipboard?.writeText(text).catch(() => {}),
    bar: async ({ bar }) => {
      if (await phone) post(window.parent, 'bar', { bar }, home);
    },
  };

  const decide = async (className, methodName, params) => {
    const response = await fetch(`${home}/bridge/call`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'omit',
      body: JSON.stringify({ ...settings, class: className, method: methodName, params }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    const verdict = await response.json();
    if (verdict.kind !== 'show') return verdict;
    const shown = (await phone) ? inPhone : overPage;
    const end = await shown(verdict.page);
    return verdict.calls_back ? end : { kind: 'silent' };
  };

  // Unverified: the effect and the unit of the real `timeout`. The stand-in ignores it: a caller
  // needs a deadline of its own.
  const call = (className, methodName, params, success, failure) => {
    decide(String(className), String(methodName), params ?? {})
      .catch((error) => {
        console.warn(
          `GoPay simulator: ${error.message}. Is it running at ${home}, with --app ${location.origin}?`,
        );
        return { kind: 'failure', reply: outside };
      })
      .then(({ kind, reply, effects: happens = [] }) => {
        const callback = { success, failure }[kind];
        try {
          if (typeof callback === 'function') callback(reply);
        } finally {
          for (const effect of happens) effects[effect.kind](effect);
        }
      });
  };

  window.gpContainer = { call };
})();
