// Logs that stay at their end, are searched in place, and whose lines are linked to; the tab's title.
"use strict";

// A log follows its end only while the reader is there, and keeps no more than a reader can use.
const LOG_LINES = 5_000;
const leftEnd = new WeakSet();
const search = document.querySelector("[data-filters=log]");

function toEnd(log) {
  if (!leftEnd.has(log)) log.scrollTop = log.scrollHeight;
}

function trim(log) {
  while (log.childElementCount > LOG_LINES) log.firstElementChild.remove();
}

for (const log of document.querySelectorAll(".log:not(.whole)")) {
  toEnd(log);
  log.addEventListener("scroll", () => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    if (atEnd) leftEnd.delete(log);
    else leftEnd.add(log);
  });
}

// A step opens once, when it begins; after that the reader decides.
function openOnce(head) {
  const step = head.closest("details");
  if (!step || step.dataset.opened || !head.querySelector(".state.running")) return;
  step.dataset.opened = "yes";
  step.open = true;
}

// Of the lines on the page only those stay in which the words stand; Enter searches the whole log.
function filter() {
  const words = search.value.trim().toLowerCase();
  let found = 0;
  for (const line of document.querySelectorAll(".log .line")) {
    const text = line.textContent.slice(line.firstElementChild.textContent.length).toLowerCase();
    line.hidden = Boolean(words) && !text.includes(words);
    found += line.hidden ? 0 : 1;
  }
  for (const log of document.querySelectorAll(".log")) {
    if (words && log.querySelector(".line:not([hidden])")) log.closest("details").open = true;
  }
  document.getElementById("log-found").textContent = words
    ? `${found} ${found === 1 ? "line" : "lines"} on this page. Enter searches the whole log.`
    : "";
}

// The line that the address names, or the page on which it is when this one shows later lines only.
function toNamedLine() {
  const name = /^#([a-z_]+)-L([0-9]+)$/.exec(location.hash);
  if (!name) return;
  const line = document.getElementById(location.hash.slice(1));
  if (line) {
    leftEnd.add(line.parentElement);
    const step = line.closest("details");
    if (step) step.open = true;
    line.scrollIntoView({ block: "center" });
  } else if (search) {
    location.replace(`${search.form.action}?step=${name[1]}&at=${name[2]}${location.hash}`);
  }
}

// A number names its line in this page's address, rather than leave a run that goes on.
document.addEventListener("click", (event) => {
  const number = event.target.closest(".line > a");
  if (!number || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  location.hash = number.parentElement.id;
});
window.addEventListener("hashchange", toNamedLine);
toNamedLine();

if (search) search.addEventListener("input", filter);

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const target = event.detail.target;
  if (target.classList.contains("log")) {
    if (search.value) filter();
    trim(target);
    toEnd(target);
  }
  openOnce(target);
});
document.addEventListener("toggle", (event) => {
  const log = event.target.querySelector?.(".log");
  if (log) toEnd(log);
}, true);

// The tab says how the run stands: people look for it there.
const rest = document.title.replace(/^[^:]*/, "");
document.addEventListener("htmx:afterSwap", () => {
  const poll = document.getElementById("run-poll");
  if (poll && rest.startsWith(":")) document.title = poll.dataset.title + rest;
});
