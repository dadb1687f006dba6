// Small things that several parts show alike: elements, numbers, times, gauges.

export function made(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) spoken(element, text);
  return element;
}

/** Shows a text, and says which language it is in, for whoever hears it. */
export function spoken(element, text) {
  element.textContent = text;
  if (/[а-яё]/i.test(text)) element.lang = "ru";
  else element.removeAttribute("lang");
}

export function grouped(msisdn) {
  const found = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(msisdn);
  return found ? `+7 ${found[1]} ${found[2]}-${found[3]}-${found[4]}` : msisdn;
}

export function hour(at) {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/** `0:47`; what has run out stays at nothing. */
export function minutes(seconds) {
  const left = Math.max(Math.ceil(seconds), 0);
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

export function instant(at) {
  const time = new Date(at);
  return `${time.toLocaleTimeString("en-GB")}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** `65/80 UCS-2, because of “У”`: what a gauge says under a screen; under an SMS it counts the parts too. */
export function gaugeWords(gauge) {
  const parts = gauge.parts ? `, ${gauge.parts} ${gauge.parts === 1 ? "part" : "parts"}` : "";
  const forced = gauge.forces ? `, because of “${gauge.forces}”` : "";
  return `${gauge.words}${parts}${forced}${gauge.fits ? "" : ": too long"}`;
}

/** `Русский`, `English`: a language in its own words; the code itself where the browser knows none. */
export function languageName(code) {
  const name = new Intl.DisplayNames([code], { type: "language" }).of(code);
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

/** What a handset may be spoken to in; the first: nobody has chosen. */
export function languageOptions(codes) {
  return ["", ...codes].map((code) => {
    const option = made("option", "", code ? languageName(code) : "as the network says");
    option.value = code;
    if (code) option.lang = code;
    return option;
  });
}
