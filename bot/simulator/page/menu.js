// The menu of the chat.

import { TELEGRAM, act, ask, attempt, state } from "./control.js";
import { $, dialog } from "./dom.js";
import { choose, people } from "./people.js";

const LANGUAGES = [["en", "English"], ["fr", "Français"], ["sw", "Kiswahili"], ["pt", "Português"], ["de", "Deutsch"]];

$("chat-more").addEventListener("click", () => { $("chat-menu").hidden = !$("chat-menu").hidden; });
document.addEventListener("click", (event) => { if (!event.target.closest("#chat-more, #chat-menu")) $("chat-menu").hidden = true; });
const MENU = {
  contact: () => act("contact"),
  friend: async () => {
    const given = await dialog("Whose contact?", [["Name", "Brian"], ["Phone", "+254711000111"]], { ok: "Share" });
    if (given) await act("contact", { name: given[0], phone: given[1] });
  },
  link: async () => {
    const given = await dialog("Which link to the bot?", [["Link", "https://t.me/"]], { ok: "Open" });
    if (given) await act("link", { link: given[0] });
  },
  picture: () => $("picture").click(),
  block: () => act("block"),
  person: async () => {
    const given = await dialog("Who?", [["First name", ""], ["Phone, with + and country code", "+254"], ["Language of their Telegram", LANGUAGES]], { ok: "Create" });
    if (!given || !given[0]) return;
    const made = await attempt(() => ask("POST", `${TELEGRAM}/people`, { first_name: given[0], phone: given[1], language_code: given[2] }));
    if (made) { await people(); choose(made.id); }
  },
};
$("chat-menu").addEventListener("click", (event) => { $("chat-menu").hidden = true; MENU[event.target.dataset.do]?.(); });
$("picture").addEventListener("change", async () => {
  const [file] = $("picture").files;
  $("picture").value = "";
  if (file) await attempt(() => ask("POST", `${TELEGRAM}/people/${state.person}/photo`, file));
});
