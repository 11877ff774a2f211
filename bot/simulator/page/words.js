// The words of a message, rebuilt from a short list of tags, and links.

import { copy, make, toast } from "./dom.js";
import { act, say, state } from "./control.js";

const PLAIN = { B: "b", I: "i", U: "u", S: "s", CODE: "code", PRE: "pre", BLOCKQUOTE: "blockquote" };
export function words(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  return make("div", { className: "words" }, ...[...body.childNodes].map((node) => rebuilt(node, true)));
}
function rebuilt(node, linked) {
  if (node.nodeType === Node.TEXT_NODE) return linked ? withCommands(node.data) : node.data;
  const inside = (keep) => [...node.childNodes].map((child) => rebuilt(child, keep));
  if (node.tagName === "A" && /^(https?|tg|mailto|tel):/i.test(node.getAttribute("href") || ""))
    return link(node.getAttribute("href"), {}, ...inside(false));
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

// an explorer of a real chain knows nothing of a made-up transaction, and would only confuse
const explores = (href) => !href.startsWith(location.origin) && /\/(tx|transaction)\//.test(href);
const leadsToBot = (href) => href.toLowerCase().startsWith(`https://t.me/${state.view?.bot.username}?start=`.toLowerCase());
export function link(href, options, ...children) {
  const made = make("a", { href, target: "_blank", rel: "noopener noreferrer", ...options }, ...children);
  if (leadsToBot(href)) made.addEventListener("click", (event) => { event.preventDefault(); act("link", { link: href }); });
  if (explores(href)) {
    made.title = "Simulated: this transaction is not on the real chain";
    made.addEventListener("click", (event) => { event.preventDefault(); toast("Simulated: there is nothing to see on the real chain."); });
  }
  return made;
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
