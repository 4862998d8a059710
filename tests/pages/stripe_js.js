/* Plays Stripe's script for tests: the same calls, with frames and requests where Stripe has them. */

"use strict";

const told = (frame) =>
  new Promise((resolve) => {
    const hear = (event) => {
      if (event.source !== frame.contentWindow) return;
      removeEventListener("message", hear);
      resolve(event.data);
    };
    addEventListener("message", hear);
  });

function framed(address, place) {
  const frame = document.createElement("iframe");
  frame.src = address;
  frame.title = new URL(address).hostname;
  place.append(frame);
  return frame;
}

window.Stripe = (key, { locale }) => ({
  elements: ({ clientSecret }) => {
    const elements = { clientSecret, listeners: {} };
    elements.create = () => ({
      on: (event, listener) => (elements.listeners[event] = listener),
      mount: (place) => {
        elements.frame = framed(`https://js.stripe.com/v3/entry?locale=${locale}`, document.querySelector(place));
        elements.frame.addEventListener("load", () => elements.listeners.ready());
      },
    });
    return elements;
  },
  confirmPayment: async ({ elements, redirect, confirmParams }) => {
    if (redirect !== "if_required" || !confirmParams.return_url.startsWith(location.origin)) throw new Error("asked");
    const asked = { key, client_secret: elements.clientSecret };
    elements.frame.contentWindow.postMessage(asked, "https://js.stripe.com");
    let said = await told(elements.frame);
    if (said.status === "requires_action") {
      const bank = framed("https://hooks.stripe.com/bank", document.body);
      bank.addEventListener("load", () => bank.contentWindow.postMessage(asked, "https://hooks.stripe.com"));
      said = await told(bank);
      bank.remove();
    }
    return said.error ? { error: said.error } : { paymentIntent: said };
  },
});
