// The control interfaces, and what this tab knows of the world.

import { toast } from "./dom.js";

export const TELEGRAM = "/_control/telegram", KOTANI = "/_control/kotani";
export const state = { person: null, people: [], since: 0, view: null, messages: new Map(), keysShown: true, abort: null, keys: "" };

class Refused extends Error {
  constructor(message, status) { super(message); this.status = status; }
}
export async function ask(method, path, body, options = {}) {
  const raw = body instanceof Blob;
  const headers = raw ? { "content-type": body.type } : body === undefined ? {} : { "content-type": "application/json" };
  const sent = raw ? body : body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(path, { method, headers, body: sent, ...options });
  const value = await answer.json();
  if (!answer.ok) throw new Refused(value.error || `answer ${answer.status}`, answer.status);
  return value;
}
export async function attempt(work) {
  try { return await work(); } catch (error) { toast(error.message); return null; }
}
export const act = (action, body = {}) => attempt(() => ask("POST", `${TELEGRAM}/people/${state.person}/${action}`, body));
export async function say(text) {
  if (text.trim()) await act("say", { text });
}
