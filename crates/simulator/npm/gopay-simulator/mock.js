// `window.gpContainer` for unit tests, in the page itself: it answers with the samples of GoPay's pages.

import { codes, failure, methods, parameterError } from "./contract.js";

/** Puts the mock in the place of `gpContainer` on `target`. */
export function install({ container, answers = {}, target = globalThis } = {}) {
  const before = Object.getOwnPropertyDescriptor(target, "gpContainer");
  const mock = {
    answers: { ...answers },
    calls: [],
    uninstall() {
      if (before) Object.defineProperty(target, "gpContainer", before);
      else delete target.gpContainer;
    },
  };
  const call = (className, methodName, params, success, failed) => {
    // As the bridge gets them: in JSON.
    const given = JSON.parse(JSON.stringify(params ?? {}));
    mock.calls.push({ class: className, method: methodName, params: given });
    const name = `${className}.${methodName}`;
    const answer = refusal(name, given, container) ?? mock.answers[name] ?? { success: sample(name, given) };
    if (answer === "never") return;
    const [callback, reply] = "success" in answer ? [success, answer.success] : [failed, answer.failure];
    queueMicrotask(() => callback?.(structuredClone(reply)));
  };
  Object.defineProperty(target, "gpContainer", { configurable: true, enumerable: true, writable: true, value: { call } });
  return mock;
}

/** The failure of an unknown method, or of wrong parameters. */
function refusal(name, given, container) {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  // A method that no container's page lists is in both, as in the simulator.
  const isThere = method && (!container || method.containers.length === 0 || method.containers.includes(container));
  if (!isThere) return error("100");
  if (!isObject(given)) return error("201");
  for (const [parameter, rule] of Object.entries(method.params)) {
    const wrong = mistake(rule, given[parameter]);
    if (wrong) return wrong;
  }
  return undefined;
}

function mistake({ is, optional, not_empty: notEmpty, known = [] }, value) {
  const isEmpty = notEmpty && isObject(value) && Object.keys(value).length === 0;
  // Unverified: that an empty text counts as missing.
  if (value === undefined || value === null || isEmpty || (value === "" && !optional)) {
    if (optional) return undefined;
    return notEmpty ? { failure: parameterError } : error("200");
  }
  if (Array.isArray(is)) {
    if (typeof value !== "string") return error("201");
    return is.includes(value) ? undefined : error("202");
  }
  if (is === "object" ? !isObject(value) : typeof value !== is) return error("201");
  const isText = (key) => value[key] === undefined || typeof value[key] === "string";
  return known.every(isText) ? undefined : error("201");
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

const error = (code) => ({ failure: { ...failure, errorCode: code, errorMessage: codes[code] } });

/** The sample of these parameters, else the first. */
function sample(name, given) {
  const { samples } = methods[name];
  return (samples.find(({ params }) => isSame(params, given)) ?? samples[0]).answer;
}

function isSame(one, other) {
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]));
}
