// The provider's side: its time, wallets, transactions, and what shall go wrong.

import { KOTANI, ask, attempt } from "./control.js";
import { $, make, redraw } from "./dom.js";

const STEPS = {
  onramp: { status: "payment", depositStatus: "money in", onchainStatus: "crypto out" },
  offramp: { status: "sale", onchainStatus: "crypto in", refundStatus: "refund" },
  deposit: { status: "money in" }, withdrawal: { status: "money out" }, crypto: { status: "crypto out" },
};
const amount = (number) => Number(number).toLocaleString("en", { maximumFractionDigits: 2 });
function steps(one) {
  const names = STEPS[one.family] || {};
  return make("div", { className: "steps" }, ...Object.entries(one.statuses).map(([name, status]) =>
    make("span", {}, make("small", {}, names[name] || name), ` ${status}`)));
}
function span(seconds) {
  const far = Math.abs(seconds);
  return far < 60 ? `${far} s` : far < 3600 ? `${Math.floor(far / 60)} min${far % 60 ? ` ${far % 60} s` : ""}` : `${Math.floor(far / 3600)} h ${Math.floor(far / 60) % 60} min`;
}
export function drawKotani(summary) {
  const now = new Date(summary.now), ahead = Math.round((now - Date.now()) / 1000);
  // speed and jumps move the provider's clock only
  $("now").textContent = Math.abs(ahead) > 2 ? `provider's time ${now.toLocaleTimeString()}, ${span(ahead)} ahead of the chat's` : now.toLocaleTimeString();
  redraw("wallets", summary.wallets, (one) => make("tr", {}, make("td", {}, one.currency), make("td", {}, amount(one.deposit)), make("td", {}, amount(one.payout))));
  redraw("transactions", [...summary.transactions].reverse().slice(0, 6), (one) => make("li", {},
    make("div", {}, `${one.family}: ${one.line}`), steps(one), make("code", {}, one.reference)));
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
    document.dispatchEvent(new Event("provider"));
  });
});
