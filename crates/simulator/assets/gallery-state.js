// Plays one state of the gallery, `?gallery=<name>`, in the page of the shipped app: what GoPay's
// container and the app's back end answer, and what is tapped, are the state's; no request leaves
// the page. `<html data-gallery>` says `ready` once one can see it. Then time stands still.
//
// Everything is in place before the app is served its container, and so before its first request.
(() => {
  'use strict';

  // The app may have taken its query out of the address by now. A test that holds the clock has no
  // such entry.
  const [entry] = performance.getEntriesByType('navigation');
  const opened = new URL(entry?.name ?? location.href);
  const name = opened.searchParams.get('gallery');
  if (name === null) return;
  window.gallery = name;
  // It was faster than this script, and has seen what the browser keeps for the real shop.
  if (window.wasmBindings) {
    location.replace(opened);
    return;
  }

  const home = new URL(document.currentScript.src).origin;
  const root = document.documentElement;
  const real = { fetch: window.fetch.bind(window), setTimeout: window.setTimeout.bind(window) };
  const shadow = (object, key, value) => Object.defineProperty(object, key, { value, configurable: true });

  if (window.parent === window) {
    addEventListener('load', () => {
      const events = new EventSource(`${home}/control/events`);
      events.addEventListener('reload', () => location.reload());
    });
  } else {
    // Whoever looks at the gallery scrolls it; a heading in one of its frames does not.
    const { focus } = HTMLElement.prototype;
    HTMLElement.prototype.focus = function (options) {
      focus.call(this, { ...options, preventScroll: true });
    };
  }

  // The theme that is asked for, over the browser's own.
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

  // What the app would keep goes with the page, and what the real shop keeps is not there. The
  // address stays that of the state.
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
  // A state is opened by a buyer who was here before.
  shadow(window, 'localStorage', store({ buyer: 'siti' }));
  shadow(window, 'sessionStorage', store());
  shadow(navigator, 'sendBeacon', () => true);
  shadow(navigator, 'clipboard', {
    writeText: () => Promise.reject(new DOMException('Nothing leaves the gallery', 'NotAllowedError')),
  });
  history.pushState = history.replaceState = () => {};

  // Time: what takes longer than this never comes, unless something is `late`; and nothing does
  // any more once the state can be seen. The app's clock stands from the beginning.
  const LONG = 5_000;
  let isReady = false;
  const held = new Map();
  let last = setTimeout(() => {});
  // The page's own, for an app that does not start.
  for (; last > 0; last -= 1) clearTimeout(last);
  window.setTimeout = (callback, delay = 0, ...rest) => {
    const passes = () => {
      if (!isReady || delay === 0) callback(...rest);
    };
    if (delay <= LONG) return real.setTimeout(passes, delay);
    const id = real.setTimeout(() => {}, 0);
    held.set(id, passes);
    return id;
  };
  const clear = window.clearTimeout.bind(window);
  window.clearTimeout = (id) => {
    held.delete(id);
    clear(id);
  };
  const now = performance.now();
  shadow(performance, 'now', () => now);

  const complain = (why) => {
    console.error(`gallery: ${name}: ${why}`);
    root.dataset.gallery = 'failed';
  };
  /** Answers one after the other; the last one stays. */
  const turns = (answers) => {
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
    return { ...state, answer: turns(state.answers), reply: turns(state.gopay) };
  });

  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/api/')) return real.fetch(request);
    const state = await loading;
    const call = `${request.method} ${pathname}`;
    const answer = state.answer(call);
    if (answer === undefined) complain(`has no answer to ${call}`);
    if (answer === 'offline' || answer === undefined) throw new TypeError('Failed to fetch');
    if (answer === 'never' || answer === 'late') {
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason));
        if (answer === 'late') {
          const due = [...held.values()];
          held.clear();
          for (const give of due) give();
        }
      });
    }
    const { status = 200, body } = answer;
    const headers = { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' };
    return new Response(JSON.stringify(body), { status, headers });
  };

  // What the page asks where the app cannot: no more of it than that page knows.
  window.XMLHttpRequest = class {
    open(method, path) {
      this.call = `${method} ${path}`;
    }

    async send() {
      const { body } = (await loading).answer(this.call) ?? {};
      if (body === undefined) complain(`has no body to answer ${this.call}`);
      this.responseText = JSON.stringify(body);
      this.onloadend();
    }
  };

  const call = async (className, methodName, params, success, failure) => {
    const state = await loading;
    const reply = state.reply(`${className}.${methodName}`);
    if (reply === undefined) complain(`has no answer to ${className}.${methodName}`);
    else if (reply.success) success(reply.success);
    else if (reply.failure) failure(reply.failure);
  };

  /** Waits until this is there and can be seen. */
  const seen = (selector) =>
    new Promise((resolve) => {
      const look = () => {
        const element = document.querySelector(selector);
        if (!element?.checkVisibility()) return;
        watch.disconnect();
        resolve(element);
      };
      const watch = new MutationObserver(look);
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      look();
    });

  /** What is to be undone for whoever looks at the page. */
  const after = [];
  const steps = {
    see: seen,
    tap: async (selector) => {
      const element = await seen(selector);
      performance.mark('gallery-tap');
      element.click();
    },
    script_error: () => {
      const filename = `${location.origin}/app.js`;
      dispatchEvent(new ErrorEvent('error', { filename, message: 'A script of the app did not load' }));
    },
    // The page's own script decides it, in its first lines: before that it would take this back.
    too_old: async () => {
      await seen('html[data-awake]');
      root.dataset.failed = 'old';
      root.dataset.boot = 'failed';
    },
    offline: () => shadow(navigator, 'onLine', false),
    no_elements: () => {
      const { cloneNode } = Node.prototype;
      const fail = () => {
        throw new Error('out of memory');
      };
      document.createElement = fail;
      Node.prototype.cloneNode = fail;
      after.push(() => {
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
    await seen(state.shows);
    isReady = true;
    for (const undo of after) undo();
    if (root.dataset.gallery === undefined) root.dataset.gallery = 'ready';
  };
  play().catch((error) => {
    complain(error.message);
    document.body.textContent = `Gallery: ${error.message}`;
  });
})();

