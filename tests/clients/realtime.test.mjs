// OpenAI's realtime clients, unmodified, through Spillway's TLS to a WebSocket server: the one for servers, which says its
// key in a header, and the one for browsers, which says it among the subprotocols.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import WebSocket, { WebSocketServer } from "ws";
import { start } from "./support.mjs";

let provider, gate, client, ca, directory;
const asked = [], closed = [];

before(async () => {
  directory = mkdtempSync(join(tmpdir(), "spillway-tls-"));
  const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(directory, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
    "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], { stdio: "ignore" });
  ca = readFileSync(cert);
  provider = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: (offered) => [...offered][0] ?? false });
  provider.on("connection", (socket, request) => {
    asked.push(request);
    socket.send(JSON.stringify({ type: "session.created", session: { model: "gpt-realtime" } }));
    socket.on("message", (data) => {
      const { response } = JSON.parse(data);
      for (const word of ["Hello", ", ", response.instructions]) socket.send(JSON.stringify({ type: "response.output_text.delta", delta: word }));
      socket.send(JSON.stringify({ type: "response.done", response: { status: "completed", padding: "x".repeat(300_000) } }));
    });
    socket.on("close", (code) => closed.push(code));
  });
  await new Promise((resolve) => provider.on("listening", resolve));
  gate = await start(
    () => [{ name: "up", dialect: "openai", url: `http://127.0.0.1:${provider.address().port}/v1` }],
    [{ name: "voice", provider: "up", model: "gpt-realtime" }],
    `tls = { cert = "${cert}", key = "${key}" }`,
  );
  client = new OpenAI({ apiKey: "client-secret-key", baseURL: `https://127.0.0.1:${gate.port}/v1`, dangerouslyAllowBrowser: true });
});
after(async () => {
  await gate.stop();
  provider.close();
  rmSync(directory, { recursive: true });
});

async function talk(realtime) {
  let said = "";
  realtime.on("response.output_text.delta", ({ delta }) => (said += delta));
  await new Promise((resolve, reject) => {
    realtime.on("session.created", () => realtime.send({ type: "response.create", response: { instructions: "Ada" } }));
    realtime.on("response.done", ({ response }) => resolve(assert.equal(response.padding.length, 300_000)));
    realtime.on("error", reject);
  });
  assert.equal(said, "Hello, Ada");
  realtime.close();
  for (let i = 0; i < 500 && closed.length < asked.length; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(closed.at(-1), 1000, "the provider was told goodbye");
  const { url, headers } = asked.at(-1);
  assert.equal(url, "/v1/realtime?model=gpt-realtime");
  assert.equal(headers.authorization, "Bearer provider-key-1");
  assert.ok(!JSON.stringify(headers).includes("client-secret-key"));
}

test("OpenAIRealtimeWS, with permessage-deflate as ws offers it", () =>
  talk(new OpenAIRealtimeWS({ model: "voice", options: { ca, perMessageDeflate: true } }, client)));

test("OpenAIRealtimeWebSocket, as browsers use it", async () => {
  const own = globalThis.WebSocket;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { ca });
    }
  };
  try {
    await talk(new OpenAIRealtimeWebSocket({ model: "voice" }, client));
  } finally {
    globalThis.WebSocket = own;
  }
  assert.equal(asked.at(-1).headers["sec-websocket-protocol"], "realtime");
});

test("a wrong key and an unknown model are refused before anything opens", async () => {
  const before = asked.length;
  for (const [apiKey, model, status] of [["wrong", "voice", 401], ["client-secret-key", "voices", 404]]) {
    const other = new OpenAI({ apiKey, baseURL: client.baseURL });
    const realtime = new OpenAIRealtimeWS({ model, options: { ca } }, other);
    const got = await new Promise((resolve) => {
      realtime.on("error", () => {});
      realtime.socket.on("unexpected-response", (_, response) => resolve(response.statusCode));
    });
    assert.equal(got, status);
  }
  assert.equal(asked.length, before);
});
