// Record → test: what is done on the bench becomes a dialogue; it is played, edited in place, and taken away as a file.

import * as api from "./api.js";
import { made } from "./words.js";

export class Recorder {
  #recording = false;
  #busy = false;

  constructor(bench) {
    this.bench = bench;
    this.button = document.getElementById("record");
    this.card = document.getElementById("story");
    this.text = document.getElementById("story-text");
    this.name = document.getElementById("story-name");
    this.said = document.getElementById("story-said");
    this.seen = document.getElementById("story-seen");
    this.keeps = document.getElementById("keep-numbers");
    this.button.addEventListener("click", () => (this.#recording ? this.#stop() : this.#record()));
    document.getElementById("story-play").addEventListener("click", () => this.#play(false));
    document.getElementById("story-away").addEventListener("click", () => this.#putAway());
    document.getElementById("story-download").addEventListener("click", () => this.#download());
  }

  /** Another page may have pressed the button. */
  draw(recording) {
    this.#recording = recording;
    this.button.textContent = recording ? "Stop recording" : "Record a test";
    this.button.classList.toggle("recording", recording);
    this.button.setAttribute("aria-pressed", String(recording));
    this.keeps.closest("label").hidden = recording;
  }

  async #record() {
    try {
      await api.record(!this.keeps.checked);
      this.card.hidden = true;
    } catch (error) {
      this.#show(error.message, "failed");
    }
    await this.bench.poll();
    this.bench.focusChosen();
  }

  async #stop() {
    try {
      const { text } = await api.stopRecording();
      this.text.value = text;
      this.card.hidden = false;
      this.card.scrollIntoView({ block: "nearest" });
      await this.bench.poll();
      await this.#play(true);
    } catch (error) {
      this.#show(error.message, "failed");
    }
  }

  async #play(rehearsal) {
    if (this.#busy) return;
    this.#busy = true;
    this.card.setAttribute("aria-busy", "true");
    this.#show(rehearsal ? "Playing it once, to learn what changes from run to run…" : "Playing it…", "");
    this.seen.replaceChildren();
    try {
      const told = await api.play(this.text.value, rehearsal);
      this.text.value = told.text;
      this.#tell(told, rehearsal);
    } catch (error) {
      this.#show(error.message, "failed");
    }
    this.#busy = false;
    this.card.removeAttribute("aria-busy");
    this.bench.poll();
  }

  #tell(told, rehearsal) {
    const counts = `${told.screens} ${told.screens === 1 ? "screen" : "screens"}, ${told.texts} SMS`;
    const learned = rehearsal ? " What changes from run to run is written in braces." : "";
    if (told.passed) this.#show(`Passed: ${counts}.${learned}`, "passed");
    else this.#show(`Differs at line ${told.line}: ${told.failure}`, "failed");
    this.seen.replaceChildren(...told.seen.map(({ line, kind, text }, place) => {
      const differs = !told.passed && place === told.seen.length - 1 && line === told.line;
      const item = made("li", differs ? "differs" : "");
      item.append(made("b", "", `${differs ? "✗" : "✓"} line ${line}, ${kind === "sms" ? "SMS" : "screen"}`), made("span", "gist", text));
      return item;
    }));
    if (!told.passed && told.line) this.#goTo(told.line);
  }

  /** The caret to the step that differs, so that editing it is the next key. */
  #goTo(line) {
    const before = this.text.value.split("\n").slice(0, line - 1);
    const start = before.join("\n").length + (line > 1 ? 1 : 0);
    this.text.focus();
    this.text.setSelectionRange(start, start);
    this.text.scrollTop = Math.max(line - 4, 0) * parseFloat(getComputedStyle(this.text).lineHeight);
  }

  #download() {
    const file = new Blob([this.text.value], { type: "application/yaml" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = `${this.name.value.trim().replace(/[^\wа-яё-]+/gi, "_") || "recorded"}.yaml`;
    link.click();
    URL.revokeObjectURL(link.href);
    this.#show(`${link.download}: play it by simulator play ${link.download}`, "");
  }

  #putAway() {
    this.card.hidden = true;
    this.button.focus();
  }

  #show(text, how) {
    this.card.hidden = false;
    this.said.textContent = text;
    this.said.className = `said outcome ${how}`;
  }
}
