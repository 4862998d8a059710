/*
 * A payment's page inside a shop's (see widget/v1.js): tells the shop's page how it stands, and follows the payment.
 *
 * The page's <body> says with whom it speaks (data-parent-origin), of what (data-payment-reference), how the payment
 * stands (data-state) and where it is shown (data-here). Without scripts, or opened by itself, the page works just the
 * same and tells nobody.
 */

"use strict";

(() => {
  const FIRST_POLL_MILLISECONDS = 2_000;
  const LONGEST_POLL_MILLISECONDS = 15_000;
  const SLOWER_BY = 1.1;
  const GONE = 410; /* The session is over; how the payment ended is still told. */
  const ENDS = { success: "completed", failed: "failed", cancelled: "expired" };

  const { parentOrigin, paymentReference, state, here } = document.body.dataset;
  const [page] = location.pathname.match(/^.*\/embed\/[^/]+/);

  /* Never to "*": a page at another origin that got hold of this frame hears nothing. */
  function tell(type, more = {}) {
    if (window.parent === window || !parentOrigin) return;
    window.parent.postMessage({ tillway: 1, type, paymentReference, ...more }, parentOrigin);
  }

  function tellHeight() {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height > 0) tell("height", { height });
  }

  /* The payer may pay in another tab, or the outcome may be known only later: show how it stands then. */
  function follow(wait) {
    setTimeout(async () => {
      if (!document.hidden && (await hasChanged())) location.replace(here || page);
      else follow(Math.min(wait * SLOWER_BY, LONGEST_POLL_MILLISECONDS));
    }, wait);
  }

  async function hasChanged() {
    try {
      const answer = await fetch(`${page}/state`, { cache: "no-store" });
      return (answer.ok || answer.status === GONE) && (await answer.json()).state !== state;
    } catch {
      return false; /* The network is away: the next one tries again. */
    }
  }

  tell("ready");
  tell("state", { state });
  if (ENDS[state]) tell(ENDS[state]);
  else follow(FIRST_POLL_MILLISECONDS);
  new ResizeObserver(tellHeight).observe(document.documentElement);
})();
