// The list of models as one narrows it: what was open stays open, and the focus stays where it was.
"use strict";

let open = [];
let focused = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "found") return;
  open = [...document.querySelectorAll("#found details")].map((part) => [part.id, part.open]);
  const element = document.activeElement;
  focused = element?.closest("#found") && element.name ? [element.name, element.value] : null;
});

document.addEventListener("htmx:afterSwap", () => {
  for (const [id, was] of open) {
    const part = document.getElementById(id);
    if (part) part.open = was;
  }
  if (!focused) return;
  const [name, value] = focused;
  const found = [...document.querySelectorAll(`#found [name="${CSS.escape(name)}"]`)];
  (found.find((element) => element.value === value) ?? found[0])?.focus({ preventScroll: true });
});
