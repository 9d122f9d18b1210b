"""Requests are fitted to who gets them, and pass as they came where nothing is to fit."""

import json

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, STREAM_HEAD, chunk
from faults import SECRET, FaultCase, route_to
from harness import chat, provider, request

JSON = {"content-type": "application/json"}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
GOOD = [fu.send(fu.reply(fu.chat_body()))]


class Fitting(FaultCase):
    """Each provider is the same scripted one; its preset says whose habits it has."""

    def config(self, limits="", policies=()):
        text = ""
        for name in ("openai", "groq", "mistral", "perplexity"):
            text += provider(name, self.bad.port, preset=name, api_key="env:FU_KEY") + route_to(name, name)
        text += provider("plain", self.bad.port, api_key="env:FU_KEY") + route_to("plain", "plain")
        text += provider("strict", self.bad.port, preset="groq", drop_params=False, api_key="env:FU_KEY") + route_to("strict", "strict")
        text += provider("google", self.spare.port, dialect="gemini", api_key="env:FU_KEY").replace('/v1"', '/v1beta"')
        text += provider("other", self.spare.port, dialect="gemini", api_key="env:OTHER").replace('/v1"', '/v1beta"')
        return text + route_to("google", "google") + route_to("other", "other") + "[limits]\n" + limits

    def gate_with(self, limits="", config="", policies=(), **options):
        return self.spillway(config or self.config(limits), env={"FU_KEY": SECRET, "OTHER": "another-secret"}, **options)

    def rest(self):
        pass

    def sent(self, model, script=GOOD, **more):
        """What the provider was told, and the answer."""
        tag = f"m{next(self.numbers)}"
        self.bad.script(tag, script)
        asked = self.ask(f"{model}/{tag}", **more)
        self.assertEqual(asked.answer.status, 200, asked.answer.body)
        seen = self.bad.seen(tag)[0]
        return seen, json.loads(seen.body), asked.answer

    def test_nothing_to_fit_is_nothing_touched(self):
        for model in ("openai", "groq", "plain"):
            tag = f"m{next(self.numbers)}"
            self.bad.script(tag, GOOD)
            body = '{ "model":"%s/%s",\n"messages" : [{"role":"user","content":"Hi"}],"x_odd":[1, 2] }' % (model, tag)
            self.assertEqual(request(self.gate.port, "POST", "/v1/chat/completions", body, JSON).status, 200)
            self.assertEqual(self.bad.seen(tag)[0].body.decode(), body, model)

    def test_openai_calls_it_max_completion_tokens(self):
        _, told, _ = self.sent("openai", max_tokens=7, metadata={"a": "b"})
        self.assertEqual((told.get("max_tokens"), told["max_completion_tokens"], told["metadata"]), (None, 7, {"a": "b"}))
        _, told, _ = self.sent("plain", max_tokens=7)
        self.assertEqual(told["max_tokens"], 7)

    def test_what_groq_refuses_is_dropped_or_refused_by_name(self):
        named = [{"role": "user", "name": "Ann", "content": "Hi"}]
        _, told, _ = self.sent("groq", logprobs=True, top_logprobs=2, seed=3, max_tokens=5, messages=named)
        self.assertEqual({"logprobs", "top_logprobs"} & set(told), set())
        self.assertEqual((told["seed"], told["max_tokens"], "name" in told["messages"][0]), (3, 5, False))
        asked = self.ask("strict/m", logprobs=True)
        self.assertEqual(asked.answer.status, 400, asked.answer.body)
        self.assertIn("logprobs", asked.answer.json()["error"]["message"])
        self.assertEqual(asked.answer.json()["error"]["code"], "unsupported_parameter")

    def test_mistral_s_words(self):
        call = {"id": "call_far_too_long", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None, "tool_calls": [call]},
                   {"role": "tool", "tool_call_id": call["id"], "content": "1"}]
        events = fu.stream_events()[:-2] + [fu.event({"content": ""}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 4}), fu.DONE]
        script = [fu.send(STREAM_HEAD + chunk(b"".join(events)) + LAST_CHUNK)]
        _, told, answer = self.sent("mistral", script, stream=True, stream_options={"include_usage": True}, seed=3, tools=TOOLS,
                                    tool_choice="required", max_completion_tokens=9, messages=history)
        self.assertEqual((told["random_seed"], told["tool_choice"], told["max_tokens"]), (3, "any", 9))
        self.assertEqual({"stream_options", "seed", "max_completion_tokens"} & set(told), set())
        called = told["messages"][1]["tool_calls"][0]["id"]
        self.assertRegex(called, "^[a-zA-Z0-9]{9}$")
        self.assertEqual(told["messages"][2]["tool_call_id"], called)
        self.assertEqual(json.loads(answer.events()[-2])["usage"]["completion_tokens"], 4, "asked for, so it comes")
        _, told, answer = self.sent("mistral", script, stream=True)
        self.assertNotIn("stream_options", told)
        self.assertNotIn(b'"usage":{', answer.body)

    def test_perplexity_hears_each_in_turn(self):
        three = [{"role": "user", "content": word} for word in ("a", "b", "c")]
        _, told, _ = self.sent("perplexity", messages=three)
        self.assertEqual(len(told["messages"]), 1)

    def test_tools_for_openai_s_newest_go_as_responses(self):
        answer = {"id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5.6", "output": [
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}", "status": "completed"}],
            "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}
        self.bad.script("gpt-5.6", [fu.send(fu.reply(answer))])
        config = self.config() + '[[route]]\nmodel = "gpt-5.6"\ntargets = [{ provider = "openai" }]\n'
        gate = self.gate_with(config=config)
        answer = request(gate.port, "POST", "/v1/chat/completions", chat("gpt-5.6", tools=TOOLS), JSON)
        self.assertEqual(answer.json()["choices"][0]["message"]["tool_calls"][0]["id"], "call_1", answer.body)
        self.assertEqual(self.bad.seen("gpt-5.6")[0].path, "/v1/responses")
        self.bad.script("gpt-5.6", GOOD)
        self.assertEqual(request(gate.port, "POST", "/v1/chat/completions", chat("gpt-5.6"), JSON).status, 200)
        self.assertEqual(self.bad.seen("gpt-5.6")[1].path, "/v1/chat/completions")

    def test_a_signature_the_client_dropped_goes_back_to_who_made_it_only(self):
        part = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "c2lnbmVk"}
        answer = {"candidates": [{"index": 0, "content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}],
                  "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1}}
        for name in ("google", "other"):
            self.spare.script(f"{name}%2Fm:generateContent", [fu.send(fu.reply(answer))])
        first = self.ask("google/m", tools=TOOLS).answer.json()["choices"][0]["message"]["tool_calls"][0]
        call = {key: first[key] for key in ("id", "type", "function")}  # strict clients keep no more
        history = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None, "tool_calls": [call]},
                   {"role": "tool", "tool_call_id": call["id"], "content": "1"}]
        for name, signature in (("google", "c2lnbmVk"), ("other", "skip_thought_signature_validator")):
            self.assertEqual(self.ask(f"{name}/m", tools=TOOLS, messages=history).answer.status, 200)
            parts = [part for one in json.loads(self.spare.log[-1].body)["contents"] for part in one["parts"]]
            self.assertEqual([part["thoughtSignature"] for part in parts if "functionCall" in part], [signature], name)
