// `openai`: chat completions and Responses.
import OpenAI from "openai";
import { citySchema, heard, prompt, reply, result } from "./common.mjs";

const connect = ({ origin, key }) => new OpenAI({ apiKey: key, baseURL: `${origin}/v1`, maxRetries: 0 });
const status = (error) => error.status;

function chatBody(model, wants) {
  const parts = [{ type: "text", text: prompt }];
  if (wants.image) parts.push({ type: "image_url", image_url: { url: wants.image } });
  if (wants.file) parts.push({ type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${wants.file}` } });
  const body = { model, messages: [{ role: "user", content: parts.length > 1 ? parts : prompt }] };
  if (wants.tools) body.tools = wants.tools.map((name) => ({ type: "function", function: { name, parameters: citySchema } }));
  if (wants.answered) {
    const calls = wants.answered.calls.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: JSON.stringify(args) } }));
    body.messages.push({ role: "assistant", content: null, tool_calls: calls });
    for (const { id } of wants.answered.calls) body.messages.push({ role: "tool", tool_call_id: id, content: result });
  }
  if (wants.think) body.reasoning_effort = "medium";
  if (wants.schema) body.response_format = { type: "json_schema", json_schema: { name: "place", schema: citySchema, strict: true } };
  return body;
}

function fromChat(choice, usage, into) {
  into.text = choice.message.content ?? "";
  into.thoughts = choice.message.reasoning_content ?? "";
  into.calls = (choice.message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) }));
  into.finish = choice.finish_reason;
  into.input = usage?.prompt_tokens ?? 0;
  into.output = usage?.completion_tokens ?? 0;
  return into;
}

export const openaiChat = {
  name: "openai, chat",
  ends: ["stop", "tool_calls"],
  open(gate) {
    const client = connect(gate);
    return {
      status,
      async ask(model, wants) {
        const answer = await client.chat.completions.create(chatBody(model, wants));
        return fromChat(answer.choices[0], answer.usage, reply());
      },
      async stream(model, wants) {
        const into = reply();
        const body = { ...chatBody(model, wants), stream_options: { include_usage: true } };
        const runner = client.chat.completions.stream(body, { signal: wants.abort?.signal });
        let thoughts = "";
        for await (const chunk of runner) {
          thoughts += chunk.choices[0]?.delta.reasoning_content ?? "";
          heard(into, chunk.choices[0]?.delta.content, wants);
        }
        const final = await runner.finalChatCompletion();
        return { ...fromChat(final.choices[0], final.usage, into), thoughts };
      },
    };
  },
};

function responsesBody(model, wants) {
  const content = [{ type: "input_text", text: prompt }];
  if (wants.image) content.push({ type: "input_image", image_url: wants.image, detail: "auto" });
  if (wants.file) content.push({ type: "input_file", filename: "a.pdf", file_data: `data:application/pdf;base64,${wants.file}` });
  const body = { model, input: [{ role: "user", content }], store: false };
  if (wants.tools) body.tools = wants.tools.map((name) => ({ type: "function", name, parameters: citySchema, strict: true }));
  for (const { id, name, args } of wants.answered?.calls ?? []) {
    body.input.push({ type: "function_call", call_id: id, name, arguments: JSON.stringify(args) });
    body.input.push({ type: "function_call_output", call_id: id, output: result });
  }
  if (wants.think) body.reasoning = { effort: "medium", summary: "auto" };
  if (wants.schema) body.text = { format: { type: "json_schema", name: "place", schema: citySchema, strict: true } };
  return body;
}

function fromResponse(answer, into) {
  into.text = answer.output_text ?? answer.output.flatMap((item) => item.content ?? []).map((part) => part.text ?? "").join("");
  for (const item of answer.output) {
    if (item.type === "reasoning") into.thoughts += item.summary.map((part) => part.text).join("");
    if (item.type === "function_call") into.calls.push({ id: item.call_id, name: item.name, args: JSON.parse(item.arguments) });
  }
  into.finish = answer.status;
  into.input = answer.usage?.input_tokens ?? 0;
  into.output = answer.usage?.output_tokens ?? 0;
  return into;
}

export const openaiResponses = {
  name: "openai, Responses",
  ends: ["completed", "completed"],
  open(gate) {
    const client = connect(gate);
    return {
      status,
      async ask(model, wants) {
        return fromResponse(await client.responses.create(responsesBody(model, wants)), reply());
      },
      async stream(model, wants) {
        const into = reply();
        const runner = client.responses.stream(responsesBody(model, wants), { signal: wants.abort?.signal });
        for await (const event of runner) if (event.type === "response.output_text.delta") heard(into, event.delta, wants);
        return fromResponse(await runner.finalResponse(), into);
      },
    };
  },
};
