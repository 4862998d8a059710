/* Narrows the list of banks while a name is typed; without it the Search button does the same. */

"use strict";

const LETTERS = { ł: "l", ø: "o", đ: "d", æ: "ae", œ: "oe", ð: "d", þ: "th", ß: "ss" };

/* As the server folds the words that banks are found by. */
const folded = (text) =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[łøđæœðþß]/g, (letter) => LETTERS[letter]);

/* Shows what has all the words, and opens the groups it is in; answers whether anything is shown. */
function narrow(list, words, inherited) {
  let any = false;
  for (const item of list.children) {
    const known = `${inherited} ${item.dataset.words}`;
    let shown = words.every((word) => known.includes(word));
    const group = item.querySelector(":scope > details");
    if (group) {
      shown = narrow(group.querySelector(":scope > ul"), words, known);
      group.open = words.length > 0 && shown;
    }
    item.hidden = !shown;
    any = any || shown;
  }
  return any;
}

function find() {
  const finder = document.querySelector("[data-finder]");
  if (!finder) return;
  const country = finder.querySelector("select");
  const chosen = country?.value;
  country?.addEventListener("change", () => {
    finder.querySelector("[name=q]").value = "";
    finder.requestSubmit();
  });
  window.addEventListener("pageshow", () => country && (country.value = chosen));
  const list = document.querySelector("[data-banks]");
  if (!list) return;
  const none = document.querySelector("[data-none]");
  const field = finder.querySelector("[name=q]");
  const show = () => {
    none.hidden = narrow(list, folded(field.value).split(/\s+/).filter(Boolean), "");
  };
  field.addEventListener("input", show);
  if (field.value) show();
}

find();
