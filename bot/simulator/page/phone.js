// The customer's phone: prompts to pay, news, and a crypto wallet with its addresses, which sends what a sale awaits.

import { KOTANI, ask, attempt } from "./control.js";
import { $, badge, copy, dialog, make, redraw } from "./dom.js";
import { isNobodys, isOwn, people } from "./people.js";

// the customer's own wallets: made-up accounts with right checksums, so that there is something to paste
const ADDRESSES = {
  "Base, Celo, …": "0x2c846b0382E9b88a4b0fE5d4AFE151ca4186a9d8",
  Tron: "THMe8HVBgDnzw8bfzWqhR8qoTS631gA6CS",
  Solana: "3PvHZqEa3qVedZPpkQ8piRcE8son8SpQttsx6cy5gzXK",
  Stellar: "GAS5GWC2SUXFDWV4PCS5LSOE5NGG2TFLCAZNVTI56ZOH2U4JUQTBYAKX",
};
const DECIDED = { approved: "You paid", cancelled: "You declined", expired: "Expired", insufficient_funds: "Not enough money for", wrong_pin: "Wrong PIN for" };

export function drawPhone(summary, look) {
  const open = summary.prompts.filter((one) => one.state === "waiting" && !one.checkout);
  // a number that belongs to nobody here is paid from any phone, or it could not be paid at all
  if (open.some((one) => isNobodys(one.phone))) people().catch(() => null);
  const shown = open.filter((one) => isOwn(one.phone) || isNobodys(one.phone)), waiting = shown.filter((one) => !one.ignored);
  for (const old of [...$("prompts").children]) if (!waiting.some((one) => one.id === old.dataset.id)) old.remove();
  for (const one of waiting) if (![...$("prompts").children].some((old) => old.dataset.id === one.id)) $("prompts").append(prompt(one, look));
  $("no-prompts").hidden = waiting.length > 0;
  badge("phone-badge", waiting.length);
  $("prompt-banner").hidden = waiting.length === 0;
  if (waiting.length) $("prompt-banner").textContent = `${isOwn(waiting[0].phone) ? "Your phone" : waiting[0].phone} asks: pay ${waiting[0].currency} ${waiting[0].amount}? Tap to open it.`;
  redraw("due", summary.transactions.filter((one) => one.due), ({ reference, due }) => make("li", {},
    make("button", { type: "button", className: "primary", on: { click: () => fund(reference) } },
      `Send ${due.amount} ${due.token} on ${due.chain}`, make("code", {}, `${due.to.slice(0, 6)}…${due.to.slice(-4)}`)),
    make("button", { type: "button", className: "less", textContent: "Another amount", on: { click: () => another(reference, due) } })));
  const news = [
    ...summary.prompts.filter((one) => one.state !== "waiting" && !one.checkout && isOwn(one.phone))
      .map((one) => ({ line: `${DECIDED[one.state] || one.state} ${one.currency} ${one.amount}` })),
    ...summary.transactions.filter((one) => one.arrived && isOwn(one.phone)).map((one) => ({ line: one.family === "onramp"
      ? `Your crypto wallet received ${one.arrived}` : `You received ${one.arrived}. Receipt ${one.receipt}` })),
    ...shown.filter((one) => one.ignored).map((one) => ({ line: `Waits for your PIN: ${one.currency} ${one.amount}`, id: one.id })),
  ].slice(-6);
  $("news").hidden = news.length === 0;
  redraw("sms", news, ({ line, id }) => make("li", { textContent: line }, ...id === undefined ? []
    : [make("button", { type: "button", textContent: "Open it", on: { click: () => decide(id, "reopen") } })]));
}
async function fund(reference, amount) {
  await attempt(() => ask("POST", `${KOTANI}/transactions/${reference}/crypto`, amount === undefined ? {} : { amount }));
  document.dispatchEvent(new Event("provider"));
}
async function another(reference, due) {
  const given = await dialog(`How much ${due.token}? The assistant awaits exactly ${due.amount}.`, [["Amount", due.amount]], { ok: "Send" });
  if (given) await fund(reference, given[0]);
}
async function decide(id, decision, body) {
  await attempt(() => ask("POST", `${KOTANI}/prompts/${id}/${decision}`, body));
  document.dispatchEvent(new Event("provider"));
}
function prompt(one, look) {
  const answer = (decision, body) => decide(one.id, decision, body).then(() => look("chat"));
  const pin = make("input", { type: "password", inputMode: "numeric", maxLength: 4, placeholder: "PIN, any 4 digits", ariaLabel: "PIN", autocomplete: "off" });
  const pay = make("button", { type: "button", className: "primary", textContent: "Pay", disabled: true, on: { click: () => answer("approve") } });
  pin.addEventListener("input", () => { pay.disabled = !/^\d{4}$/.test(pin.value); });
  pin.addEventListener("keydown", (event) => { if (event.key === "Enter" && !pay.disabled) pay.click(); });
  const less = (text, work) => make("button", { type: "button", className: "less", textContent: text, on: { click: work } });
  return make("div", { className: "prompt", data: { id: one.id } },
    isOwn(one.phone) ? "" : make("p", { className: "other" }, `On the phone ${one.phone}, which belongs to nobody here`),
    make("p", {}, one.text), pin,
    make("div", { className: "row" }, make("button", { type: "button", textContent: "Decline", on: { click: () => answer("decline") } }), pay),
    less("Ignore it", () => answer("ignore")), less("Too little money", () => answer("decline", { reason: "insufficient_funds" })));
}
$("addresses").append(...Object.entries(ADDRESSES).map(([chain, address]) => make("li", {}, make("button", {
  type: "button", title: `Copy ${address}`, on: { click: () => copy(address) },
}, chain, make("code", {}, `${address.slice(0, 6)}…${address.slice(-4)}`)))));
