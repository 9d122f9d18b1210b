"""The APIs that clients may speak beside OpenAI's and Anthropic's chats: Ollama's and Gemini's own, counts of tokens, lists of
models in each shape, embeddings. A second Spillway is the provider of other wires, in front of the mock."""

import base64
import json
import struct

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, chunk
from faults import SECRET, FaultCase, route_to
from harness import Case, provider, request, route

JSON = {"content-type": "application/json"}
CLIENTS = ("chat", "generate", "gemini")
PROVIDERS = ("openai", "anthropic", "ollama", "gemini")
NDJSON = "application/x-ndjson"


def based(text, path):
    """The provider's address with another path than /v1."""
    return text.replace('/v1"', f'{path}"')


def ask(port, client, model, stream=False, headers=None, words="Hi", **more):
    """One chat in a client's own words."""
    if client == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body = {"contents": [{"role": "user", "parts": [{"text": words}]}], **more}
        return request(port, "POST", f"/v1beta/models/{model}:{method}", json.dumps(body), {**JSON, **(headers or {})})
    body = {"model": model, "stream": stream, **more}
    if client == "chat":
        body.setdefault("messages", [{"role": "user", "content": words}])
    else:
        body.setdefault("prompt", words)
    return request(port, "POST", f"/api/{client}", json.dumps(body), {**JSON, **(headers or {})})


def parts(client, answer):
    """The objects of an answer, one or a stream of them."""
    text = answer.body.decode()
    if answer.header("content-type").startswith("application/json"):
        return [json.loads(text)]
    if client == "gemini":
        return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in text.splitlines()]


def words(client, answer):
    out = ""
    for one in parts(client, answer):
        if client == "chat":
            out += one.get("message", {}).get("content", "")
        elif client == "generate":
            out += one.get("response", "")
        else:
            out += "".join(part.get("text", "") for part in one["candidates"][0].get("content", {}).get("parts", []))
    return out


class Chats(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()
        self.far = self.spillway(provider("up", self.up.port) + '[[route]]\nmodel = "*"\ntargets = [{ provider = "up" }]\n')
        text = provider("openai", self.up.port) + provider("anthropic", self.far.port, dialect="anthropic")
        text += based(provider("ollama", self.far.port, dialect="ollama"), "")
        text += based(provider("gemini", self.far.port, dialect="gemini"), "/v1beta")
        for name in PROVIDERS:
            text += route(name, [(name, "sse-3-0ms")]) + route(f"{name}-tools", [(name, "ok")])
            text += route(f"{name}-dead", [(name, "reset-midstream")]) + route(f"{name}-busy", [(name, "status-503")])
        text += route("org/name:8b", [("gemini", "sse-3-0ms")])
        self.gate = self.spillway(text)

    def every(self):
        return [(client, name) for client in CLIENTS for name in PROVIDERS]

    def test_every_client_reaches_every_provider(self):
        for client, name in self.every():
            for stream in (False, True):
                with self.subTest(client=client, provider=name, stream=stream):
                    answer = ask(self.gate.port, client, name, stream)
                    self.assertEqual(answer.status, 200, answer.body)
                    self.assertTrue(answer.whole)
                    self.assertEqual(words(client, answer), ("" if stream else "You said: Hi ") + "word0 word1 word2")
                    kind = "application/json" if not stream else "text/event-stream" if client == "gemini" else NDJSON
                    self.assertTrue(answer.header("content-type").startswith(kind), answer.header("content-type"))
                    self.assertEqual(answer.header("x-spillway-provider"), name)
                    last = parts(client, answer)[-1]
                    if client == "gemini":
                        self.assertEqual(last["candidates"][0]["finishReason"], "STOP")
                        self.assertGreater(last["usageMetadata"]["promptTokenCount"], 0)
                    else:
                        self.assertEqual((last["done"], last["done_reason"]), (True, "stop"))
                        self.assertGreater(last["prompt_eval_count"], 0)

    def test_ollama_streams_unless_told_otherwise(self):
        body = json.dumps({"model": "openai", "messages": [{"role": "user", "content": "Hi"}]})
        answer = request(self.gate.port, "POST", "/api/chat", body, JSON)
        self.assertEqual(answer.header("content-type"), NDJSON)
        self.assertGreater(len(parts("chat", answer)), 2)

    def test_one_that_dies_is_never_a_clean_end(self):
        for client, name in self.every():
            with self.subTest(client=client, provider=name):
                answer = ask(self.gate.port, client, f"{name}-dead", True)
                text = answer.body.decode()
                self.assertNotIn('"done":true', text)
                self.assertNotIn("finishReason", text)
                last = parts(client, answer)[-1]
                self.assertIn("error", last, text)
                self.assertEqual(isinstance(last["error"], dict), client == "gemini")

    def test_errors_are_in_the_client_s_words(self):
        for client in CLIENTS:
            with self.subTest(client=client):
                answer = ask(self.gate.port, client, "no-such-model")
                error = answer.json()["error"]
                self.assertEqual(answer.status, 404)
                self.assertIn("no-such-model", error["message"] if client == "gemini" else error)
                if client == "gemini":
                    self.assertEqual((error["code"], error["status"]), (404, "NOT_FOUND"))
                for name in PROVIDERS:
                    answer = ask(self.gate.port, client, f"{name}-busy")
                    error = answer.json()["error"]
                    self.assertEqual(answer.status, 502, answer.body)
                    if client == "gemini":
                        self.assertEqual(error["code"], 502)

    def test_tools_come_back(self):
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        for client in ("chat", "gemini"):
            tools = [{"type": "function", "function": {"name": "w", "parameters": schema}}]
            if client == "gemini":
                tools = [{"functionDeclarations": [{"name": "w", "parametersJsonSchema": schema}]}]
            for name in PROVIDERS:
                for stream in (False, True):
                    with self.subTest(client=client, provider=name, stream=stream):
                        answer = ask(self.gate.port, client, f"{name}-tools", stream, tools=tools)
                        self.assertEqual(answer.status, 200, answer.body)
                        self.assertIn('"tool_calls":[{"function":{"name":"w"' if client == "chat" else '"functionCall":{', answer.body.decode())

    def test_names_with_slashes_colons_and_the_tag_latest(self):
        for model in ("org%2Fname%3A8b", "org/name:8b"):
            self.assertEqual(words("gemini", ask(self.gate.port, "gemini", model)), "You said: Hi word0 word1 word2")
        self.assertEqual(ask(self.gate.port, "chat", "org/name:8b").status, 200)
        answer = ask(self.gate.port, "chat", "openai:latest")
        self.assertEqual((answer.status, answer.header("x-spillway-route")), (200, "openai"))
        self.assertEqual(answer.json()["model"], "openai:latest")
        self.assertEqual(ask(self.gate.port, "chat", "openai:8b").status, 404)

    def test_generate_takes_system_and_images_and_refuses_what_it_cannot_say(self):
        answer = ask(self.gate.port, "generate", "openai-tools", words="Who?", system="Be brief.")
        self.assertIn("Who?", words("generate", answer))
        answer = ask(self.gate.port, "generate", "openai-tools", suffix="}")
        self.assertEqual(answer.status, 400)
        self.assertIn("suffix", answer.json()["error"])
        answer = ask(self.gate.port, "chat", "openai", messages="Hi")
        self.assertEqual((answer.status, "messages" in answer.json()["error"]), (400, True))

    def test_a_wish_to_load_is_granted_at_once(self):
        before = sum(self.up.stats()["models"].values())
        for path, body in (("generate", {"model": "openai"}), ("chat", {"model": "openai", "messages": []})):
            answer = request(self.gate.port, "POST", f"/api/{path}", json.dumps(body), JSON)
            self.assertEqual((answer.status, answer.json()["done"], answer.json()["done_reason"]), (200, True, "load"))
        self.assertEqual(sum(self.up.stats()["models"].values()), before)

    def test_gemini_s_arrays_are_refused_by_name(self):
        answer = request(self.gate.port, "POST", "/v1beta/models/openai:streamGenerateContent", '{"contents":[]}', JSON)
        self.assertEqual((answer.status, answer.json()["error"]["status"]), (400, "INVALID_ARGUMENT"))
        self.assertIn("alt=sse", answer.json()["error"]["message"])

    def test_the_log_says_who_spoke_and_what_it_took(self):
        for client, name in self.every():
            ask(self.gate.port, client, name, True)
        lines = [line for line in self.gate.log_lines(len(self.every())) if line["status"] == 200]
        self.assertEqual([line["api"] for line in lines], ["gemini" if c == "gemini" else "ollama" for c, _ in self.every()])
        for line in lines:
            self.assertGreater(line["tokens_in"], 0, line)
            self.assertGreater(line["tokens_out"], 0, line)
