// `ai`, with its OpenAI, compatible and Anthropic providers.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output, streamText, tool } from "ai";
import { citySchema, heard, prompt, reply, result } from "./common.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false; // of models it does not know

function callOf(model, wants, providerOptions) {
  const content = [{ type: "text", text: prompt }];
  if (wants.image) content.push({ type: "image", image: new URL(wants.image), mediaType: "image/png" });
  if (wants.file) content.push({ type: "file", data: wants.file, mediaType: "application/pdf", filename: "a.pdf" });
  const call = { model, maxRetries: 0, messages: [{ role: "user", content }], abortSignal: wants.abort?.signal };
  if (wants.tools) call.tools = Object.fromEntries(wants.tools.map((name) => [name, tool({ inputSchema: jsonSchema(citySchema) })]));
  if (wants.answered) {
    const results = wants.answered.calls.map(({ id, name }) => ({ type: "tool-result", toolCallId: id, toolName: name, output: { type: "text", value: result } }));
    call.messages.push(...wants.answered.raw, { role: "tool", content: results });
  }
  if (wants.think) call.providerOptions = providerOptions;
  if (wants.schema) call.providerOptions = { anthropic: { structuredOutputMode: "outputFormat" } };
  if (wants.schema) call.output = Output.object({ schema: jsonSchema(citySchema) });
  return call;
}

async function from(answer, into, wants) {
  into.text = wants.schema ? JSON.stringify(await answer.output) : await answer.text;
  into.thoughts = (await answer.reasoningText) ?? "";
  into.calls = (await answer.toolCalls).map((call) => ({ id: call.toolCallId, name: call.toolName, args: call.input }));
  into.raw = (await answer.response).messages;
  into.finish = await answer.finishReason;
  const usage = await answer.usage;
  into.input = usage.inputTokens ?? 0;
  into.output = usage.outputTokens ?? 0;
  return into;
}

const row = (name, connect, providerOptions, lacks = {}) => ({
  name,
  ends: ["stop", "tool-calls"],
  lacks,
  open(gate) {
    const provider = connect(gate);
    return {
      status: (error) => error.statusCode,
      ask: async (model, wants) => from(await generateText(callOf(provider(model), wants, providerOptions)), reply(), wants),
      async stream(model, wants) {
        const into = reply();
        const answer = streamText({ ...callOf(provider(model), wants, providerOptions), onError() {} });
        for await (const part of answer.fullStream) {
          if (part.type === "error") throw part.error;
          if (part.type === "text-delta") heard(into, part.text, wants);
          if (part.type === "abort") return into;
        }
        return from(answer, into, wants);
      },
    };
  },
});

const openai = ({ origin, key }) => createOpenAI({ apiKey: key, baseURL: `${origin}/v1` });
const noThoughts = { reasoning: "the provider reads no reasoning from chat completions" };

export const aiRows = [
  row("ai, @ai-sdk/openai, chat", (gate) => openai(gate).chat, { openai: { reasoningEffort: "medium" } }, noThoughts),
  row("ai, @ai-sdk/openai, Responses", (gate) => openai(gate).responses, { openai: { reasoningEffort: "medium", reasoningSummary: "auto", store: false, forceReasoning: true } }),
  row(
    "ai, @ai-sdk/openai-compatible",
    ({ origin, key }) =>
      createOpenAICompatible({
        name: "spillway",
        apiKey: key,
        baseURL: `${origin}/v1`,
        includeUsage: true,
        supportsStructuredOutputs: true,
      }),
    { spillway: { reasoningEffort: "medium" } },
    { "images by URL": "the library fetches them itself, and sends data" },
  ),
  row("ai, @ai-sdk/anthropic", ({ origin, key }) => createAnthropic({ apiKey: key, baseURL: `${origin}/v1` }), {
    anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } },
  }),
];
