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
  for (const name of ['scenario', 'buyer', 'sdk_fault']) {
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

  // Unverified: that each method needs the network.
  const offline = {
    success: false,
    errorCode: '401',
    errorType: 'JS_BRIDGE_ERROR',
    errorMessage: 'Network Error',
    ret: 'GP_EXCEPTION',
  };

  // Of show-page.js, which comes first.
  const pages = window[Symbol.for(`gopay-simulator ${home}`)];
  // Of sdk-faults.js.
  const faults = window[Symbol.for(`gopay-simulator faults ${home}`)];

  // Outside the phone, the page itself listens for reloads.
  if (window.parent === window) {
    addEventListener('load', () => {
      const events = new EventSource(`${home}/control/events`);
      events.addEventListener('reload', () => location.reload());
    });
  }

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
      if (await pages.isInPhone) pages.post('bar', { bar });
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
    const end = await pages.show(verdict.page);
    return verdict.calls_back ? { ...end, fault: verdict.fault } : { kind: 'silent' };
  };

  // Unverified: the effect and the unit of the real `timeout`. The stand-in ignores it: a caller
  // needs a deadline of its own.
  const call = (className, methodName, params, success, failure) => {
    decide(String(className), String(methodName), params ?? {})
      .catch((error) => {
        if (!navigator.onLine) return { kind: 'failure', reply: offline };
        console.warn(
          `GoPay simulator: ${error.message}. Is it running at ${home}, with --app ${location.origin}?`,
        );
        return { kind: 'failure', reply: outside };
      })
      .then(({ kind, reply, fault, why, effects: happens = [] }) => {
        // GoPay itself gives the code only.
        if (why) console.warn(`GoPay simulator: ${className}.${methodName}: ${why}`);
        try {
          faults.answer({ kind, reply, fault }, success, failure);
        } finally {
          for (const effect of happens) effects[effect.kind](effect);
        }
      });
  };

  faults.install({ call }, settings);
})();
