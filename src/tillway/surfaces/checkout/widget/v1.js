/*
 * Tillway's widget, version 1: shows one payment inside a shop's page.
 *
 *   <script src="https://GATEWAY/widget/v1.js"></script>
 *   Tillway.mount("#pay", {sessionToken, onCompleted: ({paymentReference}) => …});
 *
 * The payment is a frame of the gateway's; only messages of that very frame, from the gateway's origin, are heard.
 * Whatever a callback says is a hint for the page: a shop's server goes by the postback, or asks.
 * Types are in v1.d.ts. What is documented there stays as it is for as long as this address has a 1 in it.
 */
(() => {
  "use strict";

  /** How long the gateway may take until its page is there, and how long that page may then keep silent. */
  const LOAD_MILLISECONDS = 30_000;
  const SPEAK_MILLISECONDS = 5_000;
  const FIRST_HEIGHT = 320;
  const MOST_HEIGHT = 20_000;
  const LONGEST_TOKEN = 4_096;

  const CALLBACKS = ["onReady", "onStateChange", "onCompleted", "onFailed", "onExpired", "onError"];
  const STATES = ["open", "requested", "success", "failed", "cancelled"];
  /** Which callback tells of an end; each payment has one. */
  const ENDS = { completed: "onCompleted", failed: "onFailed", expired: "onExpired" };
  const TITLES = {
    cs: "Platba", de: "Zahlung", en: "Payment", fr: "Paiement", nb: "Betaling", nl: "Betaling", no: "Betaling",
    sk: "Platba",
  };
  const MESSAGES = {
    invalid_target: "Tillway.mount: there is no such element on this page.",
    invalid_token: "Tillway.mount: sessionToken must be the text that the initiation of the payment answered.",
    invalid_callback: "Tillway.mount: callbacks must be functions.",
    timed_out: "The gateway did not answer in time.",
    refused:
      "The gateway did not show the payment: its session token may be over or altered, this page may be at another " +
      "origin than the payment's originUrl, or a Content-Security-Policy of this page may lack frame-src for the gateway.",
    failed: "The gateway could not go on with the payment.",
  };

  const own = document.currentScript;
  if (!(own instanceof HTMLScriptElement) || !own.src) {
    throw new Error("Tillway's widget must be loaded by <script src> from its gateway, not as a module or a copy.");
  }
  const frames = new URL("../embed/", own.src);

  /**
   * Shows a payment inside `target`.
   * @param {string | Element} target an element, or a selector that finds it
   * @param {TillwayOptions} options the session token, and what to call
   * @returns {TillwayWidget} the way to take it away again
   */
  function mount(target, options) {
    if (options === null || typeof options !== "object") {
      throw new TypeError("Tillway.mount takes an element or a selector, and an object with the sessionToken.");
    }
    const fault = faultOf(target, options);
    return fault ? refuse(options.onError, fault) : show(place(target), options);
  }

  /** @returns {string} the code of what is wrong with the arguments; empty if nothing is */
  function faultOf(target, options) {
    const { sessionToken } = options;
    if (!place(target)) return "invalid_target";
    if (typeof sessionToken !== "string" || !/^[\w~-]+(\.[\w~-]+)*$/.test(sessionToken)) return "invalid_token";
    if (sessionToken.length > LONGEST_TOKEN) return "invalid_token";
    const isUsable = (name) => options[name] == null || typeof options[name] === "function";
    return CALLBACKS.every(isUsable) ? "" : "invalid_callback";
  }

  /** @returns {Element | null} the element that is meant */
  function place(target) {
    if (target instanceof Element) return target;
    try {
      return typeof target === "string" ? document.querySelector(target) : null;
    } catch {
      return null;
    }
  }

  /** A mistake of the page's is told like every other, and never silently: without `onError` it is thrown. */
  function refuse(onError, code) {
    if (typeof onError !== "function") throw new TypeError(MESSAGES[code]);
    let wanted = true;
    queueMicrotask(() => wanted && onError({ code, message: MESSAGES[code] }));
    return { unmount: () => void (wanted = false) };
  }

  /** The frame, and the conversation with it until it is unmounted. */
  function show(parent, options) {
    const frame = frameOf(options.sessionToken);
    let timer = setTimeout(() => fail("timed_out"), LOAD_MILLISECONDS);
    let [hasLoaded, hasSpoken, wasReady, hasEnded, hasFailed] = [false, false, false, false, false];
    let known = "";

    const tell = (name, detail) => options[name]?.(detail);

    function fail(code) {
      clearTimeout(timer);
      if (hasFailed || hasEnded) return;
      hasFailed = true;
      tell("onError", { code, message: MESSAGES[code] });
    }

    /** A page of ours speaks as soon as it is there: before or soon after the frame says that it has loaded. */
    function loaded() {
      clearTimeout(timer);
      hasLoaded = !hasSpoken;
      hasSpoken = false;
      if (hasLoaded) timer = setTimeout(() => fail("refused"), SPEAK_MILLISECONDS);
    }

    function spoken(paymentReference) {
      clearTimeout(timer);
      hasSpoken = !hasLoaded;
      [hasLoaded, hasFailed] = [false, false];
      if (wasReady && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      if (!wasReady) {
        wasReady = true;
        tell("onReady", { paymentReference });
      }
    }

    function heard(event) {
      if (event.source !== frame.contentWindow || event.origin !== frames.origin) return;
      const message = read(event.data);
      if (!message) return;
      const { type, state, height, paymentReference } = message;
      if (type === "ready") spoken(paymentReference);
      else if (type === "height") frame.style.height = `${Math.min(Math.ceil(height), MOST_HEIGHT)}px`;
      else if (type === "error") fail("failed");
      else if (type === "state" && state !== known) {
        known = state;
        tell("onStateChange", { paymentReference, state });
      } else if (Object.hasOwn(ENDS, type) && !hasEnded) {
        hasEnded = true;
        tell(ENDS[type], { paymentReference });
      }
    }

    window.addEventListener("message", heard);
    frame.addEventListener("load", loaded);
    parent.append(frame);
    return {
      unmount() {
        clearTimeout(timer);
        window.removeEventListener("message", heard);
        frame.removeEventListener("load", loaded);
        frame.remove();
      },
    };
  }

  /** Looks are set one by one through the CSSOM: a `style` attribute would need the shop's style-src to allow it. */
  function frameOf(sessionToken) {
    const frame = document.createElement("iframe");
    frame.src = new URL(encodeURIComponent(sessionToken), frames).href;
    frame.title = TITLES[document.documentElement.lang.slice(0, 2).toLowerCase()] ?? TITLES.en;
    frame.referrerPolicy = "no-referrer";
    const looks = { display: "block", width: "100%", height: `${FIRST_HEIGHT}px`, border: "0" };
    for (const [name, value] of Object.entries(looks)) frame.style[name] = value;
    return frame;
  }

  /**
   * @param {any} data what some window has sent
   * @returns {{type: string, paymentReference: string, state: string, height: number} | null} what it says, if it is a
   *   message of ours and complete
   */
  function read(data) {
    if (data === null || typeof data !== "object" || data.tillway !== 1) return null;
    const { type, paymentReference, state, height } = data;
    if (typeof paymentReference !== "string" || !/^[\w-]{1,64}$/.test(paymentReference)) return null;
    if (type === "state" && !STATES.includes(state)) return null;
    if (type === "height" && !(Number.isFinite(height) && height > 0)) return null;
    return { type: String(type), paymentReference, state, height };
  }

  Object.assign(window, { Tillway: Object.freeze({ mount }) });
})();
