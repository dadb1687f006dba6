// The twelve keys, and what they type: digits, or letters by pressing a key again, as on a phone.

const KEYS = [
  ["1", "", ""],
  ["2", "ABC", "АБВГ"],
  ["3", "DEF", "ДЕЖЗ"],
  ["4", "GHI", "ИЙКЛ"],
  ["5", "JKL", "МНОП"],
  ["6", "MNO", "РСТУ"],
  ["7", "PQRS", "ФХЦЧ"],
  ["8", "TUV", "ШЩЪЫ"],
  ["9", "WXYZ", "ЬЭЮЯ"],
  ["*", "", ""],
  ["0", "+", ""],
  ["#", "", ""],
];
export const DIGITS = KEYS.map(([digit]) => digit);
const MARKS = { 1: ".,?!-", 0: " ", "*": "*", "#": "#" };
const AGAIN_MS = 900;

export function drawKeypad(keypad, press) {
  for (const [digit, latin, cyrillic] of KEYS) {
    const key = document.createElement("button");
    key.type = "button";
    key.tabIndex = -1; // whatever a key types can be typed in the field; twelve stops by Tab help nobody
    key.dataset.key = digit;
    key.setAttribute("aria-label", { "*": "star", "#": "hash" }[digit] ?? digit);
    for (const [className, text] of [["digit", digit], ["latin", latin], ["cyrillic", cyrillic]]) {
      const part = document.createElement("span");
      part.className = className;
      part.textContent = text;
      key.append(part);
    }
    key.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    key.addEventListener("click", () => press(digit));
    keypad.append(key);
  }
}

/** Types into a field at its caret. With letters, the same key within a moment goes on to its next letter. */
export class Typist {
  #last = { field: null, digit: "", at: 0, turn: 0 };

  type(field, digit, letters) {
    const choices = letters ? this.#choices(digit) : [digit];
    const now = performance.now();
    const again = letters && choices.length > 1 && this.#last.field === field && this.#last.digit === digit
      && now - this.#last.at < AGAIN_MS;
    const turn = again ? this.#last.turn + 1 : 0;
    this.#last = { field, digit, at: now, turn };
    const end = field.selectionEnd ?? field.value.length;
    const start = again ? end - 1 : field.selectionStart ?? end;
    field.setRangeText(choices[turn % choices.length], start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  erase(field) {
    const end = field.selectionEnd ?? field.value.length;
    const start = field.selectionStart === end ? Math.max(end - 1, 0) : field.selectionStart;
    field.setRangeText("", start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #choices(digit) {
    const [, , cyrillic] = KEYS.find(([key]) => key === digit);
    const marks = MARKS[digit] ?? "";
    return [...cyrillic.toLowerCase(), ...marks, ...(marks.includes(digit) ? "" : digit)];
  }
}
