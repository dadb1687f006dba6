// How another program behaves, the SMSC or the billing: each button's orders go to it as they are written in the page.

export class Orders {
  constructor(bench, id, send) {
    this.bench = bench;
    this.send = send;
    this.card = document.getElementById(id);
    this.said = this.card.querySelector(".said");
    this.buttons = [...this.card.querySelectorAll("[data-orders]")].map((button) => {
      const orders = JSON.parse(button.dataset.orders);
      button.addEventListener("click", () => this.#order(button, orders));
      return [button, orders];
    });
  }

  /** Shows which buttons say what is so; an order of a moment is so while it waits. Nobody there: nothing to order. */
  draw(faults) {
    this.card.hidden = !faults;
    if (!faults) return;
    for (const [button, orders] of this.buttons) {
      const isSo = Object.entries(orders).every(([name, value]) => faults[name] === value);
      button.setAttribute("aria-pressed", String(isSo));
    }
  }

  async #order(button, orders) {
    const group = button.closest("[role=group]").getAttribute("aria-label");
    const text = `${group}: ${button.textContent}`;
    try {
      await this.send(text, orders);
      this.said.textContent = text;
    } catch (error) {
      this.said.textContent = error.message;
    }
    this.bench.poll();
  }
}
