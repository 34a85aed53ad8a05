// What runs before the app and without it: says which skeleton is painted, signs in and asks for the
// language while the WebAssembly is still on its way, and shows the page of an app that cannot start or
// has stopped.
//
// Written for the oldest browsers, for they are the ones that need its last part.
(function (root) {
  "use strict";

  // Milliseconds that the app, or an answer of the merchant, may take.
  var PATIENCE = 15000;
  // That GoPay may take for an answer, as `gopay-container` has it.
  var SILENT = 10000;
  // That its script may be longer on its way than the app, before the app looks out for it.
  var SOON = 3000;

  // A package keeps its routes in the fragment.
  function route() {
    return location.hash.indexOf("#/") === 0 ? location.hash.slice(1) : location.pathname;
  }

  var at = /^\/orders(?:$|\/(.?))/.exec(route());
  root.setAttribute("data-awake", "");
  root.setAttribute("data-boot", !at ? "shop" : at[1] ? "order" : "orders");
  // The menu is the first screen; whatever else comes first needs the rest of the app too.
  var later = document.getElementById("later");
  if (at && later) later.rel = "preload";

  // ---- Whatever keeps the app from starting ends in a sentence and a button ----

  // The page has three faces: the phone is too old, something did not load, and, which the app
  // says, it has crashed. What comes first is the cause of what comes after.
  function fail(face) {
    var boot = root.getAttribute("data-boot");
    if (boot === "ready" || boot === "failed") return;
    root.setAttribute("data-failed", face);
    root.setAttribute("data-boot", "failed");
  }

  // A module with the youngest things in it that the app's WebAssembly needs: filling memory, numbers
  // that are cut off at their limits, signs that are extended (iOS 15). Compiled and not validated: a
  // policy can forbid that too.
  var young = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 0, 10, 20, 1, 18, 0,
    65, 0, 65, 0, 65, 0, 252, 11, 0, 65, 0, 178, 252, 0, 192, 26, 11,
  ];
  try {
    new WebAssembly.Module(new Uint8Array(young));
  } catch (error) {
    fail("old");
  }
  // As young as the language that the app's script is written in (Chromium 85).
  if (!"".replaceAll) fail("old");

  // When the last piece of the app came. A download that goes on, however slowly, is no failure:
  // loading the page again would begin it anew. Once the app runs it has words of its own.
  var heard = Date.now();
  function hear() {
    heard = Date.now();
  }
  (function lookOut() {
    var left = heard + PATIENCE - Date.now();
    if (window.wasmBindings) return;
    if (left > 0) setTimeout(lookOut, left);
    else fail("load");
  })();
  try {
    new PerformanceObserver(function (list) {
      var ours = list.getEntries().some(function (entry) {
        return entry.name.indexOf(location.origin + "/") === 0;
      });
      if (ours) hear();
    }).observe({ entryTypes: ["resource"] });
  } catch (error) {
    // Not there before Chrome 52: then all of it has the time that its first piece has.
  }

  // Where the network is slow each piece of the WebAssembly counts; else it is not looked at, for that
  // costs time.
  var load = window.fetch;
  if (load) {
    window.fetch = function (address) {
      var sent = load.apply(this, arguments);
      return performance.now() > SOON && /\.wasm$/.test(address) ? sent.then(follow) : sent;
    };
  }
  function follow(response) {
    try {
      var reader = response.clone().body.getReader();
      (function next() {
        reader.read().then(function (piece) {
          hear();
          if (!piece.done) next();
        }, hear);
      })();
    } catch (error) {
      // It cannot be followed.
    }
    return response;
  }

  // What the app cannot say itself: the phone has no memory left for it.
  function trap(error) {
    if (typeof WebAssembly !== "object" || !(error instanceof WebAssembly.RuntimeError)) return;
    root.setAttribute("data-failed", "crash");
    root.setAttribute("data-boot", "failed");
  }

  // Only what belongs to the app: GoPay's script may be missing, and the app says so itself.
  addEventListener("error", function (event) {
    trap(event.error);
    var it = event.target;
    var ours = it === window ? (event.filename || "").indexOf(location.origin) === 0 : it.type === "module";
    // A script that has arrived and cannot be read is in a younger language.
    if (ours) fail(event.error instanceof SyntaxError ? "old" : "load");
  }, true);
  addEventListener("unhandledrejection", function (event) {
    trap(event.reason);
    if (!window.wasmBindings && isOurs(event.reason)) fail("load");
  });

  // Whether the app could not be loaded for this reason: GoPay's script may fail at things of its own.
  // Where it cannot be told the time tells.
  function isOurs(reason) {
    var wasm = window.WebAssembly || {};
    return (
      // The status that the app's file was answered with.
      reason >= 400 ||
      (!!wasm.CompileError && (reason instanceof wasm.CompileError || reason instanceof wasm.LinkError)) ||
      // Where it happened, not from where that was called.
      (/\w+:\/\/[^\s)]*/.exec(reason && reason.stack) || [""])[0].indexOf(location.origin + "/") === 0
    );
  }

  // Where the merchant is, for a page that is not on its site: a package.
  var meta = document.querySelector("meta[name=merchant]");
  var home = (meta && meta.content) || "";

  // ---- The merchant's word on the order, where the app cannot give it ----

  var askAgain = document.getElementById("ask");
  var word = document.getElementById("word");
  var which = document.getElementById("which");

  // Which order it is about: the one in the address, else the last that GoPay got.
  function named() {
    var path = /^\/orders\/([\w-]+)/.exec(route());
    if (path) return path[1];
    try {
      return /(?:^|,)([\w-]+)$/.exec(localStorage.getItem("launched") || "")[1];
    } catch (error) {
      return "";
    }
  }

  // ---- The merchant learns that a phone has failed: how, and in what; nothing of whose it is ----

  var told = false;
  function report() {
    var face = root.getAttribute("data-failed");
    if (!face || told || !navigator.sendBeacon) return;
    told = true;
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
      // It is said on the screen.
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
  // From a package nobody is signed in but the app: its session is in its memory.
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
      request.timeout = PATIENCE;
      request.send();
    });
  }
  document.getElementById("reload").addEventListener("click", function (event) {
    // A link, so that it works where this file is what did not load.
    event.preventDefault();
    location.reload();
  });

  // ---- Signing in, beside the download of the app ----

  // `window.signIn` is a promise for what came of it, `window.locale` one for GoPay's language
  // (`browser::boot` says of what form), and the app goes on from there. Where nothing came of signing
  // in the app does all of it itself.
  //
  // Unverified: that GoPay answers as early as its script is loaded. Where it refuses, the app says
  // so and can be told to try again.

  // What comes of a call: what `judge` makes of a success, and all else as it came. The app judges
  // whatever is not to the letter what GoPay documents.
  function ask(container, group, method, judge) {
    return new Promise(function (resolve) {
      // The first word counts: an answer that comes twice, or too late, is not used.
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
      setTimeout(giveUp, SILENT);
      try {
        var returned = container.call(group, method, {}, once(judge), refuse, SILENT);
        // Only the callbacks count; a promise that fails is not the app's failure to load.
        if (returned && typeof returned.catch === "function") returned.catch(function () {});
      } catch (error) {
        refuse();
      }
    });
  }

  function signIn(answer) {
    var code = documented(answer);
    return code ? exchange(code) : { by: "success", said: answer };
  }

  // `window.gopayLocale` is what the answer says, where that is clear. GoPay's page has it beside the
  // other fields, the field in `data`.
  function learnLanguage(answer) {
    var locale = field(answer, "app_locale") || field(answer, "appLocale");
    if (/^(en|id)[_-]\w+$/.test(locale)) window.gopayLocale = locale;
    return { by: "success", said: answer };
  }

  /** The code in a clear success. */
  function documented(answer) {
    var code = field(answer, "authCode");
    return /^[!-~]{1,1024}$/.test(code) ? code : "";
  }

  /**
   * The text of this name in a success, beside its other fields or in `data`; nothing where the answer
   * contradicts itself. More fields than are documented say nothing.
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
    }, PATIENCE);
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
      // Whatever it is, the app finds it too, and knows what to say.
      return null;
    }
  }

  // Resolves with nothing where GoPay's script does not come, or not soon: the app looks out for it.
  function soon() {
    return new Promise(function (resolve) {
      var waiting = true;
      function begin() {
        var container = waiting && findContainer();
        waiting = false;
        if (!container) return resolve();
        resolve(ask(container, "GPMiniAppAuth", "getAuthCode", signIn));
        window.locale = ask(container, "GPBase", "getLocale", learnLanguage);
      }
      function giveUp() {
        waiting = false;
        resolve();
      }
      if (findContainer()) return begin();
      // It is not there yet.
      sdk.addEventListener("load", begin);
      sdk.addEventListener("error", giveUp);
      setTimeout(giveUp, SOON);
    });
  }

  // Whoever looks at the log of all calls wants these in it too.
  var looks = /[?&]debug\b/.test(location.search + location.hash);
  var sdk = document.getElementById("sdk");
  if (sdk && !looks && window.fetch && window.AbortController && root.getAttribute("data-boot") !== "failed") {
    window.signIn = soon();
  }
})(document.documentElement);
