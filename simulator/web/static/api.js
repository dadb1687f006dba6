// Asks the server. An error is an Error whose message is the server's sentence.

export class LostError extends Error {}

async function asked(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new LostError("The page has lost its server. It goes on by itself when the server is back.");
  }
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(said.detail || `The server answered HTTP ${response.status}.`);
  if (said.trouble) throw new Error(said.trouble);
  return said;
}

export const bench = (after) => asked("GET", `/api/bench?after=${after}`);
export const addPhone = (msisdn, dialect, link, language) => asked("POST", "/api/phones", { msisdn, dialect, link, language });
export const removePhone = (id) => asked("DELETE", `/api/phones/${id}`);
export const act = (id, verb, said = {}) => asked("POST", `/api/phones/${id}/${verb}`, said);
export const orderSmsc = (text, orders) => asked("POST", "/api/smsc", { text, orders });
export const orderBilling = (text, orders) => asked("POST", "/api/billing", { text, orders });
export const orderStore = (text) => asked("POST", "/api/stores", { text });
export const inside = (id) => asked("GET", `/api/phones/${id}/inside`);
export const menu = (language) => asked("GET", `/api/menu?language=${encodeURIComponent(language)}`);
export const record = (fresh) => asked("POST", "/api/recording", { fresh });
export const stopRecording = () => asked("DELETE", "/api/recording");
export const play = (text, rehearsal) => asked("POST", "/api/plays", { text, rehearsal });
export const moveClock = (text) => asked("POST", "/api/clock", { text });
export const gauge = (text) => asked("GET", `/api/gauge?text=${encodeURIComponent(text)}`);
