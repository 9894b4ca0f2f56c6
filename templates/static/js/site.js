// What pages do beyond plain HTML: copy buttons, more author rows.
"use strict";

function copyText(button) {
  const source = document.getElementById(button.dataset.copy);
  const before = [...button.childNodes];
  navigator.clipboard.writeText(source.textContent.trim()).then(() => {
    button.replaceChildren("Copied");
    setTimeout(() => { button.replaceChildren(...before); }, 1500);
  });
}

// Adds a copy of the last row of a Django formset, emptied and renumbered.
function addRow(button) {
  const prefix = button.dataset.addRow;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const rows = document.querySelectorAll(`[data-row="${prefix}"]`);
  const row = rows[rows.length - 1].cloneNode(true);
  const number = Number(total.value);
  const renumber = (text) => text.replace(`${prefix}-${number - 1}-`, `${prefix}-${number}-`);
  for (const element of row.querySelectorAll("[id], [name], [for], [aria-describedby]")) {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      if (element.hasAttribute(name)) element.setAttribute(name, renumber(element.getAttribute(name)));
    }
    if ("value" in element) element.value = "";
  }
  for (const error of row.querySelectorAll(".errorlist")) error.remove();
  rows[rows.length - 1].after(row);
  total.value = String(number + 1);
  row.querySelector("input").focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-add-row]");
  if (!button) return;
  if (button.dataset.copy) copyText(button);
  else addRow(button);
});

// Buttons that only work with this script are hidden in the page until it runs.
for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
