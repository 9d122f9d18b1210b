// `@langchain/openai` and `@langchain/anthropic`.
import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { citySchema, heard, prompt, reply, result } from "./common.mjs";

function messagesOf(wants, fileOf) {
  const content = [{ type: "text", text: prompt }];
  if (wants.image) content.push({ type: "image_url", image_url: { url: wants.image } });
  if (wants.file) content.push(fileOf(wants.file));
  const messages = [new HumanMessage({ content })];
  if (wants.answered) {
    messages.push(wants.answered.raw);
    for (const { id, name } of wants.answered.calls) messages.push(new ToolMessage({ content: result, tool_call_id: id, name }));
  }
  return messages;
}

const textOf = (content) => (typeof content === "string" ? content : content.map((part) => (part.type === "text" ? part.text : "")).join(""));

// Where the two put what a model thought.
const thoughtsOf = (message) =>
  message.additional_kwargs?.reasoning_content ??
  (Array.isArray(message.content) ? message.content.map((part) => part.thinking ?? part.reasoning ?? "").join("") : "");

function from(message, into) {
  into.text = textOf(message.content);
  into.thoughts = thoughtsOf(message);
  into.calls = (message.tool_calls ?? []).map(({ id, name, args }) => ({ id, name, args }));
  into.raw = message;
  into.finish = message.response_metadata.finish_reason ?? message.response_metadata.stop_reason ?? message.additional_kwargs.stop_reason;
  into.input = message.usage_metadata?.input_tokens ?? 0;
  into.output = message.usage_metadata?.output_tokens ?? 0;
  return into;
}

// `startTokens`: what the library adds to a stream's output, because it sums Anthropic's first and last counts.
const row = (name, ends, connect, offer, fileOf, startTokens = 0) => ({
  name,
  ends,
  open(gate) {
    const prepare = (model, wants) => {
      const chat = connect(gate, model, wants);
      return wants.tools ? chat.bindTools(wants.tools.map(offer)) : chat;
    };
    return {
      status: (error) => error.status ?? error.cause?.status,
      async ask(model, wants) {
        if (!wants.schema) return from(await prepare(model, wants).invoke(messagesOf(wants, fileOf)), reply());
        const shaped = connect(gate, model, wants).withStructuredOutput({ title: "place", ...citySchema }, { method: "jsonSchema", includeRaw: true });
        const { raw, parsed } = await shaped.invoke(messagesOf(wants, fileOf));
        return { ...from(raw, reply()), text: JSON.stringify(parsed) };
      },
      async stream(model, wants) {
        const into = reply();
        let whole;
        for await (const chunk of await prepare(model, wants).stream(messagesOf(wants, fileOf), { signal: wants.abort?.signal })) {
          whole = whole ? whole.concat(chunk) : chunk;
          heard(into, textOf(chunk.content), wants);
        }
        from(whole, into).output -= startTokens;
        return into;
      },
    };
  },
});

export const langchainRows = [
  row(
    "@langchain/openai",
    ["stop", "tool_calls"],
    ({ origin, key }, model, wants) =>
      new ChatOpenAI({
        model,
        apiKey: key,
        maxRetries: 0,
        configuration: { baseURL: `${origin}/v1` },
        ...(wants.think && { modelKwargs: { reasoning_effort: "medium" } }),
      }),
    (name) => ({ type: "function", function: { name, parameters: citySchema } }),
    (data) => ({ type: "file", source_type: "base64", mime_type: "application/pdf", data, metadata: { filename: "a.pdf" } }),
  ),
  row(
    "@langchain/anthropic",
    ["end_turn", "tool_use"],
    ({ origin, key }, model, wants) =>
      new ChatAnthropic({
        model,
        apiKey: key,
        maxRetries: 0,
        maxTokens: 2000,
        anthropicApiUrl: origin,
        ...(wants.think && { thinking: { type: "enabled", budget_tokens: 1024 } }),
      }),
    (name) => ({ name, input_schema: citySchema }),
    (data) => ({ type: "document", source: { type: "base64", media_type: "application/pdf", data } }),
    1,
  ),
];
