// Drawing: elements, toasts, the dialog, lists that are redrawn only when they have changed.

export const $ = (id) => document.getElementById(id);
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const untilVisible = () => document.hidden
  ? new Promise((done) => document.addEventListener("visibilitychange", done, { once: true })) : null;

export function make(tag, options = {}, ...children) {
  const { data = {}, on = {}, ...rest } = options;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(...children);
  return element;
}

const drawn = new Map();
export function redraw(id, items, draw) {
  const now = JSON.stringify(items);
  if (drawn.get(id) === now) return false;
  drawn.set(id, now);
  $(id).replaceChildren(...items.map(draw));
  return true;
}

export function badge(id, count) { $(id).textContent = count || ""; $(id).hidden = !count; }
export function toast(text) {
  const shown = make("p", { textContent: text });
  $("toasts").append(shown);
  setTimeout(() => shown.remove(), 3500);
}

// a field is a label and its first text, or a label and the choices as pairs of value and words
function field([, value]) {
  if (!Array.isArray(value)) return make("input", { value, autocomplete: "off" });
  return make("select", {}, ...value.map(([code, words]) => make("option", { value: code, textContent: words })));
}
export function dialog(text, fields = [], { ok = "OK", cancel = "Cancel" } = {}) {
  const inputs = fields.map(field);
  $("dialog-text").textContent = text;
  $("dialog-fields").replaceChildren(...inputs.map((input, place) => make("label", {}, fields[place][0], input)));
  $("dialog-ok").textContent = ok;
  $("dialog-cancel").textContent = cancel || "";
  $("dialog-cancel").hidden = !cancel;
  $("dialog").returnValue = "";
  if (!$("dialog").open) $("dialog").showModal();
  return new Promise((done) => $("dialog").addEventListener("close", () => {
    done($("dialog").returnValue === "ok" ? inputs.map((input) => input.value.trim()) : null);
  }, { once: true }));
}

export async function copy(text) {
  try { await navigator.clipboard.writeText(text); toast("Copied"); } catch { dialog(text, [], { cancel: "" }); }
}
