// What the gateway knows of the chosen handset's subscriber: account, session, and what it did about both.

import * as api from "./api.js";
import { Drawing } from "./drawing.js";
import { made } from "./words.js";

const REST_MS = 700; // after what happened: the next news come together
const TELLING = new Set(["screen", "sms", "operator", "gift_code", "clock", "hung_up", "network", "error"]);

export class Inside {
  #phone = null;
  #timer = 0;

  constructor() {
    this.card = document.getElementById("inside");
    this.drawing = new Drawing();
    this.card.addEventListener("toggle", () => this.#soon(0));
  }

  choose(phone) {
    if (phone === this.#phone) return;
    this.#phone = phone;
    this.#soon(0);
  }

  take(entry) {
    if (TELLING.has(entry.kind) && (entry.phone === "" || entry.phone === this.#phone?.id)) this.#soon(REST_MS);
  }

  #soon(ms) {
    clearTimeout(this.#timer);
    if (this.card.open && this.#phone) this.#timer = setTimeout(() => this.#look(this.#phone), ms);
  }

  async #look(phone) {
    const said = document.getElementById("inside-said");
    try {
      const { member, session, timeline } = await api.inside(phone.id);
      if (phone !== this.#phone) return;
      said.textContent = member ? "" : "The gateway does not know this number yet: dial *123#.";
      document.getElementById("inside-member").replaceChildren(...accountParts(member));
      document.getElementById("inside-session").replaceChildren(...sessionParts(session));
      document.getElementById("inside-ledger").replaceChildren(...timeline.map(happening));
      await this.drawing.show(session);
    } catch (error) {
      said.textContent = error.message;
    }
  }
}

function accountParts(member) {
  if (!member) return [];
  const who = `${member.status}, reads ${member.language}${member.lock ? ", may redeem no codes" : ""}`;
  const rows = member.balances.map(({ unit, available, held, pending, debt }) => [unit, available, held, pending, debt]);
  const parts = [made("p", "gist", who), table("Balances", ["", "available", "held", "pending", "debt"], rows)];
  const lots = member.lots.map((lot) => [lot.unit, `${lot.remaining} of ${lot.amount}`, lot.held, day(lot.earned_at), day(lot.ends_at)]);
  if (lots.length) parts.push(table("Lots", ["", "left", "held", "earned", "ends"], lots));
  const holds = member.holds.map((hold) => [`#${hold.hold_id}`, `${hold.amount} ${hold.unit}`, hold.reason, day(hold.expires_at)]);
  if (holds.length) parts.push(table("Holds", ["", "amount", "for", "ends"], holds));
  return parts;
}

function sessionParts(session) {
  if (!session) return [made("p", "gist", "No session.")];
  const state = session.state;
  const rows = [
    ["in Redis", `${session.name}, forgotten in ${Math.round(session.forgotten_in_s)} s`],
    ["stands", session.over ? "over" : session.being_answered ? "being answered" : "waits for an answer"],
    ["ends", `${session.ends_at}, at the latest ${session.total_ends_at}`],
    ["hops answered", `${session.version}, the last for “${session.hop}”`],
  ];
  if (state) {
    rows.push(["screen", `${state.screen}, in ${state.language}, of the menu ${state.menu.slice(0, 12)}`]);
    rows.push(["came by", [...state.back, state.entry].join(" › ")]);
    for (const part of ["kept", "facts", "pending", "pressed"])
      if (Object.keys(state[part]).length) rows.push([part, JSON.stringify(state[part])]);
  }
  return [table("Session", null, rows)];
}

function table(caption, heads, rows) {
  const drawn = made("table", "fields");
  drawn.append(made("caption", "", caption));
  if (heads) {
    const row = drawn.createTHead().insertRow();
    for (const name of heads) {
      const head = made(name ? "th" : "td", "", name);
      if (name) head.scope = "col";
      row.append(head);
    }
  }
  const body = drawn.createTBody();
  for (const [name, ...values] of rows) {
    const row = body.insertRow();
    const head = made("th", "", name);
    head.scope = "row";
    row.append(head, ...values.map((value) => made("td", "", String(value ?? ""))));
  }
  return drawn;
}

function happening({ at, what, facts }) {
  const item = made("li");
  const told = Object.entries(facts).filter(([, value]) => value !== null && typeof value !== "object" && value !== "");
  const words = told.map(([name, value]) => `${name} ${value}`).join(", ");
  item.append(made("time", "at", at.slice(11, 19)), made("b", "", what.replace("_", " ")), made("span", "gist", words));
  return item;
}

function day(at) {
  return at ? at.slice(0, 10) : "";
}
