// The official `@anthropic-ai/sdk`, unmodified, and the `openai` library's Responses, through Spillway to a provider that
// speaks only OpenAI's chat: answers, streams, tools, errors.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { spillwayWithMock } from "./support.mjs";

let gate, client, openai;
before(async () => {
  gate = await spillwayWithMock();
  client = new Anthropic({ apiKey: "client-secret-key", baseURL: `http://127.0.0.1:${gate.port}`, maxRetries: 0 });
  openai = new OpenAI({ apiKey: "client-secret-key", baseURL: `http://127.0.0.1:${gate.port}/v1`, maxRetries: 0 });
});
after(() => gate.stop());

const messages = [{ role: "user", content: "Hi" }];
const schema = { type: "object", properties: { city: { type: "string" } } };

test("a message", async () => {
  const answer = await client.messages.create({ model: "chat", max_tokens: 50, messages });
  assert.equal(answer.content[0].type, "text");
  assert.match(answer.content[0].text, /^You said: Hi/);
  assert.equal(answer.stop_reason, "end_turn");
  assert.ok(answer.usage.input_tokens > 0 && answer.usage.output_tokens > 0);
  assert.match(answer._request_id, /^req_/);
});

test("a streamed message, put together by the library", async () => {
  const seen = [];
  const stream = client.messages.stream({ model: "stream", max_tokens: 50, messages }).on("text", (text) => seen.push(text));
  const final = await stream.finalMessage();
  assert.equal(final.content[0].text, "word0 word1 word2 word3 word4");
  assert.ok(seen.length > 1);
  assert.equal(final.stop_reason, "end_turn");
  assert.ok(final.usage.output_tokens > 0);
});

test("a tool call, plain and streamed, and its result", async () => {
  const tools = [{ name: "weather", input_schema: schema }];
  const answer = await client.messages.create({ model: "chat", max_tokens: 50, messages, tools });
  const call = answer.content.find((part) => part.type === "tool_use");
  assert.deepEqual([call.name, call.input, answer.stop_reason], ["weather", { city: "Paris" }, "tool_use"]);
  const final = await client.messages.stream({ model: "stream", max_tokens: 50, messages, tools }).finalMessage();
  assert.deepEqual(final.content.find((part) => part.type === "tool_use").input, { city: "Paris" });
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: "12 C" }] };
  const next = await client.messages.create({
    model: "chat", max_tokens: 50, tools, messages: [...messages, { role: "assistant", content: answer.content }, result],
  });
  assert.equal(next.stop_reason, "end_turn");
});

test("errors have the client's own types", async () => {
  await assert.rejects(client.messages.create({ model: "chta", max_tokens: 5, messages }), (error) => {
    assert.ok(error instanceof Anthropic.NotFoundError);
    assert.match(error.message, /chat/);
    return true;
  });
  await assert.rejects(async () => {
    for await (const event of await client.messages.create({ model: "broken", max_tokens: 5, messages, stream: true })) void event;
  }, Anthropic.APIError);
});

test("a response", async () => {
  const answer = await openai.responses.create({ model: "chat", input: "Hi", store: false });
  assert.match(answer.output_text, /^You said: Hi/);
  assert.equal(answer.status, "completed");
  assert.ok(answer.usage.total_tokens > 0);
});

test("a streamed response, put together by the library", async () => {
  const stream = openai.responses.stream({ model: "stream", input: messages });
  let text = "";
  for await (const event of stream) if (event.type === "response.output_text.delta") text += event.delta;
  assert.equal(text, "word0 word1 word2 word3 word4");
  assert.equal((await stream.finalResponse()).output[0].content[0].text, text);
});

test("a response that calls a tool, and what it says to the result", async () => {
  const tools = [{ type: "function", name: "weather", parameters: schema, strict: false }];
  const answer = await openai.responses.create({ model: "chat", input: messages, tools });
  const call = answer.output.find((item) => item.type === "function_call");
  assert.deepEqual([call.name, JSON.parse(call.arguments)], ["weather", { city: "Paris" }]);
  const next = await openai.responses.create({
    model: "chat", tools, input: [...messages, call, { type: "function_call_output", call_id: call.call_id, output: "12 C" }],
  });
  assert.match(next.output_text, /word|You said/);
});
