// Plays one state of the gallery, `?gallery=<name>`, in the page of the shipped app. The state
// gives the answers of GoPay's container and of the app's back end, and the taps; no request leaves
// the page. `<html data-gallery>` is `ready` once the state is visible. Then time stands still.
//
// All of this is in place before the app gets its container, and so before its first request.
(() => {
  'use strict';

  // The app may have removed its query from the address by now. A test that holds the clock has no
  // such entry.
  const [entry] = performance.getEntriesByType('navigation');
  const opened = new URL(entry?.name ?? location.href);
  const name = opened.searchParams.get('gallery');
  if (name === null) return;
  window.gallery = name;
  // The app was faster than this script and has read the real shop's storage.
  if (window.wasmBindings) {
    location.replace(opened);
    return;
  }

  const home = new URL(document.currentScript.src).origin;
  const root = document.documentElement;
  const real = { fetch: window.fetch.bind(window), setTimeout: window.setTimeout.bind(window) };
  const override = (object, key, value) => Object.defineProperty(object, key, { value, configurable: true });

  if (window.parent === window) {
    addEventListener('load', () => {
      const events = new EventSource(`${home}/control/events`);
      events.addEventListener('reload', () => location.reload());
    });
  } else {
    // The focus of a heading in a frame must not scroll the gallery.
    const { focus } = HTMLElement.prototype;
    HTMLElement.prototype.focus = function (options) {
      focus.call(this, { ...options, preventScroll: true });
    };
  }

  // The requested theme overrides the browser's.
  const theme = opened.searchParams.get('theme');
  const colour = /\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/g;
  const choose = (media) => {
    const chosen = media.mediaText.replace(colour, (_, asked) =>
      asked === theme ? '(min-width: 0px)' : '(max-width: 0px)',
    );
    if (chosen !== media.mediaText) media.mediaText = chosen;
  };
  const paint = (rules) => {
    for (const rule of rules) {
      if (rule.media) choose(rule.media);
      if (rule.cssRules) paint(rule.cssRules);
    }
  };
  const repaint = () => {
    for (const sheet of document.styleSheets) {
      if (sheet.href === null || sheet.href.startsWith(location.origin)) paint(sheet.cssRules);
    }
  };
  if (theme === 'light' || theme === 'dark') {
    root.style.colorScheme = theme;
    repaint();
    addEventListener('load', (event) => event.target instanceof HTMLLinkElement && repaint(), true);
  }

  // The app's storage lasts as long as the page, and the real shop's is hidden. The address stays
  // the state's.
  const store = (known = {}) => {
    const kept = new Map(Object.entries(known));
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, String(value)),
      removeItem: (key) => kept.delete(key),
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() {
        return kept.size;
      },
    };
  };
  // The buyer of a state is a returning one.
  override(window, 'localStorage', store({ buyer: 'siti' }));
  override(window, 'sessionStorage', store());
  override(navigator, 'sendBeacon', () => true);
  override(navigator, 'clipboard', {
    writeText: () => Promise.reject(new DOMException('Nothing leaves the gallery', 'NotAllowedError')),
  });
  history.pushState = history.replaceState = () => {};

  // A longer timer never fires, unless an answer is `late`; once the state is visible, no timer
  // does. The app's clock stands still from the start.
  const MAX_TIMER_MS = 5_000;
  let isReady = false;
  const held = new Map();
  let last = setTimeout(() => {});
  // The page's own timers, for an app that does not start.
  for (; last > 0; last -= 1) clearTimeout(last);
  window.setTimeout = (callback, delay = 0, ...rest) => {
    const fire = () => {
      if (!isReady || delay === 0) callback(...rest);
    };
    if (delay <= MAX_TIMER_MS) return real.setTimeout(fire, delay);
    const id = real.setTimeout(() => {}, 0);
    held.set(id, fire);
    return id;
  };
  const clear = window.clearTimeout.bind(window);
  window.clearTimeout = (id) => {
    held.delete(id);
    clear(id);
  };
  const now = performance.now();
  override(performance, 'now', () => now);

  const fail = (why) => {
    console.error(`gallery: ${name}: ${why}`);
    root.dataset.gallery = 'failed';
  };
  /** Gives the answers of each call in order; the last one repeats. */
  const sequence = (answers) => {
    const counts = new Map();
    return (call) => {
      const all = answers[call];
      if (all === undefined) return undefined;
      const turn = Math.min(counts.get(call) ?? 0, all.length - 1);
      counts.set(call, turn + 1);
      return all[turn];
    };
  };
  const loading = real.fetch(`${home}/gallery/states/${encodeURIComponent(name)}`).then(async (answer) => {
    const state = await answer.json();
    if (!answer.ok) throw new Error(state.error);
    return { ...state, answer: sequence(state.answers), reply: sequence(state.gopay) };
  });

  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/api/')) return real.fetch(request);
    const state = await loading;
    const call = `${request.method} ${pathname}`;
    const answer = state.answer(call);
    if (answer === undefined) fail(`has no answer to ${call}`);
    if (answer === 'offline' || answer === undefined) throw new TypeError('Failed to fetch');
    if (answer === 'never' || answer === 'late') {
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
        if (answer === 'late') {
          const due = [...held.values()];
          held.clear();
          for (const fire of due) fire();
        }
      });
    }
    const { status = 200, body } = answer;
    const headers = { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' };
    return new Response(JSON.stringify(body), { status, headers });
  };

  // The page itself uses XMLHttpRequest where the app cannot run; only the used part is here.
  window.XMLHttpRequest = class {
    open(method, path) {
      this.call = `${method} ${path}`;
    }

    async send() {
      const { body } = (await loading).answer(this.call) ?? {};
      if (body === undefined) fail(`has no body to answer ${this.call}`);
      this.responseText = JSON.stringify(body);
      this.onloadend();
    }
  };

  const call = async (className, methodName, params, success, failure) => {
    const state = await loading;
    const reply = state.reply(`${className}.${methodName}`);
    if (reply === undefined) fail(`has no answer to ${className}.${methodName}`);
    else if (reply.success) success(reply.success);
    else if (reply.failure) failure(reply.failure);
  };

  /** Waits for a visible element. */
  const waitFor = (selector) =>
    new Promise((resolve) => {
      const check = () => {
        const element = document.querySelector(selector);
        if (!element?.checkVisibility()) return;
        observer.disconnect();
        resolve(element);
      };
      const observer = new MutationObserver(check);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      check();
    });

  /** Undone once the state is visible, so that the page can be inspected. */
  const cleanups = [];
  const steps = {
    see: waitFor,
    tap: async (selector) => {
      const element = await waitFor(selector);
      performance.mark('gallery-tap');
      element.click();
    },
    script_error: () => {
      const filename = `${location.origin}/app.js`;
      dispatchEvent(new ErrorEvent('error', { filename, message: 'A script of the app did not load' }));
    },
    // The page's own script sets these in its first lines, and would overwrite earlier values.
    too_old: async () => {
      await waitFor('html[data-awake]');
      root.dataset.failed = 'old';
      root.dataset.boot = 'failed';
    },
    offline: () => override(navigator, 'onLine', false),
    no_elements: () => {
      const { cloneNode } = Node.prototype;
      const throwError = () => {
        throw new Error('out of memory');
      };
      document.createElement = throwError;
      Node.prototype.cloneNode = throwError;
      cleanups.push(() => {
        delete document.createElement;
        Node.prototype.cloneNode = cloneNode;
      });
    },
  };

  const play = async () => {
    const state = await loading;
    for (const [name, content] of Object.entries(state.meta)) {
      document.querySelector(`meta[name="${name}"]`).content = content;
    }
    window.gpContainer = { call };
    for (const step of state.steps) {
      const [kind, what] = typeof step === 'string' ? [step] : Object.entries(step)[0];
      await steps[kind](what);
    }
    await waitFor(state.shows);
    isReady = true;
    for (const undo of cleanups) undo();
    if (root.dataset.gallery === undefined) root.dataset.gallery = 'ready';
  };
  play().catch((error) => {
    fail(error.message);
    document.body.textContent = `Gallery: ${error.message}`;
  });
})();

