"""Clients and providers that speak different APIs. A second Spillway is the provider of other wires: it serves messages and
responses in front of the mock, whose model names still say what it does."""

import json

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, STREAM_HEAD, chunk
from faults import SECRET, FaultCase, route_to
from harness import Case, chat, provider, request, route, wait_until

JSON = {"content-type": "application/json"}
PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}


def body_of(api, model, stream, **more):
    if api == "chat":
        return chat(model, stream, **more)
    if api == "messages":
        more.setdefault("messages", [{"role": "user", "content": "Hi"}])
        return json.dumps({"model": model, "max_tokens": 50, "stream": stream, **more})
    more.setdefault("input", "Hi")
    return json.dumps({"model": model, "stream": stream, **more})


def events(answer):
    """[(event's name, data)] of a stream."""
    out = []
    for block in answer.body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "data" in lines:
            out.append((lines.get("event"), lines["data"] if lines["data"] == "[DONE]" else json.loads(lines["data"])))
    return out


def words(api, answer):
    """The text of an answer, whichever API it is of."""
    if answer.header("content-type").startswith("application/json"):
        found = answer.json()
        if api == "chat":
            return found["choices"][0]["message"]["content"]
        if api == "messages":
            return "".join(part["text"] for part in found["content"] if part["type"] == "text")
        return "".join(part["text"] for item in found["output"] if item["type"] == "message" for part in item["content"])
    text = ""
    for name, data in events(answer):
        if api == "chat" and data != "[DONE]" and data["choices"]:
            text += data["choices"][0]["delta"].get("content") or ""
        elif api == "messages" and name == "content_block_delta":
            text += data["delta"].get("text", "")
        elif api == "responses" and name == "response.output_text.delta":
            text += data["delta"]
    return text


class Pairs(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()
        self.far = self.spillway(provider("up", self.up.port) + '[[route]]\nmodel = "*"\ntargets = [{ provider = "up" }]\n')
        text = provider("openai", self.up.port) + provider("openai-responses", self.far.port, dialect="openai-responses")
        text += provider("anthropic", self.far.port, dialect="anthropic", api_key="env:FAR_KEY")
        for name in ("openai", "openai-responses", "anthropic"):
            text += route(f"{name}-tools", [(name, "ok")])
            text += route(name, [(name, "sse-3-0ms")])
            text += route(f"{name}-dead", [(name, "reset-midstream")]) + route(f"{name}-hidden", [(name, "status-401")])
            text += route(f"{name}-long", [(name, "status-413")])
            text += route(f"{name}-then-openai", [(name, "status-503")], [("openai", "ok")])
        self.gate = self.spillway(text, env={"FAR_KEY": "sk-far-secret"})

    def ask(self, api, model, stream=False, **more):
        return request(self.gate.port, "POST", PATHS[api], body_of(api, model, stream, **more), JSON)

    def every(self):
        return [(api, name) for api in PATHS for name in ("openai", "openai-responses", "anthropic")]

    def test_every_client_reaches_every_provider(self):
        for api, name in self.every():
            for stream in (False, True):
                with self.subTest(api=api, provider=name, stream=stream):
                    answer = self.ask(api, name, stream)
                    self.assertEqual(answer.status, 200, answer.body)
                    self.assertTrue(answer.whole)
                    self.assertIn("word0 word1 word2", words(api, answer))
                    kind = "text/event-stream" if stream else "application/json"
                    self.assertTrue(answer.header("content-type").startswith(kind))
                    self.assertEqual(answer.header("x-spillway-provider"), name)

    def test_a_stream_ends_as_its_api_does(self):
        for api, name in self.every():
            with self.subTest(api=api, provider=name):
                found = events(self.ask(api, name, True))
                last = {"chat": (None, "[DONE]"), "messages": ("message_stop", {"type": "message_stop"})}.get(api)
                if last:
                    self.assertEqual(found[-1], last)
                else:
                    self.assertEqual(found[-1][0], "response.completed")
                    self.assertEqual(found[-1][1]["response"]["status"], "completed")

    def test_one_that_dies_is_never_a_clean_end(self):
        for api, name in self.every():
            with self.subTest(api=api, provider=name):
                answer = self.ask(api, f"{name}-dead", True)
                text = answer.body.decode()
                self.assertNotIn("[DONE]", text)
                self.assertNotIn("message_stop", text)
                self.assertNotIn("response.completed", text)
                self.assertIn("error", text.split("\n\n")[-2] if text.endswith("\n\n") else text, text[-300:])

    def test_who_fails_before_the_first_word_is_followed_by_one_of_another_api(self):
        for api in PATHS:
            for name in ("openai-responses", "anthropic"):
                for stream in (False, True):
                    with self.subTest(api=api, provider=name, stream=stream):
                        answer = self.ask(api, f"{name}-then-openai", stream)
                        self.assertEqual(answer.status, 200, answer.body)
                        self.assertEqual(answer.header("x-spillway-provider"), "openai")
                        self.assertIn("You said: Hi" if not stream else "word", words(api, answer))

    def test_errors_are_in_the_client_s_words(self):
        answer = self.ask("messages", "no-such-model")
        self.assertEqual(answer.status, 404)
        self.assertEqual((answer.json()["type"], answer.json()["error"]["type"]), ("error", "not_found_error"))
        self.assertTrue(answer.header("request-id"))
        for name in ("openai", "anthropic"):
            answer = self.ask("messages", f"{name}-hidden")
            self.assertEqual((answer.status, answer.json()["error"]["type"]), (502, "api_error"), answer.body)
            self.assertNotIn(b"sk-far", answer.body)
        answer = self.ask("responses", "openai-hidden")
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (502, "provider_auth_failed"))
        for api in ("responses", "messages"):
            answer = self.ask(api, "openai-long")
            self.assertEqual((answer.status, answer.json()["error"]["type"]), (400, "invalid_request_error"), api)
        self.assertEqual(self.ask("responses", "openai-long").json()["error"]["code"], "context_length_exceeded")
        self.assertEqual(self.ask("chat", "openai-long").status, 413, "of the client's own API it passes as it is")
        answer = self.ask("messages", "openai", messages="Hi")
        self.assertEqual((answer.status, answer.json()["error"]["type"]), (400, "invalid_request_error"))
        self.assertEqual(self.ask("responses", "openai", previous_response_id="resp_1").json()["error"]["code"],
                         "previous_response_not_found")

    def test_tools_come_and_go(self):
        schema = {"type": "object", "properties": {"city": {"type": "string"}}}
        tool = {"chat": {"type": "function", "function": {"name": "w", "parameters": schema}},
                "messages": {"name": "w", "input_schema": schema},
                "responses": {"type": "function", "name": "w", "parameters": schema}}
        for api, name in self.every():
            for stream in (False, True):
                with self.subTest(api=api, provider=name, stream=stream):
                    answer = self.ask(api, f"{name}-tools", stream, tools=[tool[api]])
                    text = answer.body.decode()
                    self.assertEqual(answer.status, 200, text)
                    self.assertIn('"name":"w"', text)
                    reason = {"chat": '"finish_reason":"tool_calls"', "messages": '"stop_reason":"tool_use"',
                              "responses": '"type":"function_call"'}[api]
                    self.assertIn(reason, text)

    def test_usage_is_counted_whatever_the_way(self):
        for api, name in self.every():
            self.ask(api, name, True)
        def lines():
            with open(f"{self.gate.directory}/access.log") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]

        wait_until(lambda: len(lines()) == 9, what="nine log lines")
        log = lines()
        self.assertEqual([line["api"] for line in log], [api for api, _ in self.every()])
        for line in log:
            self.assertGreater(line["tokens_in"], 0, line)
            self.assertGreater(line["tokens_out"], 0, line)

    def test_embeddings_are_for_those_who_have_them(self):
        answer = request(self.gate.port, "POST", "/v1/embeddings", json.dumps({"model": "anthropic", "input": "Hi"}), JSON)
        self.assertEqual(answer.status, 503)
        self.assertIn("embeddings", answer.json()["error"]["message"])


class CohereVectors(Case):
    def test_embeddings_of_a_cohere_for_every_client_that_has_them(self):
        up = self.mock("--api-key", "co-test-0123456789")
        gate = self.spillway(f'''[[provider]]
preset = "cohere"
dialect = "cohere"
base_url = "http://127.0.0.1:{up.port}/v2"
api_key = "env:CO"
[[route]]
model = "*"
targets = [{{ provider = "cohere", model = "ok" }}]
''', env={"CO": "co-test-0123456789"})
        vector, packed = [0.5, 0.25, 0.125, 0.0625], "AAAAPwAAgD4AAAA+AACAPQ=="
        for spelling, wanted in (("float", vector), ("base64", packed)):
            body = json.dumps({"model": "v", "input": ["a", "b"], "encoding_format": spelling})
            answer = request(gate.port, "POST", "/v1/embeddings", body, JSON)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual([one["embedding"] for one in answer.json()["data"]], [wanted, wanted])
            self.assertEqual((answer.json()["model"], answer.json()["usage"]["prompt_tokens"] > 0), ("v", True))
        answer = request(gate.port, "POST", "/api/embed", json.dumps({"model": "v", "input": ["a", "b"]}), JSON)
        self.assertEqual(answer.json()["embeddings"], [vector, vector])
        answer = request(gate.port, "POST", "/v1beta/models/v:embedContent", json.dumps({"content": {"parts": [{"text": "a"}]}}), JSON)
        self.assertEqual(answer.json(), {"embedding": {"values": vector}})
        answer = request(gate.port, "POST", "/v1/embeddings", json.dumps({"model": "v", "input": [1, 2]}), JSON)
        self.assertEqual((answer.status, "token ids" in answer.json()["error"]["message"]), (400, True))
        self.assertEqual([line.get("tokens_in", 0) > 0 for line in gate.log_lines(5)], [True] * 4 + [False])


class Wires(FaultCase):
    """What really goes over the wire, seen by a scripted provider."""

    def config(self, limits="", policies=()):
        text = provider("bad", self.bad.port, dialect="anthropic", api_key="env:FU_KEY", drop_params=False)
        text += provider("spare", self.spare.port, dialect="gemini", api_key="env:FU_KEY").replace("/v1\"", "/v1beta\"")
        return text + route_to("one", "bad") + route_to("two", "spare") + "[limits]\n" + limits

    def rest(self):
        pass

    ANSWER = {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [{"type": "text", "text": "a good answer"}],
              "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}
    GEMINI = {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": "a good answer"}]}, "finishReason": "STOP"}],
              "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1}}

    def test_the_request_is_anthropic_s_own(self):
        told = "anthropic-ratelimit-requests-limit: 50\r\nanthropic-ratelimit-requests-remaining: 49\r\n"
        self.bad.script("m", [fu.send(fu.reply(self.ANSWER, more=told))])
        asked = self.ask("one/m", max_tokens=7, stop="END")
        self.is_good(asked, by="bad")
        self.assertEqual([asked.answer.header(f"x-ratelimit-{what}-requests") for what in ("limit", "remaining")], ["50", "49"])
        seen = self.bad.seen("m")[0]
        self.assertEqual(seen.path, "/v1/messages")
        self.assertEqual({key: seen.json()[key] for key in ("model", "max_tokens", "stop_sequences", "messages")},
                         {"model": "one/m", "max_tokens": 7, "stop_sequences": ["END"],
                          "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]})
        head = seen.head.lower()
        self.assertIn(b"x-api-key: " + SECRET.encode(), head)
        self.assertIn(b"anthropic-version: 2023-06-01", head)
        self.assertNotIn(b"authorization", head)

    def test_the_model_is_in_gemini_s_path(self):
        self.spare.script("two%2Fm:generateContent", [fu.send(fu.reply(self.GEMINI))])
        self.is_good(self.ask("two/m"), by="spare")
        seen = self.spare.log[0]
        self.assertEqual(seen.path, "/v1beta/models/two%2Fm:generateContent")
        self.assertIn(b"x-goog-api-key: " + SECRET.encode(), seen.head.lower())
        events = "".join("data: %s\r\n\r\n" % json.dumps(one) for one in (
            {"candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": "word0"}]}}]}, self.GEMINI))
        self.spare.script("two%2Fm:streamGenerateContent", [fu.send(STREAM_HEAD + chunk(events.encode()) + LAST_CHUNK)])
        asked = self.ask("two/m", stream=True)
        self.is_good(asked, by="spare")
        self.assertIn(b"alt=sse", self.spare.log[1].head.split(b"\r\n")[0])

    def test_an_answer_in_pieces_of_one_byte_is_the_same(self):
        data = b"".join(b"event: %s\ndata: %s\n\n" % (one["type"].encode(), json.dumps(one).encode()) for one in (
            {"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 3}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "word0"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
            {"type": "message_stop"}))
        self.bad.script("m", [fu.send(STREAM_HEAD), *[fu.send(chunk(data[at:at + 1])) for at in range(len(data))], fu.send(LAST_CHUNK)])
        self.is_good(self.ask("one/m", stream=True), by="bad")

    def test_a_provider_that_is_cut_in_the_middle_is_reported(self):
        event = b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word0"}}\n\n'
        self.bad.script("m", [fu.send(STREAM_HEAD + chunk(event)), fu.rst()])
        self.is_broken_stream(self.ask("one/m", stream=True), shown=1)

    def test_what_anthropic_has_no_word_for_is_named(self):
        asked = self.ask("one/m", seed=3)
        self.assertEqual(asked.answer.status, 400, asked.answer.body)
        self.assertIn("seed", asked.answer.json()["error"]["message"])
        self.assertEqual(self.bad.asked("m"), 0)


class Sloppy(FaultCase):
    """A provider that says OpenAI's chat and means it loosely."""

    def rest(self):
        pass

    def stream(self, *chunks, **more):
        data = "".join("data: %s\n\n" % json.dumps(one) for one in chunks)
        self.bad.script("m", [fu.send(STREAM_HEAD + chunk(data.encode()) + LAST_CHUNK)])
        return self.ask("one/m", stream=True, **more).answer

    def test_its_stream_is_mended_and_counted(self):
        answer = self.stream(
            {"choices": [{"delta": {"content": "word0"}}]},
            {"choices": [{"delta": {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}}]},
            {"choices": [{"delta": {}, "finish_reason": "eos"}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
            stream_options={"include_usage": True})
        *chunks, done = (data for _, data in events(answer))
        self.assertEqual(done, "[DONE]")
        self.assertEqual({(one["object"], one["id"], one["model"]) for one in chunks},
                         {("chat.completion.chunk", chunks[0]["id"], "one/m")})
        self.assertEqual(chunks[0]["choices"][0]["delta"], {"role": "assistant", "content": "word0"})
        call = chunks[1]["choices"][0]["delta"]["tool_calls"][0]
        self.assertEqual((call["index"], call["type"], call["function"]), (0, "function", {"name": "f", "arguments": '{"a": 1}'}))
        self.assertTrue(call["id"])
        self.assertEqual(chunks[-2]["choices"][0]["finish_reason"], "tool_calls")
        self.assertEqual((chunks[-1]["choices"], chunks[-1]["usage"]["completion_tokens"]), ([], 4))
        wait_until(lambda: self.gate.metrics().get('spillway_streams_repaired_total{provider="bad"}') == 1)
        self.assertEqual(self.gate.log_lines(1)[-1]["repaired"], "no id, or another one")

    def test_a_sound_one_passes_byte_for_byte(self):
        data = b"".join(fu.stream_events())
        self.bad.script("m", [fu.send(STREAM_HEAD + chunk(data) + LAST_CHUNK)])
        answer = self.ask("one/m", stream=True).answer
        self.assertEqual(answer.body, data)
        self.assertNotIn("spillway_streams_repaired_total", self.gate.metrics())
