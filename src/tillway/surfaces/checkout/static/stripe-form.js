/* Puts Stripe's own form into the page and pays with it: what is typed there stays between the browser and Stripe. */

"use strict";

const form = document.getElementById("stripe-form");
const fault = document.getElementById("stripe-fault");
const away = document.getElementById("stripe-away");
const button = form.querySelector("button");
const returnTo = new URL(form.dataset.returnTo, location.href).href;

const STILL_PAYABLE = ["requires_payment_method", "requires_confirmation", "requires_action"];

function say(place, text) {
  place.textContent = text;
  place.hidden = text === "";
}

function outOfReach() {
  form.hidden = true;
  document.getElementById("stripe-again").hidden = false;
  say(away, form.dataset.outOfReach);
}

/* Stays on the page when Stripe says no, so that the payer can try again; goes on as soon as there is nothing to try. */
async function pay(stripe, elements) {
  button.disabled = true;
  say(fault, "");
  const { error } = await stripe.confirmPayment({
    elements,
    redirect: "if_required",
    confirmParams: { return_url: returnTo },
  });
  const state = error?.payment_intent?.status;
  if (!error || (state && !STILL_PAYABLE.includes(state))) {
    location.assign(returnTo);
    return;
  }
  say(fault, error.message || form.dataset.outOfReach);
  button.disabled = false;
}

function begin() {
  const stripe = Stripe(form.dataset.publishableKey, { locale: document.documentElement.lang });
  const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe";
  const elements = stripe.elements({ clientSecret: form.dataset.clientSecret, appearance: { theme } });
  const entry = elements.create("payment");
  entry.on("ready", () => (button.disabled = false));
  entry.on("loaderror", outOfReach);
  form.hidden = false;
  entry.mount("#stripe-entry");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!button.disabled) pay(stripe, elements);
  });
}

document.getElementById("stripe-scriptless").hidden = true;

/* Then Stripe's script has run too, or could not be loaded. */
document.addEventListener("DOMContentLoaded", () => (window.Stripe ? begin() : outOfReach()));
