// Who is talking.

import { TELEGRAM, ask, state } from "./control.js";
import { $, make, redraw } from "./dom.js";

const FIRST = { id: 1001, first_name: "Amina", username: "amina", phone: "+254712345678", language_code: "en" };

export async function people() {
  let found = await ask("GET", `${TELEGRAM}/people`);
  if (found.length === 0) {
    await ask("POST", `${TELEGRAM}/people`, FIRST).catch((error) => { if (error.status !== 409) throw error; });
    found = await ask("GET", `${TELEGRAM}/people`);
  }
  state.people = found;
  const names = found.map((one) => ({ value: one.id, textContent: one.first_name }));
  if (redraw("person", names, (name) => make("option", name)) && state.person !== null) $("person").value = state.person;
}
export function choose(id) {
  state.person = id;
  sessionStorage.setItem("person", id);
  $("person").value = id;
  Object.assign(state, { since: 0, keys: "", keysShown: true });
  state.messages.clear();
  $("messages").replaceChildren();
  $("phone-number").textContent = phoneOf(id) || "no number";
  document.dispatchEvent(new Event("person"));
  state.abort?.abort();
}

const digits = (phone) => (phone || "").replace(/\D/g, "");
const phoneOf = (id) => state.people.find((one) => one.id === id)?.phone;
export const isOwn = (phone) => digits(phone) !== "" && digits(phone) === digits(phoneOf(state.person));
export const isNobodys = (phone) => state.people.every((one) => digits(one.phone) !== digits(phone));

$("person").addEventListener("change", () => choose(Number($("person").value)));
