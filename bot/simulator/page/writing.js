// Writing: the text field, the commands that are suggested, Start.

import { act, say, state } from "./control.js";
import { $, make } from "./dom.js";

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
