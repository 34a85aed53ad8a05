// Applies the phone's settings in the app's page: network, processor, text size and background. Tells the phone
// when a text field has the focus. Part of the SDK stand-in, after show-page.js.
//
// The frame's name has the settings, since a message of the phone's arrives after the page's first
// requests. A page outside the phone has no such name.
(() => {
  'use strict';

  const PREFIX = 'gopay-simulator ';
  const home = new URL(document.currentScript.src).origin;
  const pages = window[Symbol.for(`gopay-simulator ${home}`)];
  if (window.gallery || window.parent === window || pages.isEmulating) return;
  if (!window.name.startsWith(PREFIX)) return;
  pages.isEmulating = true;

  /** The network, the processor, the size of texts, and whether the app is in the background. */
  let settings = JSON.parse(window.name.slice(PREFIX.length));

  const root = document.documentElement;
  const { fetch, setTimeout, clearTimeout } = window;
  const { open, send, abort } = XMLHttpRequest.prototype;
  const { sendBeacon } = navigator;
  const getter = (type, property) => Object.getOwnPropertyDescriptor(type.prototype, property).get;
  const isOnLine = getter(Navigator, 'onLine').bind(navigator);
  const isHidden = getter(Document, 'hidden').bind(document);
  const define = (object, property, get) => Object.defineProperty(object, property, { get, configurable: true });

  define(navigator, 'onLine', () => isOnLine() && !settings.offline);
  define(document, 'hidden', () => isHidden() || settings.background);
  define(document, 'visibilityState', () => (document.hidden ? 'hidden' : 'visible'));

  const delay = (signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(resolve, settings.delay_ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });

  window.fetch = async (input, init) => {
    if (settings.delay_ms > 0) await delay(init?.signal ?? input?.signal);
    if (settings.offline) throw new TypeError('Failed to fetch');
    return fetch.call(window, input, init);
  };

  navigator.sendBeacon = (...request) => settings.offline || sendBeacon.apply(navigator, request);

  const timers = new WeakMap();
  const synchronous = new WeakSet();

  /** Ends a request that was not sent. */
  const end = (request, event) => {
    define(request, 'readyState', () => XMLHttpRequest.DONE);
    request.dispatchEvent(new Event('readystatechange'));
    request.dispatchEvent(new ProgressEvent(event));
    request.dispatchEvent(new ProgressEvent('loadend'));
  };
  const cancel = (request) => {
    clearTimeout(timers.get(request));
    return timers.delete(request);
  };

  Object.assign(XMLHttpRequest.prototype, {
    open(...request) {
      cancel(this);
      delete this.readyState;
      synchronous[request[2] === false ? 'add' : 'delete'](this);
      open.apply(this, request);
    },
    send(body) {
      const { offline, delay_ms: delayMs } = settings;
      if (synchronous.has(this)) {
        if (offline) throw new DOMException('Failed to load', 'NetworkError');
        send.call(this, body);
        return;
      }
      if (!offline && delayMs === 0) {
        send.call(this, body);
        return;
      }
      const isTooLate = this.timeout > 0 && this.timeout <= delayMs;
      const proceed = () => {
        timers.delete(this);
        if (isTooLate) end(this, 'timeout');
        else if (settings.offline) end(this, 'error');
        else send.call(this, body);
      };
      timers.set(this, setTimeout(proceed, isTooLate ? this.timeout : delayMs));
    },
    abort() {
      if (cancel(this)) end(this, 'abort');
      else abort.call(this);
    },
  });

  // Each task of the page's thread is followed by a busy one that is as many times as long as the processor is slower.
  // Between two of these there is no time but that of other tasks: messages come at once.
  const MIN_TASK_MS = 0.3;
  // A dialog or a breakpoint is no work.
  const MAX_TASK_MS = 1000;
  const { port1: sender, port2: receiver } = new MessageChannel();
  let idleSince = 0;
  const startSlowdown = () => {
    idleSince = performance.now();
    sender.postMessage(null);
  };
  receiver.onmessage = () => {
    if (settings.slowdown === 1) return;
    const task = Math.min(performance.now() - idleSince, MAX_TASK_MS);
    const end = performance.now() + task * (settings.slowdown - 1);
    if (task >= MIN_TASK_MS) while (performance.now() < end);
    startSlowdown();
  };
  if (settings.slowdown > 1) startSlowdown();

  // The page's own size is known once its style sheets are.
  const applyTextSize = () => {
    root.style.fontSize = '';
    if (settings.text_size === 1) return;
    root.style.fontSize = `${parseFloat(getComputedStyle(root).fontSize) * settings.text_size}px`;
  };
  applyTextSize();
  addEventListener('load', applyTextSize);

  pages.listen('settings', ({ settings: changed }) => {
    const before = settings;
    settings = changed;
    window.name = PREFIX + JSON.stringify(changed);
    if (before.slowdown === 1 && changed.slowdown > 1) startSlowdown();
    if (before.text_size !== changed.text_size) applyTextSize();
    if (before.offline !== changed.offline) dispatchEvent(new Event(changed.offline ? 'offline' : 'online'));
    if (before.background !== changed.background) {
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }
  });

  const TEXT_TYPES = new Set(['email', 'number', 'password', 'search', 'tel', 'text', 'url']);
  const NUMBERS = new Set(['decimal', 'number', 'numeric', 'tel']);
  /** The keyboard for the element, `letters` or `numbers`; null for none. */
  const keyboardOf = (element) => {
    if (!(element instanceof HTMLElement) || element.inputMode === 'none') return null;
    const isField = element instanceof HTMLTextAreaElement || TEXT_TYPES.has(element.type);
    if (!(isField ? !element.readOnly : element.isContentEditable)) return null;
    return NUMBERS.has(element.inputMode || element.type) ? 'numbers' : 'letters';
  };
  const showKeyboard = (element) => pages.post('keyboard', { keyboard: keyboardOf(element) });
  addEventListener('focusin', (event) => showKeyboard(event.composedPath()[0]));
  addEventListener('focusout', ({ relatedTarget }) => showKeyboard(relatedTarget));
  if (keyboardOf(document.activeElement)) showKeyboard(document.activeElement);
  // The keyboard has taken height.
  addEventListener('resize', () => {
    if (keyboardOf(document.activeElement)) document.activeElement.scrollIntoView({ block: 'nearest' });
  });
})();
