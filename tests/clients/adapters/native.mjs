// The libraries of three providers, for their own wires: `ollama`, `@google/genai`, `cohere-ai`.
import { GoogleGenAI } from "@google/genai";
import { CohereClientV2 } from "cohere-ai";
import { Ollama } from "ollama";
import { citySchema, dataUrl, heard, png, prompt, reply, result } from "./common.mjs";

const offer = (name) => ({ type: "function", function: { name, description: "", parameters: citySchema } });

function ollamaBody(model, wants) {
  const body = { model, messages: [{ role: "user", content: prompt, ...(wants.image && { images: [wants.image === dataUrl ? png : wants.image] }) }] };
  if (wants.tools) body.tools = wants.tools.map(offer);
  if (wants.answered) {
    body.messages.push(wants.answered.raw);
    for (const { name } of wants.answered.calls) body.messages.push({ role: "tool", tool_name: name, content: result });
  }
  if (wants.think) body.think = "medium";
  if (wants.schema) body.format = citySchema;
  return body;
}

const ollamaCalls = (message) => (message.tool_calls ?? []).map((call) => ({ name: call.function.name, args: call.function.arguments }));

export const ollama = {
  name: "ollama",
  ends: ["stop", "stop"],
  wire: "ollama",
  lacks: { "images by URL": "the library sends data only", files: "the library has no place for them" },
  open({ origin, key }) {
    const client = new Ollama({ host: origin, headers: { Authorization: `Bearer ${key}` } });
    return {
      status: (error) => error.status_code,
      async ask(model, wants) {
        const { message, ...rest } = await client.chat({ ...ollamaBody(model, wants), stream: false });
        return {
          ...reply(), text: message.content, thoughts: message.thinking ?? "", calls: ollamaCalls(message), raw: message,
          finish: rest.done_reason, input: rest.prompt_eval_count, output: rest.eval_count,
        };
      },
      async stream(model, wants) {
        const into = { ...reply(), raw: { role: "assistant", content: "", tool_calls: [] } };
        const stream = await client.chat({ ...ollamaBody(model, wants), stream: true });
        wants.abort?.signal.addEventListener("abort", () => stream.abort());
        for await (const line of stream) {
          into.thoughts += line.message.thinking ?? "";
          into.calls.push(...ollamaCalls(line.message));
          into.raw.tool_calls.push(...(line.message.tool_calls ?? []));
          heard(into, line.message.content, wants);
          if (!line.done) continue;
          Object.assign(into, { finish: line.done_reason, input: line.prompt_eval_count, output: line.eval_count });
        }
        return into;
      },
    };
  },
};

function geminiBody(model, wants) {
  const parts = [{ text: prompt }];
  const byUrl = { fileData: { fileUri: wants.image, mimeType: "image/png" } };
  if (wants.image) parts.push(wants.image === dataUrl ? { inlineData: { mimeType: "image/png", data: png } } : byUrl);
  if (wants.file) parts.push({ inlineData: { mimeType: "application/pdf", data: wants.file } });
  const contents = [{ role: "user", parts }], config = { abortSignal: wants.abort?.signal };
  if (wants.tools) config.tools = [{ functionDeclarations: wants.tools.map((name) => ({ name, parametersJsonSchema: citySchema })) }];
  if (wants.answered) {
    contents.push(wants.answered.raw);
    contents.push({ role: "user", parts: wants.answered.calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { result } } })) });
  }
  if (wants.think) config.thinkingConfig = { includeThoughts: true, thinkingBudget: 1024 };
  if (wants.schema) Object.assign(config, { responseMimeType: "application/json", responseJsonSchema: citySchema });
  return { model, contents, config };
}

function addGemini(answer, into) {
  const candidate = answer.candidates?.[0];
  let text = "";
  for (const part of candidate?.content?.parts ?? []) {
    if (part.functionCall) into.calls.push({ id: part.functionCall.id, name: part.functionCall.name, args: part.functionCall.args });
    if (part.thought) into.thoughts += part.text;
    else text += part.text ?? "";
  }
  into.raw = { role: "model", parts: [...(into.raw?.parts ?? []), ...(candidate?.content?.parts ?? [])] };
  into.finish = candidate?.finishReason ?? into.finish;
  into.input = answer.usageMetadata?.promptTokenCount ?? into.input;
  into.output = answer.usageMetadata?.candidatesTokenCount ?? into.output;
  return text;
}

export const genai = {
  name: "@google/genai",
  ends: ["STOP", "STOP"],
  wire: "gemini",
  open({ origin, key }) {
    const { models } = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin } });
    return {
      status: (error) => error.status,
      async ask(model, wants) {
        const into = reply();
        into.text = addGemini(await models.generateContent(geminiBody(model, wants)), into);
        return into;
      },
      async stream(model, wants) {
        const into = reply();
        for await (const answer of await models.generateContentStream(geminiBody(model, wants))) heard(into, addGemini(answer, into), wants);
        return into;
      },
    };
  },
};

function cohereBody(model, wants) {
  const content = [{ type: "text", text: prompt }];
  if (wants.image) content.push({ type: "image_url", imageUrl: { url: wants.image } });
  const body = { model, messages: [{ role: "user", content }] };
  if (wants.tools) body.tools = wants.tools.map(offer);
  if (wants.answered) {
    body.messages.push(wants.answered.raw);
    for (const { id } of wants.answered.calls) body.messages.push({ role: "tool", toolCallId: id, content: result });
  }
  if (wants.think) body.thinking = { type: "enabled", tokenBudget: 1024 };
  if (wants.schema) body.responseFormat = { type: "json_object", jsonSchema: citySchema };
  return body;
}

export const cohere = {
  name: "cohere-ai",
  ends: ["COMPLETE", "TOOL_CALL"],
  wire: "cohere",
  through: "mock",
  open({ origin, key }) {
    const client = new CohereClientV2({ token: key, environment: origin });
    const options = (wants) => ({ maxRetries: 0, abortSignal: wants.abort?.signal });
    return {
      status: (error) => error.statusCode,
      async ask(model, wants) {
        const { message, finishReason, usage } = await client.chat(cohereBody(model, wants), options(wants));
        const texts = (kind) => (message.content ?? []).map((part) => part[kind] ?? "").join("");
        const calls = (message.toolCalls ?? []).map((call) => ({ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) }));
        return {
          ...reply(), text: texts("text"), thoughts: texts("thinking"), calls, raw: message, finish: finishReason,
          input: usage.tokens.inputTokens, output: usage.tokens.outputTokens,
        };
      },
      async stream(model, wants) {
        const into = reply(), parts = [];
        for await (const event of await client.chatStream(cohereBody(model, wants), options(wants))) {
          const message = event.delta?.message, at = event.index;
          if (event.type === "content-delta") into.thoughts += message.content.thinking ?? "";
          if (event.type === "content-delta") heard(into, message.content.text, wants);
          if (event.type === "tool-call-start") parts[at] = { ...message.toolCalls, text: "" };
          if (event.type === "tool-call-delta") parts[at].text += message.toolCalls.function.arguments;
          if (event.type !== "message-end") continue;
          if (event.delta.error) throw new Error(event.delta.error);
          Object.assign(into, { finish: event.delta.finishReason, input: event.delta.usage.tokens.inputTokens, output: event.delta.usage.tokens.outputTokens });
        }
        into.calls = parts.map((part) => ({ id: part.id, name: part.function.name, args: JSON.parse(part.text) }));
        into.raw = { role: "assistant", toolCalls: parts.map(({ text, ...call }) => ({ ...call, function: { ...call.function, arguments: text } })) };
        if (into.finish === "") throw new Error("the stream ended early");
        return into;
      },
    };
  },
};
