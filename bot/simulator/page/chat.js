// The chat: bubbles, buttons under them, the keyboard under the text field.

import { act, state } from "./control.js";
import { $, badge, copy, dialog, make, toast } from "./dom.js";
import { link, words } from "./words.js";
import { suggest, writeInline } from "./writing.js";

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
  parts.push(make("span", { className: "meta" }, (message.topic ? `#${message.topic} ` : "") + (message.edits && message.plain ? "edited " : "") + (message.via ? `via ${message.via} ` : "") + time));
  return make("div", { className: "bubble" }, ...parts);
}
function buttons(message) {
  return make("div", { className: "buttons" }, ...message.buttons.map((row) => make("div", {}, ...row.map((one) => {
    const className = `${one.style || ""} ${one.kind}`;
    if (one.kind === "url") return link(one.url, { className, textContent: `${one.text} ↗` });
    const press = one.kind === "copy" ? () => copy(one.copy) : one.kind === "inline" ? () => writeInline(one.query) : (event) => tap(event.currentTarget, message.id, one);
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
export function keepDown() { if (staysDown) $("messages").scrollTop = $("messages").scrollHeight; }
$("messages").addEventListener("scroll", () => { staysDown = atBottom(); $("down").hidden = staysDown; });
$("down").addEventListener("click", () => { staysDown = true; keepDown(); });
new ResizeObserver(keepDown).observe($("messages"));

export function show(view) {
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
