// Writing: the text field, the commands and the inline results that are suggested, Start.

import { act, say, state } from "./control.js";
import { $, make, pause } from "./dom.js";

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
export function suggest(all = false) {
  const typed = $("text").value, commands = state.view?.commands || [];
  const asked = typed.match(/^@(\w+) (.*)$/s);
  if (!all && asked && asked[1].toLowerCase() === state.view?.bot.username.toLowerCase()) return askInline(asked[2], typed);
  const found = all ? commands : /^\/\w*$/.test(typed) ? commands.filter((one) => `/${one.command}`.startsWith(typed)) : [];
  offer(found, (one) => [`/${one.command}`, one.description], (one) => say(`/${one.command}`));
}
function offer(found, words, choose) {
  $("suggestions").hidden = found.length === 0;
  $("suggestions").replaceChildren(...found.map((one) => make("li", {}, make("button", {
    type: "button", on: { click: () => { $("text").value = ""; suggest(); choose(one); } },
  }, make("b", {}, words(one)[0]), words(one)[1]))));
}
async function askInline(query, typed) {
  await pause(400);
  if ($("text").value !== typed) return;
  const answer = await act("inline", { query, wait: 5 });
  if (!answer || $("text").value !== typed) return;
  offer(answer.results, (one) => [one.title, one.description], (one) => act("choose", { query: answer.query, result: one.id }));
}
export function writeInline(query) {
  $("text").value = `@${state.view.bot.username} ${query}`;
  $("text").focus();
  suggest();
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
