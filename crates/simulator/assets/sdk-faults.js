// Hostile replies: what a call's callbacks get under each fault, and what a fault of the whole page does when
// this script loads. Part of the SDK stand-in; sdk.js, which follows, calls `answer` and `install`.
(() => {
  'use strict';

  const script = document.currentScript;
  const home = new URL(script.src).origin;
  if (window.gallery) return;

  /** Longer than an app waits. */
  const LATE_MS = 30_000;
  const refusal = {
    success: false,
    errorCode: '300',
    errorType: 'JS_BRIDGE_ERROR',
    errorMessage: 'Permission denied',
    ret: 'GP_EXCEPTION',
  };

  // The container's switch `data_form` makes it text.
  const dataOf = ({ data }) => (typeof data === 'string' ? JSON.parse(data) : data);
  const withData = (reply, fields) => ({ ...reply, data: { ...dataOf(reply), ...fields } });
  const withoutData = (reply, name) => {
    const { [name]: _, ...data } = dataOf(reply);
    return { ...reply, data };
  };
  const withLocale = (reply, locale) =>
    'app_locale' in reply ? { ...reply, app_locale: locale } : withData(reply, { appLocale: locale });
  /** The scope of a consent, in each of the container's forms. */
  const scopeOf = (reply) => {
    const { consent_name: name, successScope = reply.successScope } = dataOf(reply) ?? {};
    return name ?? Object.keys(successScope)[0];
  };
  const withScopes = (reply, successScope) => ({ success: true, ret: reply.ret, data: { successScope } });

  /** The first of two calls whose answers are crossed. */
  let crossed;

  const replies = {
    undefined: (_, success) => success(undefined),
    null: (_, success) => success(null),
    empty_text: (_, success) => success(''),
    bare_word: (_, success) => success('success'),
    number: (_, success) => success(42),
    list: (reply, success) => success([reply]),
    empty_object: (_, success) => success({}),
    function: (reply, success) => success(Object.assign(() => {}, reply)),
    symbol: (_, success) => success(Symbol('success')),
    promise: (reply, success) => success(Promise.resolve(reply)),
    throwing_getter: (reply, success) => {
      const get = () => {
        throw new Error('a getter of the reply throws');
      };
      const getters = Object.keys(reply).map((name) => [name, { enumerable: true, get }]);
      success(Object.defineProperties({}, Object.fromEntries(getters)));
    },
    throwing_proxy: (reply, success) => {
      // Each operation looks up its trap in the handler.
      const handler = new Proxy(
        {},
        {
          get: () => {
            throw new Error('a trap of the reply throws');
          },
        },
      );
      success(new Proxy(reply, handler));
    },
    circular: (reply, success) => {
      const circle = { ...reply };
      circle.data = circle;
      success(circle);
    },
    no_prototype: (reply, success) => success(Object.freeze(Object.assign(Object.create(null), reply))),
    json_text: (reply, success) => success(JSON.stringify(reply)),
    null_data: (reply, success) => success({ ...reply, data: null }),
    success_text: (reply, success) => success({ ...reply, success: 'true' }),
    success_number: (reply, success) => success({ ...reply, success: 1 }),
    success_with_code: (reply, success) => success({ ...reply, error_code: '300' }),
    failure_with_data: (reply, success) => success({ ...reply, success: false }),
    no_ret: ({ ret: _, ...reply }, success) => success(reply),
    exception_ret: (reply, success) => success({ ...reply, ret: 'GP_EXCEPTION' }),
    auth_code_missing: (reply, success) => success(withoutData(reply, 'authCode')),
    auth_code_null: (reply, success) => success(withData(reply, { authCode: null })),
    auth_code_number: (reply, success) => success(withData(reply, { authCode: 42 })),
    auth_code_empty: (reply, success) => success(withData(reply, { authCode: '' })),
    auth_code_spaces: (reply, success) => success(withData(reply, { authCode: '   ' })),
    auth_code_long: (reply, success) => success(withData(reply, { authCode: 'x'.repeat(10_240) })),
    auth_code_quotes: (reply, success) => success(withData(reply, { authCode: 'a"b\'c\n' })),
    auth_code_not_ascii: (reply, success) => success(withData(reply, { authCode: 'kopi\u00e9' })),
    auth_code_snake: (reply, success) =>
      success(withData(withoutData(reply, 'authCode'), { auth_code: dataOf(reply).authCode })),
    auth_code_renamed: (reply, success) =>
      success(withData(withoutData(reply, 'authCode'), { code: dataOf(reply).authCode })),
    nested_data: (reply, success) => success({ ...reply, data: { data: dataOf(reply) } }),
    error_camel: (_, success, failure) => failure(refusal),
    error_number: (_, success, failure) => failure({ success: false, error_code: 300, ret: 'GP_EXCEPTION' }),
    error_blank: (_, success, failure) => failure({ ...refusal, errorCode: '', errorMessage: '' }),
    error_unknown: (_, success, failure) => failure({ ...refusal, errorCode: '999' }),
    error_markup: (_, success, failure) => {
      const markup = '<script>alert(1)</script><b>\u202e';
      failure({ ...refusal, errorMessage: markup + 'x'.repeat(10_240) });
    },
    status_upper_case: (reply, success) =>
      success(withData(reply, { status: dataOf(reply).status.toUpperCase() })),
    status_paid: (reply, success) => success(withData(reply, { status: 'paid' })),
    status_missing: (reply, success) => success(withoutData(reply, 'status')),
    status_list: (reply, success) => success(withData(reply, { status: [dataOf(reply).status] })),
    called_twice: (reply, success) => {
      success(reply);
      success(reply);
    },
    failure_then_success: (reply, success, failure) => {
      failure(refusal);
      success(reply);
    },
    late: (reply, success) => setTimeout(() => success(reply), LATE_MS),
    crossed: (reply, success) => {
      if (!crossed) {
        crossed = { reply, success };
        return;
      }
      const first = crossed;
      crossed = undefined;
      first.success(reply);
      success(first.reply);
    },
    called_thousand_times: (reply, success) => {
      for (let count = 0; count < 1_000; count += 1) success(reply);
    },
    consent_partial: (reply, success) =>
      success(withScopes(reply, { [scopeOf(reply)]: true, unasked: false })),
    consent_denied: (reply, success) => success(withScopes(reply, { [scopeOf(reply)]: false })),
    consent_unknown: (reply, success) => success(withScopes(reply, { unasked: true })),
    never_called: () => {},
    locale_unknown: (reply, success) => success(withLocale(reply, 'xx')),
    locale_empty: (reply, success) => success(withLocale(reply, '')),
    locale_null: (reply, success) => success(withLocale(reply, null)),
    // Only JSON.parse makes a property of that name.
    proto_key: (reply, success) => {
      const fields = JSON.stringify(dataOf(reply) ?? {});
      success({ ...reply, data: JSON.parse(`{"__proto__": ${fields}}`) });
    },
  };

  const ignore = () => {};
  /** Calls what the page gave as its callbacks. */
  const answer = ({ kind, reply, fault }, ...given) => {
    const [success, failure] = given.map((callback) => (typeof callback === 'function' ? callback : ignore));
    if (fault) replies[fault](reply, success, failure);
    else if (kind === 'success') success(reply);
    else if (kind === 'failure') failure(reply);
  };

  const ofPage = {
    // The name can be any word of the page's address.
    __proto__: null,
    synchronous: (_, settings) => {
      const call = (className, method, params, success, failure) => {
        const request = new XMLHttpRequest();
        request.open('POST', `${home}/bridge/call`, false);
        request.setRequestHeader('content-type', 'application/json');
        request.send(JSON.stringify({ ...settings, class: className, method, params: params ?? {} }));
        const verdict = JSON.parse(request.responseText);
        // No page for the buyer can be shown before the call returns.
        const shown = { success: true, ret: 'GP_SUCCESS', data: { status: 'success' } };
        const end = verdict.kind === 'show' ? { ...verdict, kind: 'success', reply: shown } : verdict;
        answer(end, success, failure);
      };
      window.gpContainer = { call };
    },
    call_no_function: () => {
      window.gpContainer = { call: 'call' };
    },
    container_text: () => {
      window.gpContainer = 'gpContainer';
    },
    container_replaced: ({ call }) => {
      let isReplaced = false;
      const callOnce = (...given) => {
        if (isReplaced) return;
        isReplaced = true;
        window.gpContainer = { call };
        call(...given);
      };
      window.gpContainer = { call: callOnce };
    },
    container_clobbered: () => {
      const link = document.createElement('a');
      link.id = 'gpContainer';
      (document.body ?? document.documentElement).append(link);
    },
    prototype_polluted: (container) => {
      Object.prototype.success = true;
      window.gpContainer = container;
    },
  };
  const installPlainly = (container) => {
    window.gpContainer = container;
  };
  // The simulator names a planned fault on the script's element.
  const chosen = new URLSearchParams(location.search).get('sdk_fault') ?? script.dataset.sdkFault;
  const install = ofPage[chosen] ?? installPlainly;

  window[Symbol.for(`gopay-simulator faults ${home}`)] = { answer, install };
})();
