// What every client of the matrix asks, in the client's own terms. An adapter is `{ name, ends, wire, through, lacks, open }`.
//
// `open({ origin, key })` gives `ask(model, wants)` and `stream(model, wants)`, which return a reply, and `status(error)`.
// `wants` may hold: tools (names of functions to offer), answered (a reply with calls, whose results go back), image (a
// data URL or another one), file (a PDF as base64), think, schema, abort (an AbortController that is told to abort at the
// first piece of text; what is aborted may end or throw). `ends` are the client's words for an answer that is whole, and
// for one that calls tools. `lacks` names what the library itself cannot do, and why. `through: "mock"`: Spillway does not
// take the client's own `wire`, so that it asks the mock directly, and only in that.
export const prompt = "Hi";
export const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const dataUrl = `data:image/png;base64,${png}`;
export const pdf = "JVBERi0xLjQKJSVFT0YK";
export const citySchema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
export const result = "12 C";

export const reply = () => ({ text: "", pieces: 0, thoughts: "", calls: [], input: 0, output: 0, finish: "" });

// One more piece of text; the first is where an abort comes.
export function heard(into, text, wants) {
  if (!text) return;
  into.text += text;
  into.pieces += 1;
  wants.abort?.abort();
}
