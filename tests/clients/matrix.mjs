// What the matrix asks: the provider wires, the clients, what must work between each two, and the table of tests/README.md.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { aiRows } from "./adapters/ai.mjs";
import { anthropic } from "./adapters/anthropic.mjs";
import { langchainRows } from "./adapters/langchain.mjs";
import { cohere, genai, ollama } from "./adapters/native.mjs";
import { dataUrl, pdf } from "./adapters/common.mjs";
import { openaiChat, openaiResponses } from "./adapters/openai.mjs";

// `lacks`: what the wire cannot carry, whoever asks, and why; `refused`: what Spillway does not translate into it.
const dataOnly = { "images by URL": "the provider takes data, and Spillway fetches nobody's URL (400)" };
const noFiles = { files: "the wire has no place for them" };
export const wires = [
  { name: "openai", dialect: "openai", root: "/v1" },
  { name: "openai-responses", dialect: "openai-responses", root: "/v1" },
  { name: "anthropic", dialect: "anthropic", root: "/v1" },
  { name: "gemini", dialect: "gemini", root: "/v1beta", refused: dataOnly },
  { name: "ollama", dialect: "ollama", root: "", lacks: { ...dataOnly, ...noFiles } },
  { name: "cohere", dialect: "cohere", root: "/v2", lacks: noFiles },
];

export const clients = [openaiChat, openaiResponses, anthropic, ...aiRows, ...langchainRows, ollama, genai, cohere];

// The mock's behaviours that the checks ask for; Spillway has a route for each, at each wire's provider.
const broken = ["error-in-stream", "truncate", "bad-json", "reset-midstream"];
// A provider's status and the client's: nobody shall take the provider's key for his own, or a bad gateway for his doing.
const statuses = { 400: 400, 401: 502, 404: 404, 429: 429, 500: 502 };
const refusals = Object.keys(statuses).map((status) => `status-${status}`);
export const behaviours = ["ok", "tools-3", "reasoning", "json", "sse-500-20ms", ...refusals, ...broken];

const counted = ({ input, output }, words) => {
  assert.equal(output, words);
  assert.ok(input > 0, `${input} tokens in`);
};
const cities = (calls) => calls.map((call) => [call.name, call.args.city]);

// Each gets the client, a function that names the model of a behaviour, and what to look at the provider with.
export const checks = {
  async chat({ client, model, ends }) {
    const { text, finish } = await client.ask(model("ok"), {});
    assert.equal(text, "You said: Hi word0 word1 word2 word3 word4");
    assert.equal(finish, ends[0]);
  },
  async stream({ client, model, ends }) {
    const { text, pieces, finish } = await client.stream(model("ok"), {});
    assert.equal(finish, ends[0]);
    assert.equal(text, "word0 word1 word2 word3 word4");
    assert.ok(pieces > 1, "it came in one piece");
  },
  async tools({ client, model, ends }) {
    for (const way of [client.ask, client.stream]) {
      const { calls, finish } = await way(model("ok"), { tools: ["weather"] });
      assert.deepEqual(cities(calls), [["weather", "Paris"]]);
      assert.equal(finish, ends[1]);
    }
    const answered = await client.ask(model("ok"), { tools: ["weather"] });
    assert.match((await client.ask(model("ok"), { tools: ["weather"], answered })).text, /^You said: Hi/);
  },
  async parallel({ client, model }) {
    const tools = ["weather", "time"];
    const expected = [["weather", "Paris"], ["time", "Oslo"], ["weather", "Lima"]];
    for (const way of [client.ask, client.stream]) {
      const { calls } = await way(model("tools-3"), { tools });
      assert.deepEqual(cities(calls), expected);
      const ids = calls.map((call) => call.id ?? Symbol("none"));
      assert.equal(new Set(ids).size, 3, `ids: ${ids.map(String)}`);
    }
    const answered = await client.stream(model("tools-3"), { tools });
    for (const [way, begins] of [[client.ask, /^You said: Hi/], [client.stream, /^word0/]]) {
      assert.match((await way(model("tools-3"), { tools, answered })).text, begins);
    }
  },
  async images({ client, model }) {
    assert.match((await client.ask(model("ok"), { image: dataUrl })).text, /^You said: Hi \(images: 1 data\)/);
  },
  async "images by URL"({ client, model }) {
    const image = "http://127.0.0.1:1/a.png"; // where nobody listens: it is the provider's to fetch
    assert.match((await client.ask(model("ok"), { image })).text, /^You said: Hi \(images: 1 url\)/);
  },
  async files({ client, model }) {
    assert.match((await client.ask(model("ok"), { file: pdf })).text, /^You said: Hi \(files: 1\)/);
  },
  async reasoning({ client, model }) {
    for (const way of [client.ask, client.stream]) {
      const { text, thoughts } = await way(model("reasoning"), { think: true });
      assert.equal(thoughts, "Let me think.");
      assert.match(text, /\(thinking asked for\)/);
      const called = await way(model("reasoning"), { think: true, tools: ["weather"] });
      assert.equal(called.thoughts, "Let me think.");
      assert.deepEqual(cities(called.calls), [["weather", "Paris"]]);
    }
  },
  async schema({ client, model }) {
    assert.deepEqual(JSON.parse((await client.ask(model("json"), { schema: true })).text), { city: "mock" });
  },
  async abort({ client, model, leftEarly }) {
    const before = await leftEarly();
    const abort = new AbortController();
    const { pieces } = await client.stream(model("sse-500-20ms"), { abort }).catch(() => ({ pieces: 1 }));
    assert.ok(abort.signal.aborted && pieces < 100, "it was not aborted");
    for (const end = Date.now() + 5000; (await leftEarly()) === before; ) {
      assert.ok(Date.now() < end, "the provider still streams");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
  async errors({ client, model, direct }) {
    for (const [status, expected] of Object.entries(statuses)) {
      for (const way of [client.ask, client.stream]) {
        const refused = await way(model(`status-${status}`), {}).then(() => assert.fail(`no error: ${status}`), (error) => error);
        assert.equal(client.status(refused), direct ? Number(status) : expected, refused.message);
      }
    }
    const ends = await Promise.allSettled(broken.map((behaviour) => client.stream(model(behaviour), {})));
    assert.deepEqual(ends.map((end, i) => [broken[i], end.status, end.value]), broken.map((behaviour) => [behaviour, "rejected", undefined]));
  },
  async usage({ client, model }) {
    counted(await client.ask(model("ok"), {}), 8);
    counted(await client.stream(model("ok"), {}), 5);
  },
};

// ---- the table

const readme = new URL("../README.md", import.meta.url);
const begin = "<!-- matrix: written by tests/clients/run.sh --matrix BINARY -->", end = "<!-- end of matrix -->";

// `cells.get(client).get(wire)`: { passed, lacks: {check: why} }, or nothing where nobody asks.
export function table(cells) {
  const notes = [];
  const note = (text) => {
    if (!notes.includes(text)) notes.push(text);
    return `[${notes.indexOf(text) + 1}]`;
  };
  const cell = (found) => {
    if (!found) return "–";
    const marks = Object.entries(found.lacks).map(([check, why]) => note(`${check}: ${why}`));
    return [found.passed, ...marks].join(" ");
  };
  const lines = [`| client | ${wires.map((wire) => wire.name).join(" | ")} |`, `|---|${"---|".repeat(wires.length)}`];
  for (const { name, through } of clients) {
    const mark = through === "mock" ? ` ${note("asks the mock directly: Spillway does not take this client's wire")}` : "";
    lines.push(`| ${name}${mark} | ${wires.map((wire) => cell(cells.get(name)?.get(wire.name))).join(" | ")} |`);
  }
  const total = Object.keys(checks);
  const legend = `Of ${total.length} checks, how many pass: ${total.join(", ")}. What cannot be carried must fail, and has a note.`;
  return [...lines, "", folded(legend), "", folded(notes.map((text, i) => `[${i + 1}] ${text}`).join("; ") + ".")].join("\n");
}

// In lines of at most 120 columns.
function folded(text) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last.length + word.length < 120) lines[lines.length - 1] = last ? `${last} ${word}` : word;
    else lines.push(word);
  }
  return lines.join("\n");
}

const parts = () => {
  const text = readFileSync(readme, "utf8");
  const from = text.indexOf(begin) + begin.length, to = text.indexOf(end);
  assert.ok(from >= begin.length && to > from, "tests/README.md has no markers for the matrix");
  return [text.slice(0, from), text.slice(from, to).trim(), text.slice(to)];
};
export const written = () => parts()[1];
export function rewrite(text) {
  const [before, , after] = parts();
  writeFileSync(readme, `${before}\n${text}\n${after}`);
}
