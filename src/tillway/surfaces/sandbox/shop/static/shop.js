/* The shop's own script: shows the payment, says what the widget calls, and keeps the page up to date. */

"use strict";

(() => {
  const POLL_MILLISECONDS = 1500;
  const MOST_TOLD = 20;

  /* Shows the payment with the widget; every callback is written down under it. */
  function showPayment(place) {
    const list = document.querySelector("[data-told]");
    const told = (name) => (detail) => {
      const line = document.createElement("li");
      line.textContent = `${name}(${JSON.stringify(detail)})`;
      list.append(line);
      if (list.children.length > MOST_TOLD) list.firstElementChild.remove();
      refresh();
    };
    const names = ["onReady", "onStateChange", "onCompleted", "onFailed", "onExpired", "onError"];
    const callbacks = Object.fromEntries(names.map((name) => [name, told(name)]));
    if (!window.Tillway) {
      callbacks.onError({ code: "not_loaded", message: "The widget's script did not come from the gateway." });
      return;
    }
    Tillway.mount(place, { sessionToken: place.dataset.sessionToken, ...callbacks });
  }

  /* Replaces what has changed meanwhile, and leaves alone what a reader has the focus in. */
  async function refresh() {
    const live = document.querySelector("[data-live]");
    if (!live || document.hidden) return;
    try {
      const answer = await fetch(live.dataset.live, { cache: "no-store" });
      const text = answer.ok ? await answer.text() : "";
      if (!text || text === live.dataset.shown || live.contains(document.activeElement)) return;
      live.dataset.shown = text;
      live.innerHTML = text;
    } catch {
      /* The shop is away: the next time tries again. */
    }
  }

  /* Sends a form without leaving the page, so that the payment in it stays as it is. */
  function sendQuietly(form) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const fields = new URLSearchParams(new FormData(form, event.submitter));
      try {
        await fetch(form.action, { method: "POST", body: fields });
        await refresh();
      } catch {
        form.submit(); /* Then the plain way, where the browser says what is wrong. */
      }
    });
  }

  /* What the basket comes to, as it is filled; what is charged the server reckons itself. */
  function reckon(goods) {
    const counts = [...goods.querySelectorAll("[data-price]")];
    const style = { style: "currency", currency: goods.dataset.basket, currencyDisplay: "code" };
    const amount = new Intl.NumberFormat(document.documentElement.lang, style);
    goods.addEventListener("change", () => {
      const total = counts.reduce((sum, count) => sum + Number(count.dataset.price) * Number(count.value), 0);
      document.querySelector("[data-total]").textContent = amount.format(total);
    });
  }

  document.querySelectorAll("form[data-quiet]").forEach(sendQuietly);
  document.querySelectorAll("[data-basket]").forEach(reckon);
  document.querySelectorAll("#pay").forEach((place) => addEventListener("DOMContentLoaded", () => showPayment(place)));
  if (document.querySelector("[data-live]")) setInterval(refresh, POLL_MILLISECONDS);
})();
