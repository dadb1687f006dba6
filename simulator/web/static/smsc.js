// How the SMSC behaves: each button's orders go to its control port as they are written in the page.

import * as api from "./api.js";

export class Smsc {
  constructor(bench) {
    this.bench = bench;
    this.card = document.getElementById("smsc");
    this.said = document.getElementById("smsc-said");
    this.buttons = [...this.card.querySelectorAll("[data-orders]")].map((button) => {
      const orders = JSON.parse(button.dataset.orders);
      button.addEventListener("click", () => this.#order(button, orders));
      return [button, orders];
    });
  }

  /** Shows which buttons say what is so; an order of a moment is never so. Without an SMSC there is nothing to order. */
  draw(faults) {
    this.card.hidden = !faults;
    if (!faults) return;
    for (const [button, orders] of this.buttons) {
      if (button.closest("[data-once]")) continue;
      const isSo = Object.entries(orders).every(([name, value]) => faults[name] === value);
      button.setAttribute("aria-pressed", String(isSo));
    }
  }

  async #order(button, orders) {
    const group = button.closest("[role=group]").getAttribute("aria-label");
    const text = `${group}: ${button.textContent}`;
    try {
      await api.orderSmsc(text, orders);
      this.said.textContent = text;
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.bench.poll();
  }
}
