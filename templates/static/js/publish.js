// The form about a model: what is typed is kept as one types, and terms are suggested.
"use strict";

const form = document.getElementById("edit");
const kept = document.getElementById("kept");
const stash = `typed:${location.pathname}`;
const PAUSE = 1500; // ms without a key before what was typed is kept
const KEEPALIVE_BYTES = 60_000; // what browsers still send of a page that is being left
let waiting = 0;
let asking = null;
let refused = false;

function typedNow() {
  const data = new FormData(form);
  data.delete("record");
  return data;
}

function say(text) {
  kept.textContent = text;
}

// In this window alone, for the way over the sign-in page and back.
function putAside() {
  const fields = [...typedNow()].filter(([name]) => !["csrfmiddlewaretoken", "typed"].includes(name));
  sessionStorage.setItem(stash, JSON.stringify(fields));
}

function takeBack() {
  const fields = JSON.parse(sessionStorage.getItem(stash) || "[]");
  sessionStorage.removeItem(stash);
  const before = fields.find(([name]) => name === "revision");
  if (!before || before[1] !== form.elements.revision.value) return;
  let changed = false;
  for (const [name, text] of fields) {
    const field = form.elements[name];
    if (!field || field.type === "hidden" || field.value === undefined) continue;
    changed ||= field.value.replaceAll("\r\n", "\n") !== text.replaceAll("\r\n", "\n");
    field.value = text;
  }
  if (changed) later();
}

async function keep() {
  clearTimeout(waiting);
  waiting = 0;
  if (asking) return later();
  const body = typedNow();
  const bytes = [...body].reduce((sum, [name, text]) => sum + name.length + text.length, 0);
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.keep, {
      method: "POST", body, redirect: "manual", signal: asking.signal,
      keepalive: bytes < KEEPALIVE_BYTES,
    });
    await answered(answer);
  } catch (fault) {
    if (fault.name !== "AbortError") {
      say("Not saved: the portal does not answer. It is tried again.");
      later();
    }
  } finally {
    asking = null;
  }
}

async function answered(answer) {
  if (answer.ok) {
    form.elements.typed.value = (await answer.json()).revision;
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    say(`Saved ${time}, as a draft of yours`);
  } else if (answer.status === 409) {
    refused = true;
    say((await answer.json()).said);
  } else {
    putAside();
    say("Not saved: you are signed out. Sign in in another window, or save here and sign in.");
  }
}

function later() {
  if (refused) return;
  clearTimeout(waiting);
  waiting = setTimeout(keep, PAUSE);
}

function leave() {
  if (waiting) keep();
}

form.addEventListener("input", later);
form.addEventListener("change", later);
form.addEventListener("htmx:afterSwap", later);
form.addEventListener("submit", () => {
  clearTimeout(waiting);
  waiting = 0;
  refused = true;
  asking?.abort();
  putAside();
});
document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
window.addEventListener("pagehide", leave);
// A page that the browser kept aside knows nothing of what was saved since.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
takeBack();

// Terms stand in one field, separated by commas: the list suggests for the last one.
async function suggest(field) {
  const typed = field.value;
  const before = typed.slice(0, typed.lastIndexOf(",") + 1).trim();
  const word = typed.slice(typed.lastIndexOf(",") + 1).trim();
  const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(word)}`);
  if (!answer.ok || field.value !== typed) return;
  const options = (await answer.json()).map((term) => {
    const option = document.createElement("option");
    option.value = before ? `${before} ${term.name}` : term.name;
    option.label = term.path;
    return option;
  });
  field.list.replaceChildren(...options);
}

let suggesting = 0;
function suggestSoon(event) {
  const field = event.target;
  if (!field.dataset.suggest) return;
  clearTimeout(suggesting);
  suggesting = setTimeout(suggest, 150, field);
}
form.addEventListener("input", suggestSoon);
form.addEventListener("focusin", suggestSoon);
