// The official `openai` client, unmodified, through Spillway to the mock: chat, stream, tool call, embeddings, models,
// errors, and an abort that must reach the provider.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI, { APIError } from "openai";
import { spillwayWithMock } from "./support.mjs";

let gate, client;
before(async () => {
  gate = await spillwayWithMock();
  client = new OpenAI({ apiKey: "client-secret-key", baseURL: `http://127.0.0.1:${gate.port}/v1`, maxRetries: 0 });
});
after(() => gate.stop());

const messages = [{ role: "user", content: "Hi" }];

test("a chat answer", async () => {
  const answer = await client.chat.completions.create({ model: "chat", messages });
  assert.match(answer.choices[0].message.content, /^You said: Hi/);
  assert.equal(answer.choices[0].finish_reason, "stop");
  assert.ok(answer.usage.total_tokens > 0);
  assert.match(answer._request_id, /^req_/);
});

test("a stream, with usage only when asked for", async () => {
  let text = "", chunks = [];
  for await (const chunk of await client.chat.completions.create({ model: "stream", messages, stream: true })) {
    chunks.push(chunk);
    text += chunk.choices[0]?.delta?.content ?? "";
  }
  assert.equal(text, "word0 word1 word2 word3 word4");
  assert.ok(chunks.every((chunk) => !chunk.usage));
  const options = { include_usage: true };
  let usage;
  for await (const chunk of await client.chat.completions.create({ model: "stream", messages, stream: true, stream_options: options })) {
    usage = chunk.usage ?? usage;
  }
  assert.ok(usage.completion_tokens > 0);
});

const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }];

test("a tool call, plain and streamed, and its result", async () => {
  const answer = await client.chat.completions.create({ model: "chat", messages, tools });
  const call = answer.choices[0].message.tool_calls[0];
  assert.equal(call.function.name, "weather");
  assert.deepEqual(JSON.parse(call.function.arguments), { city: "Paris" });
  const runner = client.chat.completions.stream({ model: "stream", messages, tools });
  const final = await runner.finalChatCompletion();
  assert.deepEqual(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments), { city: "Paris" });
  const next = await client.chat.completions.create({
    model: "chat", tools, messages: [...messages, answer.choices[0].message, { role: "tool", tool_call_id: call.id, content: "12 C" }],
  });
  assert.equal(next.choices[0].finish_reason, "stop");
});

test("embeddings, in the client's own encoding", async () => {
  const answer = await client.embeddings.create({ model: "chat", input: ["a", "b"] });
  assert.deepEqual(answer.data.map((one) => one.embedding), [[0.5, 0.25, 0.125, 0.0625], [0.5, 0.25, 0.125, 0.0625]]);
});

test("the models list", async () => {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.deepEqual(ids.sort(), ["broken", "chat", "slow", "stream"]);
  assert.equal((await client.models.retrieve("chat")).id, "chat");
});

test("errors have the client's own types", async () => {
  await assert.rejects(client.chat.completions.create({ model: "chta", messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, "model_not_found");
    assert.match(error.message, /chat/);
    return true;
  });
  const stranger = new OpenAI({ apiKey: "nobody", baseURL: client.baseURL, maxRetries: 0 });
  await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
});

test("a stream that breaks off is an error, not an end", async () => {
  const stream = await client.chat.completions.create({ model: "broken", messages, stream: true });
  let text = "";
  await assert.rejects(async () => {
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  }, APIError);
  assert.match(text, /^word0/);
});

test("aborting a stream closes the connection to the provider", async () => {
  const before = (await gate.mockStats()).left_early;
  const stream = await client.chat.completions.create({ model: "slow", messages, stream: true });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta?.content) break; // leaving the loop aborts
  }
  stream.controller.abort();
  const end = Date.now() + 5000;
  while ((await gate.mockStats()).left_early === before) {
    assert.ok(Date.now() < end, "the provider still streams");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
