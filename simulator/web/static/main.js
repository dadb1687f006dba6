// The page: asks the server what is new, hands it to the handsets, and lets one of them be the chosen one.

import * as api from "./api.js";
import { Glass } from "./glass.js";
import { Inside } from "./inside.js";
import { Line } from "./line.js";
import { Operator } from "./operator.js";
import { Orders } from "./orders.js";
import { Phone } from "./phone.js";
import { Recorder } from "./recorder.js";
import { Stores } from "./stores.js";
import { grouped, languageOptions } from "./words.js";

const POLL_MS = 500;
const FIRST_NUMBER = 79210000001;

class Bench {
  #identity = "";
  #newest = 0;
  #phones = new Map();
  #chosen = null;
  #polling = null;
  #again = false;
  #phonesMax = 4;
  #instead = null; // the handset whose number is being changed

  constructor() {
    this.element = document.getElementById("bench");
    this.dialog = document.getElementById("new-phone");
    this.glass = new Glass();
    this.operator = new Operator(this);
    this.smsc = new Orders(this, "smsc", api.orderSmsc);
    this.billing = new Orders(this, "billing", api.orderBilling);
    this.stores = new Stores(this);
    this.inside = new Inside();
    this.line = new Line(this);
    this.recorder = new Recorder(this);
    document.getElementById("add").addEventListener("click", () => this.#ask());
    document.getElementById("no-phone").addEventListener("click", () => this.dialog.close());
    document.getElementById("new-phone-form").addEventListener("submit", (event) => this.#add(event));
    for (const button of document.querySelectorAll("[data-number]"))
      button.addEventListener("click", () => { document.getElementById("new-number").value = button.dataset.number; });
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  async start() {
    await this.poll();
    if (this.#identity && this.#phones.size === 0) {
      await api.addPhone(this.#freeNumber(), "", "", "").catch(() => {}); // another page was faster
      await this.poll();
    }
    this.#chosen?.focus();
    this.operator.showTime();
    for (;;) {
      await new Promise((wake) => setTimeout(wake, POLL_MS));
      await this.poll();
    }
  }

  /** Asks for news; while an answer is under way, one more question stands in line and is enough for all. */
  async poll() {
    if (this.#polling) {
      this.#again = true;
      return this.#polling;
    }
    this.#polling = (async () => {
      do {
        this.#again = false;
        await this.#askNews();
      } while (this.#again);
    })();
    await this.#polling;
    this.#polling = null;
    return undefined;
  }

  /** Lets a handset act; what comes of it arrives as news, trouble too. */
  async do(phone, verb, said) {
    await api.act(phone.id, verb, said).catch((error) => {
      if (error instanceof api.LostError) this.#banner("lost", error.message);
    });
    await this.poll();
  }

  phone(id) {
    return this.#phones.get(id);
  }

  focusChosen() {
    this.#chosen?.focus();
  }

  isChosen(phone) {
    return phone === this.#chosen;
  }

  choose(phone) {
    this.#chosen = phone;
    for (const other of this.#phones.values()) {
      other.element.classList.toggle("chosen", other === phone);
      if (other === phone) other.element.setAttribute("aria-current", "true");
      else other.element.removeAttribute("aria-current");
    }
    for (const whose of document.querySelectorAll("[data-whose]"))
      whose.textContent = phone ? grouped(phone.msisdn) : "no handset";
    this.glass.choose(phone?.id ?? null);
    this.operator.choose(phone);
    this.line.choose(phone);
    this.inside.choose(phone);
  }

  async putAway(phone) {
    await api.removePhone(phone.id).catch(() => {}); // gone already
    await this.poll();
    (this.#chosen?.field ?? document.getElementById("add")).focus();
  }

  change(phone) {
    this.#ask(phone);
  }

  async #askNews() {
    let news;
    try {
      news = await api.bench(this.#newest);
      this.#banner("lost", "");
    } catch (error) {
      this.#banner("lost", error.message);
      return;
    }
    const anew = news.bench !== this.#identity;
    if (anew && this.#identity) {
      this.#identity = "";
      this.#newest = 0;
      for (const id of [...this.#phones.keys()]) this.#drop(id);
      this.#again = true; // this answer was for another bench's cursor
      this.#identity = news.bench;
      return;
    }
    this.#identity = news.bench;
    this.#take(news, anew);
  }

  #take(news, anew) {
    const ids = new Set(news.phones.map((phone) => phone.id));
    const added = news.phones.filter((phone) => !this.#phones.has(phone.id));
    for (const id of this.#phones.keys()) if (!ids.has(id)) this.#drop(id);
    for (const phone of added) this.#put(phone);
    for (const entry of news.entries) {
      this.#phones.get(entry.phone)?.take(entry, anew || added.some((phone) => phone.id === entry.phone));
      this.glass.take(entry);
      this.operator.take(entry);
      this.inside.take(entry);
    }
    for (const { id, in_session: inSession } of added) this.#phones.get(id).settle(inSession);
    this.#newest = news.newest;
    this.#phonesMax = news.phones_max;
    document.getElementById("gateway").textContent = news.gateway.replace(/^https?:\/\//, "");
    document.getElementById("empty").hidden = this.#phones.size > 0;
    document.getElementById("add").disabled = this.#phones.size >= this.#phonesMax;
    this.#banner("sms-trouble", news.sms_trouble);
    this.smsc.draw(news.smsc_faults);
    this.billing.draw(news.billing_faults);
    this.stores.draw(news.frozen_stores);
    this.line.take(news.phones);
    this.recorder.draw(news.recording);
    this.#offer(news.dialects, news.dialect);
    this.operator.offer(news.partners);
    this.operator.offerPushes(news.pushes);
    this.#offerLanguages(news.languages, news.phones);
    if (!this.#chosen) this.choose(this.#phones.values().next().value ?? null);
  }

  /** The USSD gateways that a new handset may be joined to. */
  #offer(names, usual) {
    const choice = document.getElementById("new-dialect");
    if (choice.childElementCount === names.length) return;
    choice.replaceChildren(...names.map((name) => {
      const option = document.createElement("option");
      option.value = option.textContent = name;
      option.selected = name === usual;
      return option;
    }));
  }

  /** The languages of the programme, for a new handset and for each that is there. A gateway that tells none: no choice. */
  #offerLanguages(languages, phones) {
    const choice = document.getElementById("new-language");
    if (choice.childElementCount !== languages.length + 1) choice.replaceChildren(...languageOptions(languages));
    choice.disabled = languages.length === 0;
    for (const { id, language } of phones) this.#phones.get(id).speak(language, languages);
  }

  #put(told) {
    const phone = new Phone(told, this);
    this.#phones.set(told.id, phone);
    this.glass.open(told.id);
    this.element.append(phone.element);
    this.element.dataset.count = String(this.#phones.size);
  }

  #drop(id) {
    const phone = this.#phones.get(id);
    this.#phones.delete(id);
    phone.element.remove();
    this.glass.forget(id);
    this.element.dataset.count = String(this.#phones.size);
    if (this.#chosen === phone) this.choose(this.#phones.values().next().value ?? null);
  }

  #ask(instead = null) {
    this.#instead = instead;
    document.getElementById("refusal").textContent = "";
    document.getElementById("new-phone-ok").textContent = instead ? "Change the number" : "Put it on the bench";
    document.getElementById("new-number").value = this.#freeNumber();
    if (instead) document.getElementById("new-dialect").value = instead.dialect;
    document.getElementById("new-link").value = instead?.link ?? "";
    document.getElementById("new-language").value = instead?.language ?? "";
    this.dialog.showModal();
    document.getElementById("new-number").select();
  }

  async #add(event) {
    event.preventDefault();
    try {
      const old = this.#instead?.id;
      const isFull = this.#phones.size >= this.#phonesMax;
      if (old && isFull) await api.removePhone(old);
      const { id } = await api.addPhone(...["new-number", "new-dialect", "new-link", "new-language"].map((field) => document.getElementById(field).value));
      if (old && !isFull) await api.removePhone(old); // after the new one: a refused number costs no handset
      this.#instead = null;
      this.dialog.close();
      await this.poll();
      this.#phones.get(id)?.focus();
    } catch (error) {
      document.getElementById("refusal").textContent = error.message;
    }
  }

  #freeNumber() {
    const taken = new Set([...this.#phones.values()].map((phone) => phone.msisdn));
    let number = FIRST_NUMBER;
    while (taken.has(`+${number}`)) number += 1;
    return `+${number}`;
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || this.dialog.open) return;
    const onPhone = event.target.closest?.(".phone");
    if (!onPhone && event.target !== document.body) return;
    if (this.#chosen?.key(event)) event.preventDefault();
  }

  #banner(id, text) {
    const banner = document.getElementById(id);
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = !text;
  }
}

new Bench().start();
