// `@anthropic-ai/sdk`.
import Anthropic from "@anthropic-ai/sdk";
import { citySchema, dataUrl, heard, png, prompt, reply, result } from "./common.mjs";

function bodyOf(model, wants) {
  const content = [{ type: "text", text: prompt }];
  const image = wants.image === dataUrl ? { type: "base64", media_type: "image/png", data: png } : { type: "url", url: wants.image };
  if (wants.image) content.push({ type: "image", source: image });
  if (wants.file) content.push({ type: "document", source: { type: "base64", media_type: "application/pdf", data: wants.file } });
  const body = { model, max_tokens: 2000, messages: [{ role: "user", content }] };
  if (wants.tools) body.tools = wants.tools.map((name) => ({ name, input_schema: citySchema }));
  if (wants.answered) {
    const { raw, calls } = wants.answered;
    body.messages.push({ role: "assistant", content: raw });
    body.messages.push({ role: "user", content: calls.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: result })) });
  }
  if (wants.think) body.thinking = { type: "enabled", budget_tokens: 1024 };
  if (wants.schema) body.output_config = { format: { type: "json_schema", schema: citySchema } };
  return body;
}

function from(message, into) {
  into.text = message.content.filter((part) => part.type === "text").map((part) => part.text).join("");
  into.thoughts = message.content.filter((part) => part.type === "thinking").map((part) => part.thinking).join("");
  into.calls = message.content.filter((part) => part.type === "tool_use").map(({ id, name, input }) => ({ id, name, args: input }));
  into.raw = message.content;
  into.finish = message.stop_reason;
  into.input = message.usage.input_tokens;
  into.output = message.usage.output_tokens;
  return into;
}

export const anthropic = {
  name: "@anthropic-ai/sdk",
  ends: ["end_turn", "tool_use"],
  open({ origin, key }) {
    const client = new Anthropic({ apiKey: key, baseURL: origin, maxRetries: 0 });
    return {
      status: (error) => error.status,
      ask: async (model, wants) => from(await client.messages.create(bodyOf(model, wants)), reply()),
      async stream(model, wants) {
        const into = reply();
        const runner = client.messages.stream(bodyOf(model, wants), { signal: wants.abort?.signal });
        runner.on("text", (text) => heard(into, text, wants));
        return from(await runner.finalMessage(), into);
      },
    };
  },
};
