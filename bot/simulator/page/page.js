"use strict";
// A Telegram client of the emulator, the customer's phone, and the provider's side. Everything shown comes from the
// control interfaces, so any number of tabs may be open; what a message says is rebuilt from a short list of tags.

const TELEGRAM = "/_control/telegram", KOTANI = "/_control/kotani";
const FIRST = { id: 1001, first_name: "Amina", username: "amina", phone: "+254712345678", language_code: "en" };
// the customer's own wallets: made-up accounts with right checksums, so that there is something to paste
const ADDRESSES = {
  "Base, Celo, …": "0x2c846b0382E9b88a4b0fE5d4AFE151ca4186a9d8",
  Tron: "THMe8HVBgDnzw8bfzWqhR8qoTS631gA6CS",
  Solana: "3PvHZqEa3qVedZPpkQ8piRcE8son8SpQttsx6cy5gzXK",
  Stellar: "GAS5GWC2SUXFDWV4PCS5LSOE5NGG2TFLCAZNVTI56ZOH2U4JUQTBYAKX",
};
const $ = (id) => document.getElementById(id);
const state = { person: null, people: [], since: 0, view: null, messages: new Map(), keysShown: true, abort: null, keys: "" };

function make(tag, options = {}, ...children) {
  const { data = {}, on = {}, ...rest } = options;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, data);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(...children);
  return element;
}

async function ask(method, path, body, options = {}) {
  const raw = body instanceof Blob;
  const headers = raw ? { "content-type": body.type } : body === undefined ? {} : { "content-type": "application/json" };
  const sent = raw ? body : body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(path, { method, headers, body: sent, ...options });
  const value = await answer.json();
  if (!answer.ok) throw new Refused(value.error || `answer ${answer.status}`, answer.status);
  return value;
}
class Refused extends Error {
  constructor(message, status) { super(message); this.status = status; }
}
async function attempt(work) {
  try { return await work(); } catch (error) { toast(error.message); return null; }
}
const act = (action, body = {}) => attempt(() => ask("POST", `${TELEGRAM}/people/${state.person}/${action}`, body));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const untilVisible = () => document.hidden
  ? new Promise((done) => document.addEventListener("visibilitychange", done, { once: true })) : null;

function toast(text) {
  const shown = make("p", { textContent: text });
  $("toasts").append(shown);
  setTimeout(() => shown.remove(), 3500);
}
function dialog(text, fields = [], { ok = "OK", cancel = "Cancel" } = {}) {
  const inputs = fields.map(([label, value]) => [label, make("input", { value, autocomplete: "off" })]);
  $("dialog-text").textContent = text;
  $("dialog-fields").replaceChildren(...inputs.map(([label, input]) => make("label", {}, label, input)));
  $("dialog-ok").textContent = ok;
  $("dialog-cancel").textContent = cancel || "";
  $("dialog-cancel").hidden = !cancel;
  $("dialog").returnValue = "";
  if (!$("dialog").open) $("dialog").showModal();
  return new Promise((done) => $("dialog").addEventListener("close", () => {
    done($("dialog").returnValue === "ok" ? inputs.map(([, input]) => input.value.trim()) : null);
  }, { once: true }));
}
async function copy(text) {
  try { await navigator.clipboard.writeText(text); toast("Copied"); } catch { dialog(text, [], { cancel: "" }); }
}

// words of a message

const PLAIN = { B: "b", I: "i", U: "u", S: "s", CODE: "code", PRE: "pre", BLOCKQUOTE: "blockquote" };
function words(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  return make("div", { className: "words" }, ...[...body.childNodes].map((node) => rebuilt(node, true)));
}
function rebuilt(node, linked) {
  if (node.nodeType === Node.TEXT_NODE) return linked ? withCommands(node.data) : node.data;
  const inside = (keep) => [...node.childNodes].map((child) => rebuilt(child, keep));
  if (node.tagName === "A" && /^(https?|tg|mailto|tel):/i.test(node.getAttribute("href") || ""))
    return make("a", { href: node.getAttribute("href"), target: "_blank", rel: "noopener noreferrer" }, ...inside(false));
  if (node.tagName === "TG-SPOILER")
    return make("span", { className: "spoiler", title: "Tap to show", on: { click: (event) => event.currentTarget.classList.add("shown") } }, ...inside(linked));
  if (node.tagName === "TG-TIME") {
    const unix = Number(node.getAttribute("unix"));
    return make("time", { className: "time", title: new Date(unix * 1000).toLocaleString(), data: { unix, format: node.getAttribute("format") || "", plain: node.textContent } }, timeText(unix, node.getAttribute("format") || "", node.textContent));
  }
  const tag = PLAIN[node.tagName];
  if (!tag) return make("span", {}, ...inside(linked));
  const copied = tag === "code" || tag === "pre";
  return make(tag, copied ? { title: "Tap to copy", on: { click: () => copy(node.textContent) } } : {}, ...inside(linked && !copied));
}
function withCommands(text) {
  const pieces = text.split(/(?<![\w/@:.])(\/[a-z0-9_]{1,32})(?![\w/])/g);
  return make("span", {}, ...pieces.map((piece, place) => place % 2 === 0 ? piece
    : make("button", { type: "button", className: "command", textContent: piece, on: { click: () => say(piece) } })));
}
function timeText(unix, format, plain) {
  const moment = new Date(unix * 1000), left = Math.round(unix - Date.now() / 1000);
  if (format === "") return plain;
  if (format === "r") {
    const far = Math.abs(left), clock = `${Math.floor(far / 60)}:${String(far % 60).padStart(2, "0")}`;
    if (far >= 86400) return moment.toLocaleString();
    const said = far < 3600 ? clock : `${Math.floor(far / 3600)} h ${Math.floor(far / 60) % 60} min`;
    return left >= 0 ? `in ${said}` : `${said} ago`;
  }
  const style = {};
  if (format.includes("w")) style.weekday = "long";
  if (format.includes("d")) Object.assign(style, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (format.includes("D")) Object.assign(style, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(style, { hour: "2-digit", minute: "2-digit" });
  if (format.includes("T")) style.second = "2-digit";
  return new Intl.DateTimeFormat(undefined, style).format(moment);
}
setInterval(() => {
  for (const shown of document.querySelectorAll(".time")) {
    const text = timeText(Number(shown.dataset.unix), shown.dataset.format, shown.dataset.plain);
    if (shown.textContent !== text) shown.textContent = text;
  }
}, 500);

// messages

function bubble(message) {
  const parts = [], extra = message.extra, origin = extra.forward_origin;
  if (origin) parts.push(make("div", { className: "quote" }, `Forwarded from ${origin.sender_user_name || origin.sender_user.first_name}`));
  const replied = state.messages.get(message.reply_to);
  if (replied) parts.push(make("div", { className: "quote" }, replied.message.plain || (replied.message.extra.contact ? "Contact" : "Picture")));
  if (message.photo) parts.push(make("img", { src: message.photo, alt: message.plain || "Picture", on: { load: keepDown } }));
  if (message.document) parts.push(make("a", { href: message.document.url, download: message.document.name, textContent: message.document.name }));
  if (extra.contact) parts.push(make("div", { className: "words" }, make("b", {}, extra.contact.first_name), `\n${extra.contact.phone_number}`));
  if (message.plain) parts.push(words(message.html));
  const time = new Date(message.date).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  parts.push(make("span", { className: "meta" }, (message.edits && message.plain ? "edited " : "") + time));
  return make("div", { className: "bubble" }, ...parts);
}
function buttons(message) {
  return make("div", { className: "buttons" }, ...message.buttons.map((row) => make("div", {}, ...row.map((one) => {
    const className = `${one.style || ""} ${one.kind}`;
    if (one.kind === "url") return make("a", { className, href: one.url, target: "_blank", rel: "noopener noreferrer", textContent: `${one.text} ↗` });
    const press = one.kind === "copy" ? () => copy(one.copy) : (event) => tap(event.currentTarget, message.id, one);
    return make("button", { type: "button", className, textContent: one.text, on: { click: press } });
  }))));
}
async function tap(button, message, one) {
  button.classList.add("busy");
  setTimeout(() => button.classList.remove("busy"), 1500);
  await act("tap", { message, data: one.data });
}
function place(message, first) {
  const known = state.messages.get(message.id);
  const name = `message ${message.from.bot ? "in" : "out"}${message.deleted ? " deleted" : ""}`;
  const element = make("li", { className: name, data: { id: message.id } }, bubble(message));
  if (message.buttons.length) element.append(buttons(message));
  if (!first && message.from.bot) element.classList.add("fresh");
  if (known) known.element.replaceWith(element); else $("messages").append(element);
  state.messages.set(message.id, { message, element });
}
const atBottom = () => $("messages").scrollHeight - $("messages").scrollTop - $("messages").clientHeight < 120;
let staysDown = true;
function keepDown() { if (staysDown) $("messages").scrollTop = $("messages").scrollHeight; }
$("messages").addEventListener("scroll", () => { staysDown = atBottom(); $("down").hidden = staysDown; });
$("down").addEventListener("click", () => { staysDown = true; keepDown(); });
new ResizeObserver(keepDown).observe($("messages"));

function show(view) {
  const first = state.since === 0, bot = view.bot, person = view.person;
  state.view = view;
  state.since = view.revision;
  $("bot-name").textContent = bot.first_name;
  $("avatar").textContent = bot.first_name.slice(0, 1).toUpperCase();
  $("bot-state").textContent = view.typing ? "typing…" : "bot";
  if (view.typing) setTimeout(() => { $("bot-state").textContent = "bot"; }, 5000);
  const own = view.messages.some((message) => !message.from.bot);
  if (own) staysDown = true;
  $("messages").querySelector(".empty")?.remove();
  for (const message of view.messages) place(message, first);
  if (state.messages.size === 0) $("messages").append(make("li", { className: "empty", textContent: bot.description || "Press Start to talk to the bot." }));
  const news = view.messages.filter((message) => message.rings && message.edits === 0).length;
  if (news && !first && document.body.dataset.view !== "chat") badge("chat-badge", news);
  for (const answer of view.toasts) if (!first && answer.text) {
    if (answer.alert) dialog(answer.text, [], { cancel: "" }); else toast(answer.text);
  }
  showKeys(view.keyboard);
  $("commands").hidden = view.commands.length === 0;
  const stopped = !person.started || person.blocked;
  $("begin").hidden = !stopped;
  $("begin").textContent = person.blocked ? "Unblock" : "Start";
  $("write").hidden = stopped;
  if (stopped) $("keys").hidden = true;
  $("chat-menu").querySelector('[data-do="block"]').hidden = stopped;
  suggest();
  keepDown();
}
function showKeys(keyboard) {
  const rows = keyboard?.keyboard || [];
  $("toggle").hidden = rows.length === 0;
  $("keys").hidden = rows.length === 0 || !state.keysShown;
  $("text").placeholder = keyboard?.input_field_placeholder || "Message";
  const drawn = JSON.stringify(rows);
  if (drawn === state.keys) return;
  state.keys = drawn;
  state.keysShown = true;
  $("keys").hidden = rows.length === 0;
  $("keys").replaceChildren(...rows.map((row) => make("div", {}, ...row.map((key) =>
    make("button", { type: "button", className: key.style || "", textContent: key.text, on: { click: () => press(key) } })))));
}
async function press(key) {
  if (key.request_contact && !(await dialog(`Share your phone number with ${state.view.bot.first_name}?`, [], { ok: "Share" }))) return;
  await act("press", { text: key.text });
}

// writing

async function say(text) {
  if (text.trim()) await act("say", { text });
}
function send() {
  const text = $("text").value;
  $("text").value = "";
  grow();
  suggest();
  return say(text);
}
function grow() {
  $("text").style.height = "auto";
  $("text").style.height = `${$("text").scrollHeight}px`;
}
function suggest(all = false) {
  const typed = $("text").value, commands = state.view?.commands || [];
  const found = all ? commands : /^\/\w*$/.test(typed) ? commands.filter((one) => `/${one.command}`.startsWith(typed)) : [];
  $("suggestions").hidden = found.length === 0;
  $("suggestions").replaceChildren(...found.map((one) => make("li", {}, make("button", {
    type: "button", on: { click: () => { $("text").value = ""; suggest(); say(`/${one.command}`); } },
  }, make("b", {}, `/${one.command}`), one.description))));
}
$("write").addEventListener("submit", (event) => { event.preventDefault(); send(); });
$("text").addEventListener("input", () => { grow(); suggest(); });
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
$("commands").addEventListener("click", () => suggest($("suggestions").hidden));
$("toggle").addEventListener("click", () => { state.keysShown = !state.keysShown; $("keys").hidden = !state.keysShown; });
$("begin").addEventListener("click", async () => {
  if (state.view.person.blocked) await act("unblock"); else await act("start");
});

// the menu

$("chat-more").addEventListener("click", () => { $("chat-menu").hidden = !$("chat-menu").hidden; });
document.addEventListener("click", (event) => { if (!event.target.closest("#chat-more, #chat-menu")) $("chat-menu").hidden = true; });
const MENU = {
  contact: () => act("contact"),
  friend: async () => {
    const given = await dialog("Whose contact?", [["Name", "Brian"], ["Phone", "+254711000111"]], { ok: "Share" });
    if (given) await act("contact", { name: given[0], phone: given[1] });
  },
  picture: () => $("picture").click(),
  block: () => act("block"),
  person: async () => {
    const given = await dialog("Who?", [["First name", ""], ["Phone, with + and country code", "+254"], ["Language", "en"]], { ok: "Create" });
    if (!given || !given[0]) return;
    const made = await attempt(() => ask("POST", `${TELEGRAM}/people`, { first_name: given[0], phone: given[1], language_code: given[2] || "en" }));
    if (made) { await people(); choose(made.id); }
  },
};
$("chat-menu").addEventListener("click", (event) => { $("chat-menu").hidden = true; MENU[event.target.dataset.do]?.(); });
$("picture").addEventListener("change", async () => {
  const [file] = $("picture").files;
  $("picture").value = "";
  if (file) await attempt(() => ask("POST", `${TELEGRAM}/people/${state.person}/photo`, file));
});

// who is talking

async function people() {
  let found = await ask("GET", `${TELEGRAM}/people`);
  if (found.length === 0) {
    await ask("POST", `${TELEGRAM}/people`, FIRST).catch((error) => { if (error.status !== 409) throw error; });
    found = await ask("GET", `${TELEGRAM}/people`);
  }
  state.people = found;
  $("person").replaceChildren(...found.map((one) => make("option", { value: one.id, textContent: one.first_name })));
}
function choose(id) {
  state.person = id;
  sessionStorage.setItem("person", id);
  $("person").value = id;
  Object.assign(state, { since: 0, keys: "", keysShown: true });
  state.messages.clear();
  $("messages").replaceChildren();
  $("phone-number").textContent = own() || "no number";
  state.abort?.abort();
}
const own = () => state.people.find((one) => one.id === state.person)?.phone;
$("person").addEventListener("change", () => choose(Number($("person").value)));

async function follow() {
  for (;;) {
    await untilVisible();
    const person = state.person, since = state.since;
    try {
      if (person === null) {
        await people();
        const before = Number(sessionStorage.getItem("person"));
        choose(state.people.some((one) => one.id === before) ? before : state.people[0].id);
        continue;
      }
      state.abort = new AbortController();
      // a browser opens six connections to one host for all its tabs, so only the tab in use holds one open
      const wait = since > 0 && document.hasFocus() ? 10 : 0;
      const view = await ask("GET", `${TELEGRAM}/chats/${person}?since=${since}&wait=${wait}`, undefined, { signal: state.abort.signal });
      $("lost").hidden = true;
      if (person !== state.person) continue;
      if (view.revision < since) choose(person);
      else if (view.revision > since || since === 0) show(view);
      else if (wait === 0) await pause(700);
    } catch (error) {
      if (error.name === "AbortError") continue;
      if (error.status === 404) { state.person = null; continue; }
      $("lost").hidden = false;
      await pause(1000);
    }
  }
}

// the phone

function badge(id, count) { $(id).textContent = count || ""; $(id).hidden = !count; }
function drawPhone(summary) {
  const waiting = summary.prompts.filter((one) => one.state === "waiting" && !one.checkout && !one.ignored);
  for (const shown of [...$("prompts").children]) if (!waiting.some((one) => one.id === shown.dataset.id)) shown.remove();
  for (const one of waiting) if (![...$("prompts").children].some((shown) => shown.dataset.id === one.id)) $("prompts").append(prompt(one));
  $("no-prompts").hidden = waiting.length > 0;
  badge("phone-badge", waiting.length);
  $("prompt-banner").hidden = waiting.length === 0;
  if (waiting.length) $("prompt-banner").textContent = `Your phone asks: pay ${waiting[0].currency} ${waiting[0].amount}? Tap to open it.`;
  const decided = { approved: "You paid", cancelled: "You declined", expired: "Expired", insufficient_funds: "Not enough money for", wrong_pin: "Wrong PIN for" };
  const lines = [
    ...summary.prompts.filter((one) => one.state !== "waiting" && !one.checkout).map((one) => `${decided[one.state] || one.state} ${one.currency} ${one.amount}`),
    ...summary.prompts.filter((one) => one.state === "waiting" && one.ignored).map((one) => `Left lying: ${one.currency} ${one.amount}`),
    ...summary.transactions.filter((one) => one.arrived).map((one) => one.family === "onramp"
      ? `Your crypto wallet received ${one.arrived}` : `You received ${one.arrived}. Receipt ${one.receipt}`),
  ].slice(-6);
  redraw("sms", lines, (line) => make("li", { textContent: line }));
}
function prompt(one) {
  const decide = async (decision, body) => {
    await attempt(() => ask("POST", `${KOTANI}/prompts/${one.id}/${decision}`, body));
    await refresh();
    look("chat");
  };
  const pin = make("input", { type: "password", inputMode: "numeric", maxLength: 4, placeholder: "PIN, any 4 digits", ariaLabel: "PIN", autocomplete: "off" });
  const pay = make("button", { type: "button", className: "primary", textContent: "Pay", disabled: true, on: { click: () => decide("approve") } });
  pin.addEventListener("input", () => { pay.disabled = !/^\d{4}$/.test(pin.value); });
  pin.addEventListener("keydown", (event) => { if (event.key === "Enter" && !pay.disabled) pay.click(); });
  const less = (text, work) => make("button", { type: "button", className: "less", textContent: text, on: { click: work } });
  return make("div", { className: "prompt", data: { id: one.id } },
    one.phone === own() ? "" : make("p", { className: "other" }, `On the phone ${one.phone}`),
    make("p", {}, one.text), pin,
    make("div", { className: "row" }, make("button", { type: "button", textContent: "Decline", on: { click: () => decide("decline") } }), pay),
    less("Ignore it", () => decide("ignore")), less("Too little money", () => decide("decline", { reason: "insufficient_funds" })));
}
$("addresses").append(...Object.entries(ADDRESSES).map(([chain, address]) => make("li", {}, make("button", {
  type: "button", title: `Copy ${address}`, on: { click: () => copy(address) },
}, chain, make("code", {}, `${address.slice(0, 6)}…${address.slice(-4)}`)))));
$("prompt-banner").addEventListener("click", () => look("phone"));

// the provider

const drawn = new Map();
function redraw(id, items, draw) {
  const now = JSON.stringify(items);
  if (drawn.get(id) === now) return;
  drawn.set(id, now);
  $(id).replaceChildren(...items.map(draw));
}
const amount = (number) => Number(number).toLocaleString("en", { maximumFractionDigits: 2 });
function drawKotani(summary) {
  $("now").textContent = new Date(summary.now).toLocaleTimeString();
  redraw("wallets", summary.wallets, (one) => make("tr", {}, make("td", {}, one.currency), make("td", {}, amount(one.deposit)), make("td", {}, amount(one.payout))));
  redraw("transactions", [...summary.transactions].reverse().slice(0, 6), (one) => make("li", {},
    make("div", {}, `${one.family}: ${Object.values(one.statuses).join(" / ")}`), make("div", {}, one.line), make("code", {}, one.reference)));
  for (const button of document.querySelectorAll("[data-fail]")) button.classList.toggle("armed", summary.failing[button.dataset.fail] > 0);
  for (const button of document.querySelectorAll("[data-callbacks]")) button.classList.toggle("on", summary.callbacks === button.dataset.callbacks);
  for (const button of document.querySelectorAll("[data-speed]")) button.classList.toggle("on", Number(summary.speed) === Number(button.dataset.speed));
}
document.querySelector(".kotani").addEventListener("click", async (event) => {
  const { fail, callbacks, speed, advance } = event.target.dataset;
  const armed = event.target.classList.contains("armed");
  await attempt(async () => {
    if (fail && armed) await ask("PATCH", `${KOTANI}/config`, { [`fail_${fail}`]: 0 });
    else if (fail) await ask("POST", `${KOTANI}/fail-next`, { [fail]: 1 });
    if (callbacks) await ask("PATCH", `${KOTANI}/config`, { callback_mode: callbacks });
    if (speed) await ask("POST", `${KOTANI}/clock/speed`, { factor: Number(speed) });
    if (advance) await ask("POST", `${KOTANI}/clock/advance`, { seconds: Number(advance) });
    await refresh();
  });
});
async function refresh() {
  const summary = await ask("GET", "/_control/page/kotani");
  drawPhone(summary);
  drawKotani(summary);
}
async function watch() {
  for (;;) {
    await untilVisible();
    await refresh().catch(() => null);
    await pause(700);
  }
}

function look(view) {
  document.body.dataset.view = view;
  for (const tab of document.querySelectorAll(".tabs button")) tab.classList.toggle("on", tab.dataset.view === view);
  if (view === "chat") { badge("chat-badge", 0); keepDown(); }
}
document.querySelector(".tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("button");
  if (tab) look(tab.dataset.view);
});
look("chat");
follow();
watch();
