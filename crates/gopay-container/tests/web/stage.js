// The page around the binding: a container and a clock for tests. The container's side is
// written from docs.midtrans.com/reference/frontend-v2, not from the binding.
(() => {
  const real = window.stage?.real ?? { setTimeout: window.setTimeout, clearTimeout: window.clearTimeout };
  delete window.gpContainer;
  delete document.readyState;

  const stage = {
    real,
    // What arrived at gpContainer.call, in order.
    calls: [],
    // The delays that were asked of the clock, in order.
    delays: [],
    // Timers that have neither rung nor been cleared.
    running: new Set(),
    // Called with the number of delays asked so far.
    onDelay() {},
    // The callbacks that the container has kept, for calling later.
    kept: [],

    // Installs a container whose `call` does what `behaviour` does.
    container(behaviour) {
      window.gpContainer = {
        call(className, methodName, params, success, failure, ...rest) {
          const name = `${className}.${methodName}`;
          stage.calls.push({ name, params: JSON.stringify(params), rest });
          return behaviour({ name, params, success, failure });
        },
      };
    },

    keep({ success, failure }) {
      stage.kept.push({ success, failure });
    },

    // Dispatches an event on the document, with what it carries in one of three places.
    dispatch(name, carries, place) {
      const event = new CustomEvent(name, place === 'detail' ? { detail: carries } : {});
      if (place === 'param') event.param = carries;
      if (place === 'event') Object.assign(event, carries);
      document.dispatchEvent(event);
    },
  };

  // All time passes at once: a timer rings as soon as nothing else is left to do.
  window.setTimeout = (ring, delay, ...rest) => {
    const id = real.setTimeout.call(window, () => {
      stage.running.delete(id);
      ring(...rest);
    }, 0);
    stage.running.add(id);
    stage.delays.push(delay);
    stage.onDelay(stage.delays.length);
    return id;
  };
  window.clearTimeout = (id) => {
    stage.running.delete(id);
    real.clearTimeout.call(window, id);
  };

  window.stage = stage;
})();
