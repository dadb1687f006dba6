// One handset on the page: what its display shows, and what its keys do.
//
// What has happened comes as entries of the server's journal; the display is what they add up to. The server decides
// everything else.

import * as api from "./api.js";
import { DIGITS, drawKeypad, Typist } from "./keypad.js";
import { Messages } from "./messages.js";
import { gaugeWords, grouped, hour, languageOptions, minutes, spoken } from "./words.js";

const RUNNING = "Running…";

export class Phone {
  #typist = new Typist();
  #view = "home";
  #screen = null; // {text, waits, gauge}: what the USSD box shows
  #running = false;
  #redial = "";

  #began = 0; // when the session did, when its last hop was sent, and when its last screen came: ms since 1970
  #asked = 0;
  #shown = 0;
  language = ""; // what was chosen for this number on a page; none: as the network says
  isEnding = false; // the network is about to end it

  constructor({ id, msisdn, dialect, link }, bench) {
    this.id = id;
    this.msisdn = msisdn;
    this.dialect = dialect;
    this.link = link;
    this.bench = bench;
    this.element = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.element.setAttribute("aria-label", `Handset ${msisdn}`);
    this.find(".number").textContent = grouped(msisdn);
    this.find(".by").textContent = link ? `${dialect}, ${link}` : dialect;
    this.messages = new Messages(this);
    drawKeypad(this.find(".keypad"), (digit) => this.type(digit));
    this.#listen();
    this.#draw();
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  /** One entry of the journal. A replayed one is old: it rings nobody. */
  take(entry, replayed) {
    switch (entry.kind) {
      case "dialled":
        this.#redial = entry.text;
        this.#began = this.#asked = entry.at;
        this.#show(null, true);
        break;
      case "answered":
        this.#asked = entry.at;
        this.#show(this.#screen, true);
        break;
      case "screen":
        this.#shown = entry.at;
        if (entry.unasked) this.#began = this.#asked = entry.at;
        this.isEnding = false;
        this.#show({ text: entry.text, waits: !entry.ends, gauge: entry.gauge }, false);
        if (!replayed) this.say(entry.text);
        break;
      case "hung_up":
        this.#show(null, false);
        break;
      case "network":
        if (entry.ends) this.#show({ text: "Connection problem or invalid MMI code.", waits: false, failed: true }, false);
        break;
      case "error": // of a hop; what the operator could not do is said where he tried it
        if (!this.#running) break;
        this.#show({ text: entry.text, waits: false, failed: true }, false);
        if (!replayed) this.say(entry.text);
        break;
      case "sms":
      case "sms_sent":
        this.messages.take(entry, replayed);
        this.#drawBar();
        break;
    }
  }

  /** After a replay: a box that waits for nothing has been read. */
  settle(inSession) {
    if (!inSession) this.#show(null, false);
    this.messages.settle();
    this.#drawBar();
  }

  /** The language that was chosen, and what there is to choose from. */
  speak(language, languages) {
    const choice = this.find(".language");
    const isNew = choice.childElementCount !== languages.length + 1;
    if (isNew) choice.replaceChildren(...languageOptions(languages));
    if (isNew || language !== this.language) choice.value = language;
    this.language = language;
    choice.options[0].disabled = language !== ""; // what was chosen cannot be unchosen
    this.find(".speaks").hidden = languages.length === 0;
  }

  /** Shows how long the network would still wait: for the gateway's reply, or for the subscriber's answer. Gives the
      seconds of the latter; undefined: it waits for none. */
  counted({ answer_s: answerS, idle_s: idleS, total_s: totalS }) {
    const shown = this.find(".countdown");
    const waits = Boolean(this.#screen?.waits) && !this.#running;
    shown.hidden = !waits && !this.#running;
    const now = Date.now();
    if (this.#running) {
      const due = answerS - (now - this.#asked) / 1000;
      shown.textContent = `reply due in ${minutes(due)}`;
      shown.classList.toggle("over", due <= 0);
    }
    if (!waits) return undefined;
    const idle = idleS - (now - this.#shown) / 1000;
    const total = totalS - (now - this.#began) / 1000;
    shown.textContent = `answer in ${minutes(idle)}, session ${minutes(total)}`;
    shown.classList.toggle("over", Math.min(idle, total) <= 0);
    return Math.min(idle, total);
  }

  say(text) {
    spoken(this.find(".live"), text);
  }

  get showsUssd() {
    return this.#running || this.#screen !== null;
  }

  /** The field that keys type into. */
  get field() {
    if (this.showsUssd) return this.find(".ussd-answer");
    if (this.#view === "thread") return this.messages.field;
    return this.find(".dial");
  }

  focus() {
    if (this.showsUssd && !this.#screen?.waits) this.find('[data-press="send"]').focus();
    else if (this.#view === "threads" && !this.showsUssd) (this.find(".thread-list button") ?? this.find('[data-press="left"]')).focus();
    else this.field.focus();
  }

  go(view) {
    this.#view = view;
    this.#draw();
    this.focus();
  }

  type(digit) {
    if (this.showsUssd && !this.#screen?.waits) return;
    if (!this.showsUssd && this.#view === "threads") this.go("home");
    this.#typist.type(this.field, digit, this.field === this.find(".words"));
    this.field.focus();
  }

  /** A key of the tester's keyboard, while this handset is the chosen one. True when it was ours. */
  key(event) {
    if (event.target.matches("select")) return false;
    const inField = event.target.matches("input, textarea");
    const onButton = event.target.matches("button");
    if (event.key === "Escape") this.red();
    else if (event.key === "Enter" && !onButton && !(event.shiftKey && inField)) this.green();
    else if (!inField && DIGITS.includes(event.key)) this.type(event.key);
    else if (!inField && event.key === "Backspace") this.#typist.erase(this.field);
    else return false;
    return true;
  }

  green() {
    if (this.#running) return;
    if (this.#screen?.waits) this.#answer();
    else if (this.#screen) this.#show(null, false, true);
    else if (this.#view === "thread") this.messages.send();
    else this.dial(this.find(".dial").value);
  }

  red() {
    if (this.showsUssd) {
      const waits = this.#running || this.#screen.waits;
      this.#show(null, false, true);
      if (waits) this.bench.do(this, "hang-up");
      return;
    }
    this.find(".dial").value = "";
    this.go("home");
  }

  dial(typed) {
    const dialled = typed.trim();
    if (!dialled) { // the green key alone brings the last call back, as phones do
      this.find(".dial").value = this.#redial;
      return;
    }
    this.#view = "home";
    this.find(".dial").value = "";
    this.#show(null, true);
    this.bench.do(this, "dial", { text: dialled });
  }

  #answer() {
    const text = this.find(".ussd-answer").value;
    this.#show(this.#screen, true);
    this.bench.do(this, "answer", { text });
  }

  #listen() {
    const presses = {
      green: () => this.green(),
      red: () => this.red(),
      cancel: () => this.red(),
      send: () => this.green(),
      left: () => this.#left(),
      right: () => this.#right(),
      away: () => this.bench.putAway(this),
      change: () => this.bench.change(this),
    };
    this.element.addEventListener("click", (event) => {
      const press = event.target.closest("[data-press]")?.dataset.press;
      const dialled = event.target.closest("[data-dial]")?.dataset.dial;
      if (press) presses[press]();
      else if (dialled) this.dial(dialled);
    });
    this.find(".language").addEventListener("change", async ({ target }) => {
      if (!(await this.bench.operator.speak(this, target.value))) target.value = this.language;
    });
    this.element.addEventListener("focusin", () => this.bench.choose(this));
    this.element.addEventListener("pointerdown", () => this.bench.choose(this));
    for (const key of this.element.querySelectorAll(".green, .red"))
      key.addEventListener("mousedown", (event) => event.preventDefault());
  }

  #left() {
    if (this.#view === "home") this.go("threads");
    else if (this.#view === "threads") this.messages.open("");
    else this.messages.send();
  }

  #right() {
    if (this.#view === "home") {
      this.#typist.erase(this.find(".dial"));
      this.focus();
    } else this.go(this.#view === "thread" ? "threads" : "home");
  }

  #show(screen, running, focus = true) {
    const before = this.#screen;
    // A field that is hidden drops the focus to the body: it is ours still, while this handset is the chosen one.
    const active = document.activeElement;
    const had = this.element.contains(active) || (active === document.body && this.bench.isChosen(this));
    this.#screen = screen;
    this.#running = running;
    if (screen !== before) this.find(".ussd-answer").value = "";
    this.#draw();
    if (focus && had) this.focus();
  }

  #draw() {
    for (const view of this.element.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== this.#view;
    const [left, right] = { home: ["Messages", "Clear"], threads: ["New", "Back"], thread: ["Send", "Back"] }[this.#view];
    this.find('[data-press="left"]').textContent = left;
    this.find('[data-press="right"]').textContent = right;
    this.find(".display").classList.toggle("covered", this.showsUssd);
    for (const covered of this.element.querySelectorAll(".view, .soft")) covered.inert = this.showsUssd;
    this.messages.draw();
    this.#drawBox();
    this.#drawGauge();
    this.#drawBar();
  }

  #drawBox() {
    const screen = this.#screen;
    this.find(".ussd").hidden = !this.showsUssd;
    this.find(".ussd").classList.toggle("failed", Boolean(screen?.failed));
    this.find(".ussd").classList.toggle("running", this.#running);
    spoken(this.find(".ussd-text"), this.#running && !screen ? "USSD code running…" : screen?.text ?? "");
    this.find(".ussd-answer").hidden = !screen?.waits;
    this.find(".ussd-answer").readOnly = this.#running;
    this.find('[data-press="cancel"]').hidden = !(screen?.waits || this.#running);
    const send = this.find('[data-press="send"]');
    send.hidden = this.#running && !screen;
    send.disabled = this.#running;
    send.textContent = this.#running ? RUNNING : screen?.waits ? "Send" : "OK";
  }

  #drawGauge() {
    const gauge = this.#running ? null : this.#screen?.gauge;
    const strip = this.find(".gauge");
    strip.classList.toggle("blank", !gauge);
    strip.hidden = false;
    this.find(".gauge-words").textContent = gauge ? gaugeWords(gauge) : "";
    const full = gauge ? Math.min(gauge.length / gauge.length_max, 1) : 0;
    this.find(".gauge-bar i").style.setProperty("width", `${full * 100}%`);
    strip.classList.toggle("over", gauge ? !gauge.fits : false);
  }

  #drawBar() {
    const unread = this.messages.unread;
    const letter = this.find(".letter");
    letter.hidden = unread === 0;
    letter.textContent = unread === 1 ? "1 new" : `${unread} new`;
    this.find(".hour").textContent = hour(Date.now());
    if (this.#view === "home") this.find('[data-press="left"]').textContent = unread ? `Messages (${unread})` : "Messages";
  }
}
