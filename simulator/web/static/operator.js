// The operator's side of the chosen handset: money, gift codes, blocks, and the programme's clock.

import * as api from "./api.js";
import { languageName, made } from "./words.js";

/** `top-up 500 roubles`, `purchase 500 roubles at kinograd`: a deed about money as a dialogue says it. */
function spent(deed, { roubles, partner }) {
  return `${deed} ${roubles.value} roubles${deed === "purchase" ? ` at ${partner.value}` : ""}`;
}

export class Operator {
  #phone = null;
  #giftCodes = new Map(); // by handset: the code that was issued last

  constructor(bench) {
    this.bench = bench;
    this.said = document.getElementById("said");
    for (const form of document.querySelectorAll("[data-deed]"))
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#do(form, event.submitter?.value ?? "");
      });
    document.getElementById("dial-gift-code").addEventListener("click", () => {
      this.#phone?.dial(`*123*${this.#giftCodes.get(this.#phone.id)}#`);
      this.#phone?.focus();
    });
  }

  choose(phone) {
    if (phone !== this.#phone) this.#say("");
    this.#phone = phone;
    this.#drawGiftCode();
  }

  /** What the menu can show unasked. */
  offerPushes(pushes) {
    const choice = document.getElementById("push");
    document.getElementById("push-form").hidden = pushes.length === 0;
    if (choice.childElementCount === pushes.length) return;
    choice.replaceChildren(...pushes.map((push) => made("option", "", push)));
  }

  /** The partners of the programme, where there are any: by the label that a tester reads, or by the first there is. */
  offer(partners) {
    const choice = document.getElementById("partner");
    document.getElementById("bought").hidden = partners.length === 0;
    if (choice.childElementCount === partners.length) return;
    choice.replaceChildren(...partners.map(({ partner, label }) => {
      const option = made("option", "", label.en ?? Object.values(label)[0]);
      option.value = partner;
      return option;
    }));
  }

  take(entry) {
    if (entry.kind === "gift_code") {
      this.#giftCodes.set(entry.phone, entry.gift_code);
      this.#drawGiftCode();
    }
  }

  /** Chooses the language of a handset's subscriber, by staff's word. False: it was refused, and why is said. */
  async speak(phone, language) {
    let isDone = true;
    try {
      await api.act(phone.id, "language", { text: language });
      this.#say(`The programme speaks ${languageName(language)} to this number.`);
    } catch (error) {
      this.#say(error.message, true);
      isDone = false;
    }
    await this.bench.poll();
    return isDone;
  }

  async showTime() {
    const shown = document.getElementById("programme-time");
    try {
      const { programme_at: at } = await api.moveClock("0 seconds");
      const date = new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
      shown.textContent = `In the programme: ${date}`;
      shown.hidden = false;
    } catch {
      shown.hidden = true; // no demo: there is no clock to move, and trying says so
    }
  }

  async #do(form, value) {
    const phone = this.#phone;
    try {
      if (form.dataset.deed === "clock") {
        const wait = form.elements.wait.value;
        await api.moveClock(wait);
        this.#say(`The programme's clock is ${wait} ahead.`);
        await this.showTime();
      } else if (!phone) {
        this.#say("Add a handset first.", true);
      } else if (form.dataset.deed === "gift") {
        await api.act(phone.id, "gift-code", { text: form.elements.grant.value });
        this.#say("Issued for this number, for one use.");
      } else if (form.dataset.deed === "push") {
        await api.act(phone.id, "push", { text: form.elements.push.value });
        this.#say("It waits for a link of USSD over SMPP.");
      } else {
        const phrase = form.dataset.deed === "money" ? spent(value, form.elements) : value;
        await api.act(phone.id, "tell", { text: phrase });
        this.#say(`The gateway heard of it: ${phrase}.`);
      }
    } catch (error) {
      this.#say(error.message, true);
    }
    this.bench.poll();
  }

  #drawGiftCode() {
    const giftCode = this.#phone && this.#giftCodes.get(this.#phone.id);
    document.getElementById("issued").hidden = !giftCode;
    document.getElementById("gift-code").textContent = giftCode ?? "";
  }

  #say(text, failed = false) {
    this.said.textContent = text;
    this.said.classList.toggle("failed", failed);
  }
}
