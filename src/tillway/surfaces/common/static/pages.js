/* What makes the pages quicker to use where scripts run; without it every form and link works just the same. */

"use strict";

const POLL_MILLISECONDS = 3000;
const MOST_POLLS = 200;

const digitsOf = (text) => text.replace(/\D/g, "");

const grouped = (digits) => digits.replace(/(\d{4})(?=\d)/g, "$1 ");

/* Groups digits by four while they are typed, and keeps the caret where the typist left it. */
function groupDigits(input) {
  const most = Number(input.dataset.digits);
  const show = () => {
    if (/[^\d\s-]/.test(input.value)) return;
    const before = digitsOf(input.value.slice(0, input.selectionStart ?? input.value.length)).length;
    const digits = digitsOf(input.value).slice(0, most);
    const text = grouped(digits);
    if (text === input.value) return;
    input.value = text;
    const caret = before >= digits.length ? text.length : grouped(digits.slice(0, before)).length;
    if (document.activeElement === input) input.setSelectionRange(caret, caret);
  };
  input.addEventListener("input", show);
  show();
}

/* A scanner ends with Enter: go on to the next field while that one is empty. */
function enterMovesOn(input) {
  input.addEventListener("keydown", (event) => {
    const next = document.getElementById(input.dataset.next);
    if (event.key !== "Enter" || !next || next.value !== "" || digitsOf(input.value) === "") return;
    event.preventDefault();
    next.focus();
  });
}

/* A form is sent once; coming back with the browser's back button makes it usable again. */
function sendOnce(form) {
  const buttons = form.querySelectorAll("button");
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    buttons.forEach((button) => button.removeAttribute("aria-disabled"));
  });
}

function copyButton(button) {
  if (!navigator.clipboard) return;
  const face = button.querySelector("[data-copy-face]");
  const said = face.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    face.textContent = button.dataset.copied;
    announce(button.dataset.copied);
    setTimeout(() => (face.textContent = said), 2000);
  });
}

/* Screen readers announce changes, not what stands there when a page opens: so say it once more. */
function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) {
    region = document.createElement("p");
    region.id = "announcer";
    region.className = "visually-hidden";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  setTimeout(() => (region.textContent = text), 150);
}

/* Asks every few seconds whether the page has become another one, and then shows that. */
function pollUntilChanged(waiting) {
  let polls = 0;
  const poll = async () => {
    polls += 1;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const text = await answer.text();
      if (answer.ok && !text.includes(`data-poll="${waiting.dataset.poll}"`)) {
        location.replace(location.href);
        return;
      }
    } catch {
      /* The network is away: the next poll, or the button, tries again. */
    }
    if (polls < MOST_POLLS) setTimeout(poll, POLL_MILLISECONDS);
  };
  setTimeout(poll, POLL_MILLISECONDS);
}

/* A page that answered a form stands in the history as the page itself: going back or reloading sends nothing again. */
if (document.body.dataset.here) history.replaceState(null, "", document.body.dataset.here);

document.querySelectorAll("[data-digits]").forEach(groupDigits);
document.querySelectorAll("[data-next]").forEach(enterMovesOn);
document.querySelectorAll("form[data-once]").forEach(sendOnce);
document.querySelectorAll("[data-copy]").forEach(copyButton);
document.querySelectorAll("[data-poll]").forEach(pollUntilChanged);
document.querySelectorAll("[data-announce]").forEach((said) => {
  if (said.textContent.trim()) announce(said.textContent.trim());
});
