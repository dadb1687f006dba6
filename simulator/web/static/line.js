// What the USSD network does to the chosen handset: to its next hop, or to its session now. And how long it would wait.

const TICK_MS = 500;

export class Line {
  #phone = null;
  #news = new Map(); // by handset: what the server says of it

  constructor(bench) {
    this.bench = bench;
    this.card = document.getElementById("network");
    this.said = document.getElementById("network-said");
    this.ends = document.getElementById("network-ends");
    this.buttons = [...this.card.querySelectorAll("[data-mishap]")];
    for (const button of this.buttons)
      button.addEventListener("click", () => {
        this.bench.do(this.#phone, "network", { text: button.dataset.mishap });
      });
    setInterval(() => this.#tick(), TICK_MS);
  }

  choose(phone) {
    this.#phone = phone;
    this.#draw();
  }

  take(phones) {
    this.#news = new Map(phones.map((phone) => [phone.id, phone]));
    this.#draw();
    this.#tick();
  }

  #draw() {
    const news = this.#news.get(this.#phone?.id);
    for (const button of this.buttons) {
      button.disabled = !news || ("now" in button.dataset && !news.in_session);
      if (!("now" in button.dataset)) button.setAttribute("aria-pressed", String(news?.ordered === button.dataset.mishap));
    }
    this.said.textContent = news?.ordered ? `Waits for the next hop: ${news.ordered}` : "";
  }

  /** Every handset counts down; where the tester wants it, the network ends what has run out, as a real one does. */
  #tick() {
    for (const [id, news] of this.#news) {
      const phone = this.bench.phone(id);
      const left = phone?.counted(news);
      if (left === undefined || left > 0 || !this.ends.checked || phone.isEnding) continue;
      phone.isEnding = true;
      this.bench.do(phone, "network", { text: "subscriber silent" });
    }
  }
}
