// A Telegram client of the emulator, the customer's phone, and the provider's side. Everything shown comes from the
// control interfaces, so any number of tabs may be open.

import { keepDown, show } from "./chat.js";
import { TELEGRAM, ask, state } from "./control.js";
import { $, badge, pause, untilVisible } from "./dom.js";
import "./menu.js";
import { choose, people } from "./people.js";
import { drawPhone } from "./phone.js";
import { drawKotani } from "./provider.js";

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

async function refresh() {
  const summary = await ask("GET", "/_control/page/kotani");
  drawPhone(summary, look);
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
$("prompt-banner").addEventListener("click", () => look("phone"));
for (const happened of ["person", "provider"]) document.addEventListener(happened, () => { refresh().catch(() => null); });
look("chat");
follow();
watch();
