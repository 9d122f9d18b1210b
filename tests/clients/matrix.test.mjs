// Every client against every provider wire, through Spillway in front of one mock; and the table of it in tests/README.md.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { matrixWithMock } from "./support.mjs";

// LangChain and Google's library need it; Debian 12 has 18.
const tooOld = Number(process.versions.node.split(".")[0]) < 20 ? "needs Node 20" : "";
const { behaviours, checks, clients, rewrite, table, wires, written } = tooOld ? { clients: [], wires: [] } : await import("./matrix.mjs");

let gate;
const cells = new Map();
before(async () => {
  if (!tooOld) gate = await matrixWithMock(wires, behaviours);
});
after(() => gate?.stop());

const only = process.env.MATRIX_ONLY ?? ""; // "ollama", "-> gemini": a part of the cells' names

for (const adapter of clients) {
  for (const wire of wires) {
    const direct = adapter.through === "mock";
    const name = direct ? `${adapter.name} at the mock` : `${adapter.name} -> ${wire.name}`;
    if ((direct && adapter.wire !== wire.name) || !name.includes(only)) continue;
    test(name, async () => {
      const client = adapter.open(direct ? { origin: gate.mock, key: "provider-key-1" } : { origin: gate.origin, key: "client-secret-key" });
      const model = (behaviour) => (direct ? behaviour : `${wire.name}-${behaviour}`);
      const lacks = { ...wire.lacks, ...(adapter.wire === wire.name ? {} : wire.refused), ...adapter.lacks };
      const failures = {};
      const run = async (check) => {
        const failed = await checks[check]({ client, model, direct, ends: adapter.ends, leftEarly: gate.leftEarly }).then(() => undefined, (error) => error);
        if (lacks[check] && !failed) failures[check] = "works, although the table says that it cannot";
        if (!lacks[check] && failed) failures[check] = `${failed.name}: ${failed.message}`;
      };
      await Promise.all(Object.keys(checks).filter((check) => check !== "abort").map(run));
      await run("abort"); // alone, because it counts those who left
      if (!cells.has(adapter.name)) cells.set(adapter.name, new Map());
      const passed = Object.keys(checks).length - Object.keys(lacks).length - Object.keys(failures).length;
      cells.get(adapter.name).set(wire.name, { passed, lacks });
      assert.deepEqual(failures, {});
    });
  }
}

// A thought goes back to its maker, and to nobody else; with it its signature, which others would refuse.
for (const wire of wires) {
  test(`signed thoughts of @anthropic-ai/sdk -> ${wire.name}`, { skip: only !== "" }, async () => {
    const client = clients.find(({ name }) => name === "@anthropic-ai/sdk").open({ origin: gate.origin, key: "client-secret-key" });
    const own = ["anthropic", "gemini"].includes(wire.name);
    for (const way of [client.ask, client.stream]) {
      const answered = await way(`${wire.name}-reasoning`, { tools: ["weather"], think: true });
      assert.equal(answered.raw[0].type, "thinking");
      if (wire.name === "anthropic") assert.ok(answered.raw[0].signature.length > 0); // Gemini signs the call
      const { text } = await client.ask(`${wire.name}-reasoning`, { tools: ["weather"], think: true, answered });
      assert.equal(/signatures: 1/.test(text), own, text);
    }
  });
}

test("the matrix is the one in tests/README.md", { skip: tooOld || only !== "" }, () => {
  const text = table(cells);
  console.log(text);
  if (process.env.MATRIX_WRITE) rewrite(text);
  assert.equal(written(), text, "write it with: tests/clients/run.sh --matrix BINARY");
});
