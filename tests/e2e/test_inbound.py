"""The APIs that clients may speak beside OpenAI's and Anthropic's chats: Ollama's and Gemini's own, counts of tokens, lists of
models in each shape, embeddings. A second Spillway is the provider of other wires, in front of the mock."""

import base64
import json
import struct

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, chunk
from faults import SECRET, FaultCase, route_to
from harness import Case, provider, raw, request, route

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
        self.assertEqual(self.gate.log_lines(4)[3]["model_asked"], "openai")
        self.assertEqual(ask(self.gate.port, "chat", "openai:8b").status, 404)

    def test_generate_takes_system_and_images_and_refuses_what_it_cannot_say(self):
        answer = ask(self.gate.port, "generate", "openai-tools", words="Who?", system="Be brief.")
        self.assertIn("Who?", words("generate", answer))
        for name in ("anthropic", "gemini"):
            answer = ask(self.gate.port, "generate", f"{name}-tools", suffix="}")
            self.assertEqual((answer.status, "'suffix'" in answer.json()["error"]), (400, True), answer.body)
        answer = ask(self.gate.port, "chat", "openai", messages="Hi")
        self.assertEqual((answer.status, "messages" in answer.json()["error"]), (400, True))

    def test_a_wish_to_load_is_granted_at_once(self):
        before = sum(self.up.stats()["models"].values())
        for path, body in (("generate", {"model": "openai"}), ("chat", {"model": "openai", "messages": []})):
            answer = request(self.gate.port, "POST", f"/api/{path}", json.dumps(body), JSON)
            self.assertEqual((answer.status, answer.json()["done"], answer.json()["done_reason"]), (200, True, "load"))
        self.assertEqual(sum(self.up.stats()["models"].values()), before)

    def test_gemini_s_streams_are_an_array_for_who_does_not_ask_for_events(self):
        body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]})
        for name in PROVIDERS:
            for query in ("", "?alt=json", "?key=x"):
                answer = request(self.gate.port, "POST", f"/v1beta/models/{name}:streamGenerateContent{query}", body, JSON)
                self.assertEqual((answer.status, answer.whole, answer.header("content-type")), (200, True, "application/json"))
                found = answer.json()
                text = "".join(part["text"] for one in found for part in one["candidates"][0]["content"]["parts"])
                self.assertEqual((text, found[-1]["candidates"][0]["finishReason"]), ("word0 word1 word2", "STOP"))
            answer = request(self.gate.port, "POST", f"/v1beta/models/{name}-dead:streamGenerateContent", body, JSON)
            self.assertFalse(answer.whole)
            self.assertIn("error", json.loads(answer.body + b"]")[-1])

    def test_tokens_are_counted_by_an_anthropic_or_estimated(self):
        body = {"system": "s" * 396, "messages": [{"role": "user", "content": "Hi"}]}
        for name, own in (("anthropic", False), ("openai", True)):
            answer = request(self.gate.port, "POST", "/v1/messages/count_tokens?beta=true", json.dumps({"model": name, **body}), JSON)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.json()["input_tokens"], (398 + 35 + 3) // 4)  # of the text that says it, rounded up
            self.assertEqual(answer.header("x-spillway-estimated"), "true" if own else None)
            self.assertEqual(answer.header("x-spillway-provider"), None if own else "anthropic")
        self.assertEqual(self.far.log_lines(1)[-1]["api"], "count_tokens")
        answer = request(self.gate.port, "POST", "/v1/messages/count_tokens", '{"model":"openai"}', JSON)
        self.assertEqual((answer.status, answer.json()["error"]["type"]), (400, "invalid_request_error"))

    def test_the_log_says_who_spoke_and_what_it_took(self):
        for client, name in self.every():
            ask(self.gate.port, client, name, True)
        lines = [line for line in self.gate.log_lines(len(self.every())) if line["status"] == 200]
        self.assertEqual([line["api"] for line in lines], ["gemini" if c == "gemini" else "ollama" for c, _ in self.every()])
        for line in lines:
            self.assertGreater(line["tokens_in"], 0, line)
            self.assertGreater(line["tokens_out"], 0, line)


class Here(Case):
    """What is answered without a provider, who may have it, and what is told of wrong paths."""

    def setUp(self):
        super().setUp()
        self.up = self.mock()
        text = provider("openai", self.up.port) + route("org/a:8b", [("openai", "ok")]) + route("b", [("openai", "ok")])
        text += f'[[key]]\nname = "one"\nsecret = "{SECRET}"\nmodels = ["b", "nobody"]\n'
        self.gate = self.spillway(text)

    def get(self, path, headers=None, method="GET", body=None):
        headers = {"authorization": f"Bearer {SECRET}"} if headers is None else headers
        return request(self.gate.port, method, path, body, headers)

    def test_lists_come_in_each_client_s_shape_and_show_its_own_only(self):
        key = {"x-api-key": SECRET}
        openai, anthropic = self.get("/v1/models"), self.get("/v1/models?limit=1000", {**key, "anthropic-version": "2023-06-01"})
        self.assertEqual([one["id"] for one in openai.json()["data"]], ["b"])
        found = anthropic.json()
        self.assertEqual([(one["type"], one["id"]) for one in found["data"]], [("model", "b")])
        self.assertEqual((found["has_more"], found["first_id"], found["last_id"]), (False, "b", "b"))
        self.assertEqual(self.get("/v1/models/b", {**key, "anthropic-version": "2023-06-01"}).json()["display_name"], "b")
        google = {"x-goog-api-key": SECRET}
        for path in ("/v1beta/models", "/v1/models", f"/v1beta/models?key={SECRET}"):
            found = self.get(path, {} if "key=" in path else google).json()
            self.assertEqual([one["name"] for one in found["models"]], ["models/b"], path)
        self.assertEqual(self.get("/v1beta/models/b", google).json()["name"], "models/b")
        self.assertEqual([one["model"] for one in self.get("/api/tags").json()["models"]], ["b"])
        self.assertEqual(self.get("/api/ps").json(), {"models": []})
        self.assertRegex(self.get("/api/version").json()["version"], r"^\d+\.\d+\.\d+$")
        for name in ("b", "b:latest"):
            shown = self.get("/api/show", method="POST", body=json.dumps({"model": name}))
            self.assertEqual((shown.status, shown.json()["capabilities"]), (200, ["completion"]), shown.body)

    def test_what_the_key_may_not_see_is_not_there(self):
        secret = {"authorization": f"Bearer {SECRET}"}
        answer = self.get("/api/show", method="POST", body='{"model":"org/a:8b"}')
        self.assertEqual((answer.status, isinstance(answer.json()["error"], str)), (404, True))
        answer = self.get("/v1beta/models/org%2Fa%3A8b")
        self.assertEqual((answer.status, answer.json()["error"]["status"]), (404, "NOT_FOUND"))
        answer = self.get("/v1/models/org/a:8b", {**secret, "anthropic-version": "2023-06-01"})
        self.assertEqual((answer.status, answer.json()["error"]["type"]), (404, "not_found_error"))
        for client in CLIENTS:
            answer = ask(self.gate.port, client, "org/a:8b", headers=secret)
            self.assertEqual(answer.status, 403, answer.body)
        self.assertEqual(ask(self.gate.port, "chat", "b:latest", headers=secret).status, 200)

    def test_each_way_to_send_a_key_and_none_is_told_or_logged(self):
        body = '{"contents":[{"parts":[{"text":"Hi"}]}]}'
        path = "/v1beta/models/b:generateContent"
        for headers in ({"x-goog-api-key": SECRET}, {"authorization": f"Bearer {SECRET}"}, {"x-api-key": SECRET}):
            self.assertEqual(self.get(path, headers, "POST", body).status, 200)
        self.assertEqual(self.get(f"{path}?key={SECRET}", {}, "POST", body).status, 200)
        wrong = "sk-wrong-key-in-the-query"
        for where in (path, "/v1beta/nothing", "/api/nothing", "/nothing", "/v1/models/none:streamGenerateContent"):
            for query in (f"?key={wrong}", f"?alt=sse&key={SECRET}"):
                answer = self.get(where + query, {}, "POST", body)
                self.assertNotIn(wrong, answer.body.decode() + str(answer.headers))
                self.assertNotIn(SECRET, answer.body.decode() + str(answer.headers))
        self.gate.log_lines(14)
        with open(f"{self.gate.directory}/access.log") as file:
            log = file.read() + self.gate.text()
        self.assertNotIn(SECRET, log)
        self.assertNotIn(wrong, log)
        answer = self.get(path, {}, "POST", body)
        self.assertEqual((answer.status, answer.json()["error"]["status"]), (401, "UNAUTHENTICATED"))
        answer = self.get("/api/tags", {})
        self.assertEqual((answer.status, "API key" in answer.json()["error"]), (401, True))

    def test_wrong_paths_and_methods_are_told_in_the_client_s_words(self):
        for path, right in (("/v1/v1/files", "/v1/files"), ("/files", "/v1 "), ("/api/pull", "generate"), ("/v1beta/files", "countTokens")):
            answer = self.get(path)
            self.assertEqual(answer.status, 404, path)
            self.assertIn(right, answer.body.decode())
        self.assertIsInstance(self.get("/api/pull").json()["error"], str)
        self.assertEqual(self.get("/v1beta/files").json()["error"]["code"], 404)
        for path, allowed in (("/api/chat", "POST"), ("/v1beta/models/b:generateContent", "POST"), ("/api/show", "POST")):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.header("allow")), (405, allowed), path)
        self.assertEqual(self.get("/v1beta/models/b:generateContent").json()["error"]["code"], 405)
        self.assertEqual(self.get("/api/tags", method="POST", body="{}").status, 405)

    def test_the_usual_paths_without_v1_and_with_two(self):
        chat = '{"model":"b","messages":[{"role":"user","content":"Hi"}]}'
        for root in ("", "/v1/v1"):
            self.assertEqual(self.get(f"{root}/chat/completions", method="POST", body=chat).json()["object"], "chat.completion")
            self.assertEqual(self.get(f"{root}/messages", method="POST", body=chat).json()["type"], "message")
            self.assertEqual(self.get(f"{root}/models").json()["data"][0]["id"], "b")

    def test_a_body_that_is_too_large_is_told_in_the_client_s_words(self):
        size = 40 << 20  # said, not sent
        for path, shape in (("/api/chat", str), ("/v1beta/models/b:generateContent", 413), ("/v1/messages", "request_too_large"),
                            ("/v1/chat/completions", "invalid_request_error")):
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: {size}\r\n\r\n"
            answer = raw(self.gate.port, head.encode() + b"{")
            self.assertIn(b" 413 ", answer.split(b"\r\n")[0])
            error = json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]
            if shape is str:
                self.assertIsInstance(error, str)
            else:
                self.assertEqual(error["type" if isinstance(shape, str) else "code"], shape)

    def test_probes_are_answered_as_before(self):
        for method in ("GET", "HEAD"):
            self.assertEqual(self.get("/", {}, method).status, 200)
        self.assertEqual(self.get("/", {}).json(), {"status": "ok"})


class Wires(FaultCase):
    """What really goes over the wire, seen by scripted providers: `bad` is an Ollama, `spare` a Gemini."""

    def config(self, limits="", policies=()):
        text = based(provider("bad", self.bad.port, dialect="ollama", api_key="env:FU_KEY"), "")
        text += based(provider("spare", self.spare.port, dialect="gemini", api_key="env:FU_KEY"), "/v1beta")
        text += '[[route]]\nmodel = "spliced"\ntargets = [{ provider = "bad", model = "theirs" }]\n'
        return text + route_to("one", "bad") + route_to("two", "spare") + "[limits]\n" + limits

    def rest(self):
        pass

    LINES = (b'{"model":"x", "message":{"role":"assistant","content":"word0"},"done":false}\n'
             b'{"model":"x","done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":1,"unknown":[1.50]}\n')
    HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"

    def test_ollama_to_ollama_passes_byte_for_byte_with_the_model_spliced(self):
        for size in (1, 1000):
            pieces = [self.LINES[at:at + size] for at in range(0, len(self.LINES), size)]
            self.bad.script("theirs", [fu.send(self.HEAD), *[fu.send(chunk(one)) for one in pieces], fu.send(LAST_CHUNK)])
            body = '{"messages":[ {"role":"user","content":"Hi"} ],"model" : "spliced","options":{"mirostat":1.50}}'
            answer = request(self.gate.port, "POST", "/api/chat", body, JSON)
            self.assertEqual((answer.status, answer.whole, answer.body), (200, True, self.LINES))
            self.assertEqual(answer.header("content-type"), NDJSON)
            seen = self.bad.seen("theirs")[-1]
            self.assertEqual((seen.path, seen.body), ("/api/chat", body.replace("spliced", "theirs").encode()))
            self.assertIn(b"authorization: bearer " + SECRET.encode(), seen.head.lower())

    def test_generate_passes_too(self):
        whole = {"model": "theirs", "response": "word0", "done": True, "done_reason": "stop", "context": [1], "prompt_eval_count": 3}
        self.bad.script("theirs", [fu.send(fu.reply(whole))])
        answer = request(self.gate.port, "POST", "/api/generate", '{"model":"spliced","prompt":"Hi","suffix":"x","stream":false}', JSON)
        self.assertEqual((answer.status, answer.json()), (200, whole))
        self.assertEqual(self.bad.seen("theirs")[0].path, "/api/generate")

    def test_a_wish_to_load_reaches_who_can(self):
        loaded = {"model": "theirs", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "load"}
        self.bad.script("theirs", [fu.send(fu.reply(loaded))], [fu.send(fu.reply(loaded))])
        for body in ('{"model":"spliced","messages":[]}', '{"model":"spliced","messages":[],"keep_alive":0}'):
            answer = request(self.gate.port, "POST", "/api/chat", body, JSON)
            self.assertEqual((answer.status, answer.json()), (200, loaded))
        self.bad.script("theirs", [fu.send(fu.reply(loaded))])
        self.assertEqual(ask(self.gate.port, "chat", "spliced").status, 502)

    def test_lines_that_break_off_are_never_a_clean_end(self):
        for more in ([fu.rst()], [fu.send(LAST_CHUNK)], [fu.send(chunk(b'{"error":"out of memory"}\n') + LAST_CHUNK)]):
            self.bad.script("theirs", [fu.send(self.HEAD + chunk(self.LINES.split(b"\n")[0] + b"\n")), *more])
            answer = ask(self.gate.port, "chat", "spliced", True)
            self.assertFalse(answer.whole)
            self.assertIn("error", json.loads(answer.body.splitlines()[-1]))
            self.assertNotIn(b'"done":true', answer.body)

    def test_an_error_of_ollama_s_own_is_passed_on(self):
        self.bad.script("theirs", [fu.send(fu.reply({"error": "bad option"}, "400 Bad Request"))])
        answer = ask(self.gate.port, "chat", "spliced")
        self.assertEqual((answer.status, answer.json()), (400, {"error": "bad option"}))

    GEMINI = ('{"candidates":[{"index":0, "content":{"role":"model","parts":[{"text":"word0","unknown":1.50}]},'
              '"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}')

    def test_gemini_to_gemini_passes_with_the_model_in_the_path(self):
        self.spare.script("two%2Fm:generateContent", [fu.send(fu.reply(self.GEMINI))])
        body = '{"contents": [{"parts":[{"text":"Hi"}]}], "safetySettings":[{"x":1.50}]}'
        answer = request(self.gate.port, "POST", "/v1beta/models/two/m:generateContent?key=x&fields=y", body, JSON)
        self.assertEqual((answer.status, answer.body.decode()), (200, self.GEMINI))
        seen = self.spare.log[0]
        self.assertEqual(seen.head.split(b"\r\n")[0], b"POST /v1beta/models/two%2Fm:generateContent?fields=y HTTP/1.1")
        self.assertEqual(seen.body.decode(), body)
        self.assertIn(b"x-goog-api-key: " + SECRET.encode(), seen.head.lower())
        events = f"data: {self.GEMINI}\r\n\r\n".encode()
        self.spare.script("two%2Fm:streamGenerateContent", [fu.send(fu.STREAM_HEAD + chunk(events) + LAST_CHUNK)])
        answer = request(self.gate.port, "POST", "/v1beta/models/two%2Fm:streamGenerateContent?key=x&alt=sse", body, JSON)
        self.assertEqual((answer.status, answer.whole, answer.body), (200, True, events))
        self.assertEqual(self.spare.log[1].head.split(b"\r\n")[0],
                         b"POST /v1beta/models/two%2Fm:streamGenerateContent?alt=sse HTTP/1.1")

    def test_tokens_are_counted_by_the_provider_of_that_wire(self):
        path = "/v1beta/models/two%2Fm:countTokens"
        self.spare.script("two%2Fm:countTokens", [fu.send(fu.reply({"totalTokens": 77}))],
                          [fu.send(fu.reply({"error": {"code": 404, "message": "no", "status": "NOT_FOUND"}}, "404 Not Found"))],
                          [fu.send(fu.reply({"error": {"code": 400, "message": "bad part"}}, "400 Bad Request"))])
        body = '{"contents":[{"parts":[{"text":"Hi there"}]}]}'
        answer = request(self.gate.port, "POST", path, body, JSON)
        self.assertEqual((answer.json(), answer.header("x-spillway-estimated")), ({"totalTokens": 77}, None))
        answer = request(self.gate.port, "POST", path, body, JSON)
        self.assertEqual((answer.status, answer.header("x-spillway-estimated")), (200, "true"))
        answer = request(self.gate.port, "POST", path, body, JSON)
        self.assertEqual((answer.status, answer.json()["error"]["message"]), (400, "bad part"))
        count = {"model": "spliced", "system": "s" * 400, "messages": [{"role": "user", "content": "Hi"}]}
        answer = request(self.gate.port, "POST", "/v1/messages/count_tokens", json.dumps(count), JSON)
        self.assertEqual((answer.status, answer.header("x-spillway-estimated")), (200, "true"))
        self.assertGreater(answer.json()["input_tokens"], 100)
        self.assertEqual(self.bad.asked("theirs"), 0)

    def test_embeddings_of_an_ollama_for_openai_s_clients(self):
        vectors = {"model": "theirs", "embeddings": [[1, -2.5], [0.1, 3]], "prompt_eval_count": 4}
        self.bad.script("theirs", *[[fu.send(fu.reply(vectors))]] * 2)
        for form in ("float", "base64"):
            body = json.dumps({"model": "spliced", "input": ["a", "b"], "encoding_format": form, "dimensions": 2})
            answer = request(self.gate.port, "POST", "/v1/embeddings", body, JSON)
            self.assertEqual(answer.status, 200, answer.body)
            found = answer.json()
            self.assertEqual(([one["index"] for one in found["data"]], found["model"]), ([0, 1], "spliced"))
            self.assertEqual(found["usage"], {"prompt_tokens": 4, "total_tokens": 4})
            first = found["data"][0]["embedding"]
            self.assertEqual(list(struct.unpack("<2f", base64.b64decode(first))) if form == "base64" else first, [1, -2.5])
        seen = self.bad.seen("theirs")[0]
        self.assertEqual((seen.path, seen.json()), ("/api/embed", {"model": "theirs", "input": ["a", "b"], "dimensions": 2}))
        answer = request(self.gate.port, "POST", "/v1/embeddings", '{"model":"spliced","input":[1,2]}', JSON)
        self.assertEqual((answer.status, "token ids" in answer.json()["error"]["message"]), (400, True))
        self.spare.script("m", [fu.send(fu.reply({"embeddings": [{"values": [1, 2]}]}))])
        answer = request(self.gate.port, "POST", "/api/embed", '{"model":"two/m","input":"a"}', JSON)
        self.assertEqual((answer.status, answer.json()["embeddings"]), (200, [[1, 2]]), answer.body)
        self.assertEqual(self.spare.log[-1].path, "/v1beta/models/two%2Fm:batchEmbedContents")
        self.assertEqual(self.spare.log[-1].json(), {"requests": [{"model": "models/two/m", "content": {"parts": [{"text": "a"}]}}]})


class Gaps(FaultCase):
    """Fill in the middle: who has words for it, and where."""

    def config(self, limits="", policies=()):
        text = based(provider("ollama", self.bad.port, dialect="ollama", api_key="env:FU_KEY"), "")
        text += provider("claude", self.spare.port, dialect="anthropic", api_key="env:FU_KEY")
        for name in ("plain", "mistral", "deepseek", "groq"):
            text += provider(name, self.bad.port, api_key="env:FU_KEY", **({} if name == "plain" else {"preset": name}))
        for name in ("ollama", "plain", "mistral", "deepseek", "groq", "claude"):
            text += route(name, [(name, "theirs")])
        return text + route("either", [("claude", "theirs")], [("plain", "theirs")]) + "[limits]\n" + limits

    def rest(self):
        pass

    def complete(self, model, stream=False):
        body = {"model": model, "prompt": "a(", "suffix": ")", "max_tokens": 7, "stream": stream}
        return request(self.gate.port, "POST", "/v1/completions", json.dumps(body), JSON)

    def test_each_provider_is_asked_in_its_own_words(self):
        told = {"model": "theirs", "prompt": "a(", "suffix": ")"}
        chat = {"id": "1", "object": "chat.completion", "choices": [{"index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "gap"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}}
        text = {**chat, "object": "text_completion", "choices": [{"index": 0, "finish_reason": "stop", "text": "gap"}]}
        native = {"model": "theirs", "response": "gap", "done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 1}
        cases = (("ollama", native, "/api/generate", {**told, "stream": False, "options": {"num_predict": 7}}),
                 ("mistral", chat, "/v1/fim/completions", {**told, "max_tokens": 7}),
                 ("deepseek", text, "/beta/completions", {**told, "max_tokens": 7}),
                 ("plain", text, "/v1/completions", {**told, "max_tokens": 7, "stream": False}))
        for name, said, path, sent in cases:
            self.bad.script("theirs", [fu.send(fu.reply(said))])
            answer = self.complete(name)
            self.assertEqual((answer.status, answer.json()["object"]), (200, "text_completion"), answer.body)
            self.assertEqual((answer.json()["choices"][0]["text"], answer.json()["usage"]["prompt_tokens"]), ("gap", 3), name)
            seen = self.bad.seen("theirs")[-1]
            self.assertEqual((seen.path, seen.json()), (path, sent), name)

    def test_streams_come_back_as_completions(self):
        delta = b'{"id":"1","choices":[{"index":0,"delta":{"content":"gap"},"finish_reason":null}]}'
        end = b'{"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
        events = b"".join(b"data: " + one + b"\n\n" for one in (delta, end, b"[DONE]"))
        self.bad.script("theirs", [fu.send(fu.STREAM_HEAD), fu.send(chunk(events)), fu.send(LAST_CHUNK)])
        answer = self.complete("mistral", True)
        self.assertEqual((answer.status, answer.events()[-1]), (200, "[DONE]"))
        got = [json.loads(one) for one in answer.events()[:-1]]
        self.assertEqual("".join(one["choices"][0]["text"] for one in got if one["choices"]), "gap")

    def test_ollama_s_clients_reach_completions(self):
        self.bad.script("theirs", [fu.send(fu.reply({"choices": [{"index": 0, "finish_reason": "stop", "text": "gap"}]}))])
        answer = request(self.gate.port, "POST", "/api/generate", '{"model":"plain","prompt":"a(","suffix":")","stream":false}', JSON)
        self.assertEqual((answer.status, answer.json()["response"]), (200, "gap"), answer.body)
        seen = self.bad.seen("theirs")[-1]
        self.assertEqual((seen.path, seen.json()["suffix"]), ("/v1/completions", ")"))

    def test_who_has_no_completions_chats(self):
        said = {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "word"}}]}
        for name in ("mistral", "deepseek", "groq"):
            self.bad.script("theirs", [fu.send(fu.reply(said))])
            answer = request(self.gate.port, "POST", "/v1/completions", json.dumps({"model": name, "prompt": "Say"}), JSON)
            self.assertEqual((answer.status, answer.json()["object"]), (200, "text_completion"), answer.body)
            self.assertEqual(answer.json()["choices"][0]["text"], "word")
            seen = self.bad.seen("theirs")[-1]
            self.assertEqual((seen.path, seen.json()["messages"]), ("/v1/chat/completions", [{"role": "user", "content": "Say"}]))

    def test_who_cannot_is_left_out_with_a_reason(self):
        for name in ("claude", "groq"):
            answer = self.complete(name)
            self.assertEqual((answer.status, answer.json()["error"]["param"]), (400, "suffix"), answer.body)
        self.bad.script("theirs", [fu.send(fu.reply({"choices": [{"index": 0, "finish_reason": "stop", "text": "gap"}]}))])
        answer = self.complete("either")
        self.assertEqual((answer.status, answer.header("x-spillway-provider")), (200, "plain"), answer.body)
        self.assertIn("'suffix'", answer.header("x-spillway-reason"))
        self.assertEqual(self.spare.log, [])


class Embeddings(FaultCase):
    def rest(self):
        pass

    def embed(self, body, path="/v1/embeddings"):
        return request(self.gate.port, "POST", path, json.dumps({"model": "one/m", **body}), JSON)

    def script(self, embedding):
        self.bad.script("m", [fu.send(fu.reply({"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": embedding}],
                                                "usage": {"prompt_tokens": 3, "total_tokens": 3}, "odd": 1.5}))])

    def test_a_client_of_openai_s_gets_the_spelling_it_asked_for(self):
        packed = base64.b64encode(struct.pack("<2f", 0.5, -2)).decode()
        for given in ([0.5, -2], packed):
            self.script(given)
            answer = self.embed({"input": [[1, 2, 3]], "encoding_format": "base64"}).json()
            self.assertEqual((answer["data"][0]["embedding"], answer["odd"]), (packed, 1.5))
            self.script(given)
            self.assertEqual(self.embed({"input": [1, 2, 3]}).json()["data"][0]["embedding"], [0.5, -2])
        self.assertEqual(self.bad.seen("m")[0].json(), {"model": "one/m", "input": [[1, 2, 3]], "encoding_format": "base64"})

    def test_inputs_of_no_known_kind_pass_to_who_speaks_alike_only(self):
        self.script([1])
        odd = {"input": [{"image": "x"}]}
        self.assertEqual(self.embed(odd).status, 200)
        self.assertEqual(self.bad.seen("m")[0].json()["input"], odd["input"])
        answer = self.embed(odd, "/api/embed")
        self.assertEqual((answer.status, "input" in answer.json()["error"]), (400, True), answer.body)

    def test_clients_of_ollama_s_reach_openai_s_embeddings(self):
        self.script([0.5, -2])
        answer = self.embed({"input": "a", "truncate": True}, "/api/embed")
        self.assertEqual((answer.status, answer.json()["embeddings"]), (200, [[0.5, -2]]), answer.body)
        self.script([0.5, -2])
        self.assertEqual(self.embed({"prompt": "a"}, "/api/embeddings").json(), {"embedding": [0.5, -2]})
        self.script([0.5, -2])
        body = {"content": {"parts": [{"text": "a"}]}, "taskType": "RETRIEVAL_QUERY"}
        answer = request(self.gate.port, "POST", "/v1beta/models/one%2Fm:embedContent", json.dumps(body), JSON)
        self.assertEqual((answer.status, answer.json()), (200, {"embedding": {"values": [0.5, -2]}}), answer.body)
        for seen in self.bad.seen("m"):
            self.assertEqual((seen.path, seen.json()), ("/v1/embeddings", {"model": "one/m", "input": ["a"], "encoding_format": "float"}))
        lines = self.gate.log_lines(3)
        self.assertEqual([(line["api"], line["tokens_in"]) for line in lines], [("embed", 3)] * 3)


def form(fields, boundary="b0"):
    """A form of (name, value) and files (name, bytes)."""
    out = b""
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{name}"'
        if isinstance(value, bytes):
            head += '; filename="f"\r\nContent-Type: application/octet-stream'
        out += f"--{boundary}\r\n{head}\r\n\r\n".encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return out + f"--{boundary}--\r\n".encode(), {"content-type": f"multipart/form-data; boundary={boundary}"}


class Others(FaultCase):
    """What is passed on as it is: by the model it names, or by its path."""

    def config(self, limits="", policies=()):
        text = provider("bad", self.bad.port, api_key="env:FU_KEY") + provider("spare", self.spare.port, api_key="env:FU_KEY")
        text += '[[route]]\nmodel = "ours"\ntargets = [{ provider = "bad", model = "theirs" }]\n'
        text += '[[route]]\nmodel = ["/v1/files*", "/v1/batches*"]\ntargets = [{ provider = "spare" }]\n'
        text += f'[[key]]\nname = "all"\nsecret = "{SECRET}"\n[[key]]\nname = "few"\nsecret = "{self.FEW}"\nmodels = ["ours"]\n'
        return text + "[limits]\n" + limits

    FEW = "sk-few-models-0001"

    def rest(self):
        pass

    def send(self, method, path, body=None, headers=JSON, key=SECRET):
        return request(self.gate.port, method, path, body, {**headers, "authorization": f"Bearer {key}"})

    def test_json_goes_by_its_model_and_comes_back_as_it_is(self):
        for path, body, answer in (
                ("/v1/rerank", {"model": "ours", "query": "q", "documents": ["a", "b"]}, {"results": [{"index": 1, "relevance_score": 0.5}]}),
                ("/v1/moderations", {"model": "ours", "input": "x"}, {"id": "modr-1", "results": [{"flagged": False}]}),
                ("/v1/images/generations", {"model": "ours", "prompt": "x"}, {"created": 1, "data": [{"b64_json": "aWNr"}]})):
            self.bad.script("theirs", [fu.send(fu.reply(answer))])
            got = self.send("POST", path, json.dumps(body))
            self.assertEqual((got.status, got.json()), (200, answer), path)
            seen = self.bad.log[-1]
            self.assertEqual((seen.path, seen.json()), (path, {**body, "model": "theirs"}))

    def test_speech_is_bytes_that_are_not_looked_at(self):
        sound = bytes(range(256)) * 400
        head = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.bad.script("theirs", [fu.send(head + chunk(sound[:1000])), fu.send(chunk(sound[1000:]) + LAST_CHUNK)])
        got = self.send("POST", "/v1/audio/speech", '{"model":"ours","input":"x","voice":"y"}')
        self.assertEqual((got.status, got.header("content-type"), got.body), (200, "audio/mpeg", sound))

    def test_forms_go_by_the_model_they_name(self):
        sound = bytes(range(256)) * 4000
        for path, fields in (("/v1/audio/transcriptions", [("file", sound), ("model", "ours"), ("language", "en")]),
                             ("/v1/audio/translations", [("model", "ours"), ("file", sound)]),
                             ("/v1/images/edits", [("prompt", "x"), ("model", "ours"), ("image", sound)])):
            body, headers = form(fields)
            for key in (SECRET, self.FEW):
                got = self.send("POST", path, body, headers, key)
                self.assertEqual(got.status, 200, got.body)
                seen = self.bad.log[-1]
                expected, _ = form([(name, "theirs" if name == "model" else value) for name, value in fields])
                self.assertEqual((seen.path, seen.body == expected), (path, True))
                self.assertIn(headers["content-type"].encode(), seen.head)
                self.assertNotIn(key.encode(), seen.head.replace(SECRET.encode(), b"") if key == SECRET else seen.head)
        self.assertEqual(self.gate.log_lines(6)[0]["model_asked"], "ours")

    def test_a_form_is_no_way_round_a_key_s_models(self):
        for fields in ([("file", b"x"), ("model", "dear")], [("file", b"x")], [("model", b"ours")]):
            body, headers = form(fields)
            self.assertEqual(self.send("POST", "/v1/audio/transcriptions", body, headers, self.FEW).status, 403, fields)
        body, headers = form([("model", "ours"), ("model", "dear")])
        got = self.send("POST", "/v1/audio/transcriptions", body, headers, self.FEW)
        self.assertEqual((got.status, got.json()["error"]["param"]), (400, "model"))
        body, headers = form([("model", "nobody"), ("file", b"x")])
        self.assertEqual(self.send("POST", "/v1/audio/transcriptions", body, headers).json()["error"]["code"], "model_not_found")
        self.assertEqual(len(self.bad.log) + len(self.spare.log), 0)

    def test_files_and_batches_go_by_their_path(self):
        body, headers = form([("purpose", "batch"), ("file", b'{"custom_id":"1"}\n')])
        for method, path, sent, fields in (("POST", "/v1/files", body, headers), ("GET", "/v1/files/file-1/content", None, {}),
                                           ("DELETE", "/v1/files/file-1", None, {}), ("GET", "/v1/files?limit=3", None, {}),
                                           ("POST", "/v1/batches", b'{"input_file_id":"file-1"}', JSON),
                                           ("POST", "/v1/batches/b-1/cancel", None, {}), ("GET", "/v1/batches/b-1", None, {})):
            got = self.send(method, path, sent, fields)
            self.assertEqual((got.status, got.json()), (200, {"path": path.split("?")[0]}), path)
            seen = self.spare.log[-1]
            self.assertEqual(seen.head.split(b"\r\n")[0].decode(), f"{method} {path} HTTP/1.1")
            self.assertEqual(seen.body, sent or b"")
