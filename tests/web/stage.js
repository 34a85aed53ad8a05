// GoPay, the merchant and the browser's clipboard, as a test wants them.

const real = { fetch: window.fetch };

// Each answer is `[status, body]`; after the last one there is none.
export function merchant(answers) {
  const left = JSON.parse(answers);
  window.fetch = () =>
    left.length > 0
      ? Promise.resolve(new Response(JSON.stringify(left[0][1]), { status: left.shift()[0] }))
      : new Promise(() => {});
}

// What GoPay answers to each method; to the others, that it does not know them.
export function gopay(answers) {
  const known = JSON.parse(answers);
  const calls = [];
  window.gpContainer = {
    calls,
    call(name, method, params, success, failure) {
      calls.push([`${name}.${method}`, params]);
      const answer = known[`${name}.${method}`];
      if (answer) success({ success: true, ...answer });
      else failure({ success: false, errorCode: '100', errorType: 'JS_BRIDGE_ERROR', errorMessage: '' });
    },
  };
}

// What it was called with.
export const asked = () => JSON.stringify(window.gpContainer.calls);

export function clipboard(works) {
  navigator.clipboard.writeText = (text) =>
    works ? Promise.resolve((window.copied = text)) : Promise.reject(new Error('denied'));
}

export const copied = () => window.copied ?? '';

export function clear() {
  window.fetch = real.fetch;
  delete window.gpContainer;
  delete window.copied;
  delete navigator.clipboard.writeText;
  localStorage.clear();
  sessionStorage.clear();
}

export const kept = () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);

// Once the browser has painted.
export const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
