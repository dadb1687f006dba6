// Under the glass: the timeline of one handset. What a person did, what went over HTTP, what went over SMPP.

import { gaugeWords, instant, made } from "./words.js";

const SHOWN_MAX = 300; // rows of one handset; the server keeps more, and so does the control port
const OF_USSD = new Set(["dialled", "answered", "hung_up", "push", "hop", "screen", "network", "error"]);
const OF_SMS = new Set(["sms", "sms_sent", "pdu", "smsc"]);

export class Glass {
  #entries = new Map(); // by handset
  #phone = null;
  #show = "all";

  constructor() {
    this.timeline = document.getElementById("timeline");
    for (const button of document.querySelectorAll("[data-show]"))
      button.addEventListener("click", () => {
        this.#show = button.dataset.show;
        for (const other of document.querySelectorAll("[data-show]"))
          other.setAttribute("aria-pressed", String(other === button));
        this.#drawAll();
      });
  }

  take(entry) {
    const everybodys = entry.phone === "";
    for (const id of everybodys ? this.#entries.keys() : [entry.phone]) {
      const rows = this.#entries.get(id) ?? [];
      this.#entries.set(id, rows);
      rows.push(entry);
      if (rows.length > SHOWN_MAX) rows.shift();
      if (id === this.#phone && this.#shows(entry)) this.#put(entry);
    }
  }

  open(id) {
    this.#entries.set(id, this.#entries.get(id) ?? []);
  }

  forget(id) {
    this.#entries.delete(id);
  }

  choose(id) {
    if (id === this.#phone) return;
    this.#phone = id;
    this.#drawAll();
  }

  #shows(entry) {
    const isUssd = entry.kind === "pdu" ? entry.ussd !== "" : OF_USSD.has(entry.kind);
    if (this.#show === "ussd") return isUssd;
    if (this.#show === "sms") return OF_SMS.has(entry.kind) && !isUssd;
    return true;
  }

  #drawAll() {
    this.timeline.replaceChildren();
    for (const entry of this.#entries.get(this.#phone) ?? []) if (this.#shows(entry)) this.#put(entry);
    document.getElementById("nothing").hidden = this.timeline.childElementCount > 0;
  }

  #put(entry) {
    this.timeline.prepend(drawn(entry));
    while (this.timeline.childElementCount > SHOWN_MAX) this.timeline.lastElementChild.remove();
    document.getElementById("nothing").hidden = true;
  }
}

function drawn(entry) {
  const item = made("li", `event ${entry.kind}`);
  item.append(made("time", "at", instant(entry.at)));
  const parts = { hop: hopParts, pdu: pduParts }[entry.kind];
  if (!parts) {
    const line = made("div", "line");
    line.append(...deed(entry));
    item.append(line);
    return item;
  }
  const [label, title, summary, inside] = parts(entry);
  const details = made("details");
  const head = made("summary");
  head.append(made("span", "badge", label), made("b", "", title), made("span", "gist", summary));
  details.append(head);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(...inside());
  });
  item.append(details);
  return item;
}

function deed(entry) {
  const words = {
    dialled: ["Dials", entry.text],
    answered: ["Answers", entry.text || "nothing"],
    hung_up: ["Hangs up", ""],
    screen: [entry.unasked ? "Unasked" : entry.ends ? "Last screen" : "Screen", entry.text],
    sms_sent: [`Texts to ${entry.to}`, entry.text],
    sms: [`SMS from ${entry.from}`, entry.text],
    network: ["Network", entry.text],
    operator: ["Operator", `${entry.text}: ${entry.outcome}`],
    gift_code: ["Operator", `gift code ${entry.gift_code} for ${entry.text}`],
    language: ["Operator", `language ${entry.text}`],
    push: ["Operator", `${entry.text}, to be shown unasked`],
    clock: ["Clock", `${entry.text} forward`],
    smsc: ["SMSC", entry.text],
    billing: ["Billing", entry.text],
    store: ["Store", entry.text],
    recording: ["Recording", entry.text],
    error: ["Trouble", entry.text],
  }[entry.kind] ?? [entry.kind, ""];
  const shown = [made("b", "", words[0]), made("span", "gist", words[1])];
  if (entry.gauge) shown.push(made("small", "", gaugeWords(entry.gauge)));
  return shown;
}

function hopParts(entry) {
  const { request, response } = entry;
  const status = response ? String(response.status) : "no answer";
  const summary = response ? response.body.split("\n")[0] || "(empty)" : entry.error;
  return ["HTTP", `${request.closes ? "End of session" : "Hop"} · ${status} · ${entry.took_ms} ms`, summary, () => [
    heading("Request"),
    raw(`${request.method} ${[request.path, request.query].filter(Boolean).join("?")}\n${headers(request)}\n${request.body}`),
    table(fieldsOf(request)),
    heading("Response"),
    raw(response ? `HTTP ${response.status}\n${headers(response)}\n${response.body}` : entry.error),
  ]];
}

function headers(message) {
  const told = { ...(message.content_type && { "content-type": message.content_type }), ...message.headers };
  return Object.entries(told).map(([name, value]) => `${name}: ${value}\n`).join("");
}

/** The fields of a form or of a JSON object; another document is read as it stands. */
function fieldsOf({ content_type: type, body, query }) {
  if (query) return [...new URLSearchParams(query)];
  if (type.includes("urlencoded")) return [...new URLSearchParams(body)];
  return type.includes("json") ? flattened(JSON.parse(body)) : [];
}

function pduParts(entry) {
  const way = entry.way === "in" ? "gateway → SMSC" : "SMSC → gateway";
  const name = (entry.pdu ?? "no PDU").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  const summary = entry.reads ?? (entry.fault || entry.status);
  const title = [name, entry.ussd, way].filter(Boolean).join(" · ");
  return ["SMPP", title, summary, () => [
    heading("Fields"),
    table(flattened(entry.fields ?? {})),
    heading(`Octets, ${entry.hex.length / 2}`),
    octets(entry.hex),
  ]];
}

function heading(text) {
  return made("h3", "", text);
}

function raw(text) {
  const block = made("pre", "raw", text);
  block.tabIndex = 0; // it scrolls, so the keyboard must reach it
  return block;
}

function table(rows) {
  const drawnTable = made("table", "fields");
  for (const [name, value] of rows) {
    const row = drawnTable.insertRow();
    const head = made("th", "", name);
    head.scope = "row";
    row.append(head, made("td", "", value === "" ? "(empty)" : String(value)));
  }
  return drawnTable;
}

/** `{source: {digits: "6111"}}` as rows `source.digits`. */
function flattened(fields, before = "") {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.map((tlv) => [`${before}${tlv.tag ?? name}`, tlv.value ?? tlv]);
    if (value !== null && typeof value === "object") return flattened(value, `${before}${name}.`);
    return [[`${before}${name}`, value ?? ""]];
  });
}

/** The header's four numbers on lines of their own (SMPP 3.4, 3.2), then sixteen octets a line. */
function octets(hex) {
  const header = ["command_length", "command_id", "command_status", "sequence_number"].map(
    (name, place) => [spaced(hex.slice(place * 8, place * 8 + 8)), name]);
  const body = [];
  for (let place = 32; place < hex.length; place += 32) {
    const line = hex.slice(place, place + 32);
    const letters = line.replace(/../g, (octet) => {
      const number = parseInt(octet, 16);
      return number >= 0x20 && number < 0x7f ? String.fromCharCode(number) : "·";
    });
    body.push([spaced(line), letters]);
  }
  return raw([...header, ...body].map(([left, right]) => `${left.padEnd(49)}${right}`).join("\n"));
}

function spaced(hex) {
  return hex.replace(/..(?=.)/g, "$& ");
}
