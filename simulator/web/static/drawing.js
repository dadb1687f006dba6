// The menu as the gateway draws it, with the screen where the session stands, and the way there.

import * as api from "./api.js";

const SHAPES = new Set(["svg", "title", "desc", "g", "rect", "path", "circle", "text"]);
const ACTIVE = /^(on|style$)|href$/i;
const STEP = 1.25;
const ZOOM_MAX = 2;

export class Drawing {
  #wanted = null; // the language, and the session's version of the menu, for which the drawing was asked
  #svg = null;
  #zoom = 1;

  constructor() {
    this.area = document.getElementById("menu-drawing");
    this.said = document.getElementById("menu-said");
    for (const button of document.querySelectorAll("[data-zoom]"))
      button.addEventListener("click", () => this.#resize(button.dataset.zoom));
  }

  async show(session) {
    const state = session?.state ?? null;
    try {
      await this.#draw(state?.language ?? "", state?.menu ?? "");
    } catch (error) {
      this.area.hidden = true;
      this.said.textContent = error.message;
      return;
    }
    this.#mark(state);
    this.said.textContent = told(session, this.#svg);
  }

  async #draw(language, menu) {
    const wanted = `${language} ${menu}`;
    if (this.#wanted === wanted) return;
    const { svg } = await api.menu(language);
    this.#svg = read(svg);
    this.#wanted = wanted;
    this.area.replaceChildren(this.#svg);
    this.area.hidden = false;
    this.#scale();
  }

  #mark(state) {
    const before = this.#svg.querySelector(".here");
    for (const marked of this.#svg.querySelectorAll(".passed, .here")) marked.classList.remove("passed", "here");
    const here = state && screenOf(this.#svg, state.screen);
    if (!here) return;
    for (const arrow of way(this.#svg, [...state.back, state.entry, state.screen])) {
      arrow.classList.add("passed");
      screenOf(this.#svg, arrow.dataset.from)?.classList.add("passed");
    }
    here.classList.add("here");
    if (here !== before) this.#follow(); // whoever looks around in the drawing is not called back by a top-up
  }

  #resize(how) {
    if (!this.#svg) return;
    const { width, height } = this.#svg.viewBox.baseVal;
    const whole = Math.min(this.area.clientWidth / width, parseFloat(getComputedStyle(this.area).maxHeight) / height);
    const next = { whole, smaller: this.#zoom / STEP, larger: this.#zoom * STEP }[how];
    this.#zoom = Math.min(Math.max(next, whole), ZOOM_MAX);
    this.#scale();
    this.#follow();
  }

  #scale() {
    const { width, height } = this.#svg.viewBox.baseVal;
    this.#svg.setAttribute("width", width * this.#zoom);
    this.#svg.setAttribute("height", height * this.#zoom);
  }

  #follow() {
    const here = this.#svg.querySelector(".here .frame")?.getBoundingClientRect();
    if (!here) return;
    const area = this.area.getBoundingClientRect();
    this.area.scrollBy(here.x + here.width / 2 - area.x - area.width / 2, here.y + here.height / 2 - area.y - area.height / 2);
  }
}

function told(session, svg) {
  const state = session?.state;
  if (!state) return "no session walks it";
  if (state.menu !== svg.dataset.menu) return "the session walks another version of the menu than is served, and drawn, now";
  return `the session ${session.over ? "ended" : "stands"} on ${state.screen}`;
}

/** The drawing as an element. What does more than draw is refused, wherever it came from. */
function read(text) {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  for (const element of [svg, ...svg.querySelectorAll("*")])
    if (!SHAPES.has(element.localName) || [...element.attributes].some(({ name }) => ACTIVE.test(name)))
      throw new Error("What the gateway sent is not only a drawing: it is not shown.");
  return document.importNode(svg, true);
}

function screenOf(svg, name) {
  return svg.querySelector(`[data-screen="${CSS.escape(name)}"]`);
}

/** The arrows along these screens. A session remembers only some of them: the shortest way leads through the others. */
function way(svg, names) {
  const leaving = new Map();
  for (const arrow of svg.querySelectorAll(".arrow")) {
    if (!leaving.has(arrow.dataset.from)) leaving.set(arrow.dataset.from, []);
    leaving.get(arrow.dataset.from).push(arrow);
  }
  return names.slice(1).flatMap((name, place) => shortest(leaving, names[place], name));
}

function shortest(leaving, from, to) {
  const ways = new Map([[from, []]]);
  for (const [name, arrows] of ways) { // a Map hands out what is added while it is walked
    if (name === to) return arrows;
    for (const arrow of leaving.get(name) ?? [])
      if (!ways.has(arrow.dataset.to)) ways.set(arrow.dataset.to, [...arrows, arrow]);
  }
  return [];
}
