// The gateway's stores hang for a while, where the gateway lets them: a demo's on this machine.

import * as api from "./api.js";

export class Stores {
  constructor(bench) {
    this.bench = bench;
    this.card = document.getElementById("stores");
    this.said = this.card.querySelector(".said");
    this.buttons = [...this.card.querySelectorAll("[data-store]")];
    for (const button of this.buttons)
      button.addEventListener("click", () => this.#freeze(button.dataset.store, button.getAttribute("aria-pressed") === "true"));
  }

  draw(frozen) {
    this.card.hidden = !frozen;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(Boolean(frozen?.includes(button.dataset.store))));
  }

  async #freeze(store, isFrozen) {
    try {
      await api.orderStore(isFrozen ? `${store} in order` : `${store} frozen`);
      this.said.textContent = isFrozen ? "" : "It thaws by itself after half a minute, or when it is pressed again.";
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.bench.poll();
  }
}
