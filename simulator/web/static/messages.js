// The SMS of one handset: threads by number, the newest first, and a composer.

import * as api from "./api.js";
import { gaugeWords, hour, made, spoken } from "./words.js";

const PAUSE_MS = 200; // the gauge follows the typing, not each letter

export class Messages {
  #threads = new Map(); // by number; the one with the newest text stands last
  #other = null; // the thread that is open; "" is a new one
  #timer = 0;

  constructor(phone) {
    this.phone = phone;
    phone.find(".words").addEventListener("input", () => this.#measure());
  }

  get unread() {
    return [...this.#threads.values()].reduce((sum, thread) => sum + thread.unread, 0);
  }

  get field() {
    const to = this.phone.find(".to");
    return this.#other === "" && (!to.value || document.activeElement === to) ? to : this.phone.find(".words");
  }

  take(entry, replayed) {
    const mine = entry.kind === "sms_sent";
    const other = mine ? entry.to : entry.from;
    const thread = this.#threads.get(other) ?? { texts: [], unread: 0 };
    thread.texts.push({ mine, ...entry });
    this.#threads.delete(other);
    this.#threads.set(other, thread);
    const isOpen = other === this.#other && !this.phone.find('[data-view="thread"]').hidden;
    if (!mine && !isOpen) thread.unread += 1;
    if (!mine && !replayed) this.phone.say(`SMS from ${other}: ${entry.text}`);
    if (mine && this.#other === "") this.#other = other;
    this.draw();
  }

  settle() {
    for (const thread of this.#threads.values()) thread.unread = 0;
  }

  open(other) {
    this.#other = other;
    const thread = this.#threads.get(other);
    if (thread) thread.unread = 0;
    this.phone.find(".to").value = other;
    this.phone.find(".words").value = "";
    this.#measure();
    this.phone.go("thread");
  }

  send() {
    const to = this.phone.find(".to").value.trim();
    const words = this.phone.find(".words");
    if (!to || !words.value) {
      this.field.focus();
      return;
    }
    this.#other = to;
    this.phone.bench.do(this.phone, "text", { to, text: words.value });
    words.value = "";
    this.#measure();
    this.draw();
    this.phone.focus();
  }

  draw() {
    this.#drawList();
    const bubbles = this.phone.find(".bubbles");
    bubbles.replaceChildren(...(this.#threads.get(this.#other)?.texts ?? []).map(bubble));
    bubbles.tabIndex = bubbles.childElementCount ? 0 : -1; // it scrolls, so the keyboard must reach it
    bubbles.scrollTop = bubbles.scrollHeight;
    this.phone.find(".to").readOnly = Boolean(this.#other);
  }

  #drawList() {
    const rows = [...this.#threads.entries()].reverse().map(([other, thread]) => {
      const newest = thread.texts.at(-1);
      const row = made("button", thread.unread ? "row new" : "row");
      row.type = "button";
      row.append(made("b", "", other), made("time", "", hour(newest.at)), made("span", "", newest.text));
      row.setAttribute("aria-label", `${other}${thread.unread ? `, ${thread.unread} new` : ""}: ${newest.text}`);
      row.addEventListener("click", () => this.open(other));
      const item = made("li");
      item.append(row);
      return item;
    });
    const list = this.phone.find(".thread-list");
    list.replaceChildren(...(rows.length ? rows : [made("li", "none", "No messages. New writes one.")]));
  }

  #measure() {
    clearTimeout(this.#timer);
    const text = this.phone.find(".words").value;
    const shown = this.phone.find(".typed-gauge");
    if (!text) {
      spoken(shown, "");
      return;
    }
    this.#timer = setTimeout(async () => {
      const { gauge } = await api.gauge(text).catch(() => ({}));
      if (gauge && this.phone.find(".words").value === text) shown.textContent = gaugeWords(gauge);
    }, PAUSE_MS);
  }
}

function bubble(text) {
  const item = made("li", text.mine ? "bubble mine" : "bubble");
  item.append(made("p", "", text.text), made("small", "", `${hour(text.at)} · ${gaugeWords(text.gauge)}`));
  return item;
}
