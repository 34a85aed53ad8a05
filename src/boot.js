// Runs before the app and without it: chooses the skeleton, signs in and asks for the language while the
// WebAssembly is loading, and shows the page of an app that cannot start or has crashed.
//
// Written for the oldest browsers, which need that page.
(function (root) {
  "use strict";

  // The time for the app, or for an answer of the merchant, in milliseconds.
  var ANSWER_TIMEOUT_MS = 15000;
  // The time for an answer of GoPay, as in `gopay-container`.
  var GOPAY_TIMEOUT_MS = 10000;
  // The time for GoPay's script, before the app waits for it instead.
  var SDK_TIMEOUT_MS = 3000;

  // A package keeps its routes in the fragment.
  function route() {
    return location.hash.indexOf("#/") === 0 ? location.hash.slice(1) : location.pathname;
  }

  var at = /^\/orders(?:$|\/(.?))/.exec(route());
  root.setAttribute("data-awake", "");
  root.setAttribute("data-boot", !at ? "shop" : at[1] ? "order" : "orders");
  // Every first screen but the menu needs the deferred chunk.
  var later = document.getElementById("later");
  if (at && later) later.rel = "preload";

  // The page's second policy reports each text that becomes HTML and has in it what is known to run. The first policy
  // decides what does run, and about the addresses of scripts.
  var risky =
    /<(?:script|iframe|object|embed|base|meta|link)|\bon\w+\s*=|script:|srcdoc|data:|&#(?!x27)/i;
  try {
    trustedTypes.createPolicy("default", {
      createHTML: function (html) {
        return risky.test(html) ? null : html;
      },
      createScriptURL: String,
    });
  } catch (error) {
    // Missing before Chrome 83 and Safari 26, or the SDK has one of its own.
  }

  // ---- An app that cannot start shows a sentence and a button ----

  // The page has three texts: the phone is too old, a file did not load, and, from the app itself, a
  // crash. The first one is the cause of the others.
  function fail(face) {
    var boot = root.getAttribute("data-boot");
    if (boot === "ready" || boot === "failed") return;
    root.setAttribute("data-failed", face);
    root.setAttribute("data-boot", "failed");
  }

  // A module with the newest features that the app's WebAssembly needs: bulk memory, saturating
  // conversion, sign extension (iOS 15). Compiled, not validated, because a policy can forbid compiling.
  var probe = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 0, 10, 20, 1, 18, 0,
    65, 0, 65, 0, 65, 0, 252, 11, 0, 65, 0, 178, 252, 0, 192, 26, 11,
  ];
  try {
    new WebAssembly.Module(new Uint8Array(probe));
  } catch (error) {
    fail("old");
  }
  // As new as the language of the app's script (Chromium 85).
  if (!"".replaceAll) fail("old");

  // When the last piece of the app arrived. A slow download is no failure: a reload would restart it.
  // A running app reports its own errors.
  var lastProgress = Date.now();
  function noteProgress() {
    lastProgress = Date.now();
  }
  (function watchDownload() {
    var left = lastProgress + ANSWER_TIMEOUT_MS - Date.now();
    if (window.wasmBindings) return;
    if (left > 0) setTimeout(watchDownload, left);
    else fail("load");
  })();
  try {
    new PerformanceObserver(function (list) {
      var ours = list.getEntries().some(function (entry) {
        return entry.name.indexOf(location.origin + "/") === 0;
      });
      if (ours) noteProgress();
    }).observe({ entryTypes: ["resource"] });
  } catch (error) {
    // Missing before Chrome 52: then one timeout covers the whole download.
  }

  // Each piece of the WebAssembly counts on a slow network only, because counting costs time.
  var load = window.fetch;
  if (load) {
    window.fetch = function (address) {
      var sent = load.apply(this, arguments);
      return performance.now() > SDK_TIMEOUT_MS && /\.wasm$/.test(address) ? sent.then(follow) : sent;
    };
  }
  function follow(response) {
    try {
      var reader = response.clone().body.getReader();
      (function next() {
        reader.read().then(function (piece) {
          noteProgress();
          if (!piece.done) next();
        }, noteProgress);
      })();
    } catch (error) {
      // The body cannot be read.
    }
    return response;
  }

  // A failure that the app cannot report: the phone is out of memory.
  function trap(error) {
    if (typeof WebAssembly !== "object" || !(error instanceof WebAssembly.RuntimeError)) return;
    root.setAttribute("data-failed", "crash");
    root.setAttribute("data-boot", "failed");
  }

  // The app's own files only: the app reports a missing script of GoPay itself.
  addEventListener("error", function (event) {
    trap(event.error);
    var it = event.target;
    var ours = it === window ? (event.filename || "").indexOf(location.origin) === 0 : it.type === "module";
    // A script with a syntax error needs a newer browser.
    if (ours) fail(event.error instanceof SyntaxError ? "old" : "load");
  }, true);
  addEventListener("unhandledrejection", function (event) {
    trap(event.reason);
    if (!window.wasmBindings && isOurs(event.reason)) fail("load");
  });

  // Whether this error is the app's: GoPay's script has errors of its own. Where the cause is unclear the
  // timeout decides.
  function isOurs(reason) {
    var wasm = window.WebAssembly || {};
    return (
      // The HTTP status of the app's file.
      reason >= 400 ||
      (!!wasm.CompileError && (reason instanceof wasm.CompileError || reason instanceof wasm.LinkError)) ||
      // Where it happened, not from where that was called.
      (/\w+:\/\/[^\s)]*/.exec(reason && reason.stack) || [""])[0].indexOf(location.origin + "/") === 0
    );
  }

  // The merchant's origin, in a package.
  var meta = document.querySelector("meta[name=merchant]");
  var home = (meta && meta.content) || "";

  // ---- The order's status, where the app cannot show it ----

  var askAgain = document.getElementById("ask");
  var word = document.getElementById("word");
  var which = document.getElementById("which");

  // The order in the address, else the last one that was launched in GoPay.
  function named() {
    var path = /^\/orders\/([\w-]+)/.exec(route());
    if (path) return path[1];
    try {
      return /(?:^|,)([\w-]+)$/.exec(localStorage.getItem("launched") || "")[1];
    } catch (error) {
      return "";
    }
  }

  // ---- The report of a failure to the merchant, without the buyer's data ----

  var reported = false;
  function report() {
    var face = root.getAttribute("data-failed");
    if (!face || reported || !navigator.sendBeacon) return;
    reported = true;
    var agent = navigator.userAgent;
    var engine = /(Chrome)\/(\d+)/.exec(agent) || /(OS) (\d+)_[\d_]+ like/.exec(agent) || [];
    var starter = document.querySelector("script[type=module]");
    var at = root.getAttribute("data-at");
    var seen = {
      kind: face === "crash" && !at ? "trap" : face,
      engine: engine[1] === "OS" ? "ios" : engine[1] ? "chrome" : "other",
      major: +engine[2] || 0,
      build: (/-([0-9a-f]{16})\.js/.exec((starter && starter.src) || "") || [])[1] || "",
      at: (at || "").slice(-80),
    };
    try {
      navigator.sendBeacon(home + "/api/seen", JSON.stringify(seen));
    } catch (error) {
      // The screen reports the failure.
    }
  }

  function name() {
    report();
    var order = named();
    which.hidden = !order;
    which.lastChild.textContent = order.slice(-8).toUpperCase();
  }

  function say(order) {
    var known = word.getAttribute("data-" + order.status);
    word.textContent = order.id ? order.id.slice(-8).toUpperCase() + ": " + known : known;
  }

  function tell(text) {
    var answer = JSON.parse(text);
    var order = "length" in answer ? answer[0] || { status: "none" } : answer;
    var known = word.getAttribute("data-" + order.status);
    say(known ? order : { id: order.id, status: order.id ? "other" : "unknown" });
  }

  // It may have failed before this was read.
  name();
  new MutationObserver(name).observe(root, { attributes: true, attributeFilter: ["data-failed"] });
  // In a package only the app has the session, in its memory.
  if (home) {
    askAgain.parentNode.removeChild(askAgain);
  } else {
    askAgain.addEventListener("click", function () {
      var order = named();
      var request = new XMLHttpRequest();
      request.onloadend = function () {
        try {
          tell(request.responseText);
        } catch (error) {
          say({ status: "unknown" });
        }
      };
      request.open("GET", "/api/orders" + (order ? "/" + order : ""));
      request.timeout = ANSWER_TIMEOUT_MS;
      request.send();
    });
  }
  document.getElementById("reload").addEventListener("click", function (event) {
    // A link, so that it works without this file.
    event.preventDefault();
    location.reload();
  });

  // ---- Signing in, beside the download of the app ----

  // `window.signIn` is a promise of the outcome, `window.locale` one of GoPay's language (`browser::boot`
  // has their forms), and the app continues from there. Without an outcome the app signs in itself.
  //
  // Unverified: that GoPay answers as soon as its script is loaded. The app reports a refusal and can
  // retry.

  // The outcome of a call: `judge` of a success, and every other answer unread. The app parses answers
  // that differ from GoPay's documentation.
  function ask(container, group, method, judge) {
    return new Promise(function (resolve) {
      // The first answer counts; later ones are dropped.
      var waiting = true;
      function once(judge) {
        return function (answer) {
          if (!waiting) return;
          waiting = false;
          resolve(judge(answer));
        };
      }
      var refuse = once(function (answer) {
        return { by: "failure", said: answer };
      });
      var giveUp = once(function () {
        return { by: "nobody", late: true };
      });
      setTimeout(giveUp, GOPAY_TIMEOUT_MS);
      try {
        var returned = container.call(group, method, {}, once(judge), refuse, GOPAY_TIMEOUT_MS);
        // Only the callbacks count; a promise that fails is not the app's failure to load.
        if (returned && typeof returned.catch === "function") returned.catch(function () {});
      } catch (error) {
        refuse();
      }
    });
  }

  function signIn(answer) {
    var code = documentedCode(answer);
    return code ? exchange(code) : { by: "success", said: answer };
  }

  // `window.gopayLocale` is the language of a documented answer. GoPay's page has it beside the other
  // fields, and in `data`.
  function readLanguage(answer) {
    var locale = field(answer, "app_locale") || field(answer, "appLocale");
    if (/^(en|id)[_-]\w+$/.test(locale)) window.gopayLocale = locale;
    return { by: "success", said: answer };
  }

  /** The auth code of a documented success. */
  function documentedCode(answer) {
    var code = field(answer, "authCode");
    return /^[!-~]{1,1024}$/.test(code) ? code : "";
  }

  /**
   * The text field of this name in a success, at the top or in `data`; empty where the answer contradicts
   * itself. Undocumented fields are ignored.
   */
  function field(answer, name) {
    try {
      var data = answer.data || {};
      var inner = data[name];
      var outer = answer[name];
      var clear =
        answer.success === true &&
        answer.ret === "GP_SUCCESS" &&
        !answer.errorCode &&
        !answer.errorType &&
        (inner === undefined || outer === undefined || inner === outer);
      var text = inner === undefined ? outer : inner;
      return clear && typeof text === "string" ? text : "";
    } catch (error) {
      return "";
    }
  }

  function exchange(code) {
    var abort = new AbortController();
    var late = false;
    var timer = setTimeout(function () {
      late = true;
      abort.abort();
    }, ANSWER_TIMEOUT_MS);
    var sent = fetch(home + "/api/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ auth_code: code }),
      signal: abort.signal,
    });
    function read(response) {
      return response.text().then(function (text) {
        clearTimeout(timer);
        return {
          by: "merchant",
          status: response.status,
          text: text,
          rest: response.headers.get("retry-after"),
          token: response.headers.get("session-token"),
        };
      });
    }
    return sent.then(read).catch(function () {
      clearTimeout(timer);
      return { by: "nobody", late: late };
    });
  }

  function findContainer() {
    try {
      return typeof window.gpContainer.call === "function" && window.gpContainer;
    } catch (error) {
      // The app finds the same error and reports it.
      return null;
    }
  }

  // The sandbox has no container: each browser is a test buyer, by a code that it makes up once. Without
  // storage, each page is another buyer.
  var made;
  function testBuyer() {
    try {
      made = localStorage.getItem("test-buyer") || made;
      if (!made) localStorage.setItem("test-buyer", (made = makeCode()));
    } catch (error) {
      made = made || makeCode();
    }
    return made;
  }
  function makeCode() {
    return crypto.getRandomValues(new Uint32Array(4)).join("-");
  }

  // Resolves empty where GoPay's script does not arrive in time: the app waits for it instead.
  function prefetch() {
    return new Promise(function (resolve) {
      var waiting = true;
      function begin() {
        var container = waiting && findContainer();
        waiting = false;
        if (!container) return resolve();
        resolve(ask(container, "GPMiniAppAuth", "getAuthCode", signIn));
        window.locale = ask(container, "GPBase", "getLocale", readLanguage);
      }
      function giveUp() {
        waiting = false;
        resolve();
      }
      if (findContainer()) return begin();
      // The script is still loading.
      sdk.addEventListener("load", begin);
      sdk.addEventListener("error", giveUp);
      setTimeout(giveUp, SDK_TIMEOUT_MS);
    });
  }

  // The debug view logs every call, so the app makes them all.
  var isDebug = /[?&]debug\b/.test(location.search + location.hash);
  var sdk = document.getElementById("sdk");
  var canSignIn = window.fetch && window.AbortController && root.getAttribute("data-boot") !== "failed";
  if (sdk && !isDebug && canSignIn) window.signIn = prefetch();
  // The merchant has written this in the place of the script. Each time that the app asks, it is signed in
  // anew; after a request without an answer the buyer asks.
  if (canSignIn && document.getElementById("sandbox")) {
    Object.defineProperty(window, "signIn", {
      get: function () {
        return exchange(testBuyer()).then(function (outcome) {
          return outcome.by === "nobody" ? { by: "nobody", late: true } : outcome;
        });
      },
      set: function () {},
    });
  }
})(document.documentElement);
