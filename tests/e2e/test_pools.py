"""Pools from catalogues: fetched, kept, believed or not, and swapped under traffic."""
import json
import os
import shutil
import subprocess
import tempfile
import threading

from harness import BINARY, Case, provider, request, wait_until


def model(name, context=65536, price="0", parameters=("tools", "response_format")):
    return {
        "id": name,
        "pricing": {"prompt": price, "completion": price},
        "context_length": context,
        "supported_parameters": list(parameters),
        "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
    }


class Pools(Case):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="spillway-pools-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.env = {"XDG_STATE_HOME": self.folder + "/state", "STATE_DIRECTORY": ""}
        self.files = self.folder + "/files"
        os.mkdir(self.files)

    def publish(self, *models, name="models", next=None):
        text = json.dumps({"data": list(models), "links": {"next": next}})
        with open(f"{self.files}/{name}.json.new", "w") as file:
            file.write(text)
        os.rename(f"{self.files}/{name}.json.new", f"{self.files}/{name}.json")

    def config(self, up, pool="", catalog="refresh_s = 1", more="", spill=""):
        return (
            provider("or", up.port, catalog="openrouter", extensions="none", api_key="sk-or-v1-SECRETSECRETSECRET")
            + f'[catalog]\n{catalog}\n[pool.free]\nsource = "or"\n{pool}\n'
            + f'[[route]]\nmodel = "primary"\npolicies = ["free_first"]\n{spill}\n'
            + '[[route.tier]]\nname = "free"\npool = "free"\n' + more
        )

    def gateway(self, up, **options):
        return self.spillway(self.config(up, **options), env=self.env)

    def end(self, process):
        self.stack.remove(process)
        process.stop()

    def members(self, gateway):
        return sorted(m["id"] for m in gateway.pool("free")["members"])

    def wait_for(self, gateway, *ids):
        wait_until(lambda: self.members(gateway) == sorted(ids), 20, f"a pool of {ids}")

    def test_P23_a_pool_is_fetched_served_and_kept(self):
        up = self.mock("--files", self.files, "--api-key", "sk-or-v1-SECRETSECRETSECRET")
        self.publish(model("a/ok:free"), model("b/ok-paid", price="0.1"), {"id": 7}, next="/v1/models/page2")
        self.publish(model("c/ok:free"), name="models_page2")
        gateway = self.gateway(up)
        self.wait_for(gateway, "a/ok:free", "c/ok:free")
        answer = gateway.chat("primary")
        self.assertEqual(answer.status, 200)
        self.assertIn(answer.header("x-spillway-model"), ("a/ok:free", "c/ok:free"))
        source = gateway.pool("free")["source"]
        self.assertEqual((source["models"], source["malformed"], source["problem"]), (3, 1, ""))
        self.end(gateway)
        self.end(up)
        # Nobody there any more: the kept catalogue makes the pool, and the trouble is said once.
        again = self.gateway(up)
        self.wait_for(again, "a/ok:free", "c/ok:free")
        wait_until(lambda: again.pool("free")["source"]["problem"] != "", 20, "a refresh that fails")
        self.assertEqual(again.text().count("a catalogue was not refreshed"), 1)

    def test_O2_a_next_page_elsewhere_is_not_followed(self):
        up, other = self.mock("--files", self.files), self.mock("--files", self.files)
        self.publish(model("a/ok:free"), next=f"http://127.0.0.1:{other.port}/v1/models")
        gateway = self.gateway(up)
        wait_until(lambda: "somewhere else" in gateway.pool("free")["source"]["problem"], 20, "a refusal")
        self.assertEqual(other.stats()["requests"], 1)  # this very question
        self.assertEqual(self.members(gateway), [])
        self.assertEqual(gateway.chat("primary").status, 503)

    def test_G1_what_is_not_believed_changes_nothing_not_even_on_disk(self):
        up = self.mock("--files", self.files)
        self.publish(*[model(f"a{i}/ok:free") for i in range(4)])
        gateway = self.gateway(up, pool="size = 4")
        four = [f"a{i}/ok:free" for i in range(4)]
        self.wait_for(gateway, *four)
        for wrong in ([], [model("x/ok:free")], [model(f"x{i}/ok:free") for i in range(9)]):
            self.publish(*wrong)
            wait_until(lambda: "not believed" in gateway.pool("free")["source"]["problem"], 20, "a refusal")
            self.assertEqual(self.members(gateway), four)
        self.end(gateway)
        self.end(up)
        again = self.gateway(up, pool="size = 4", catalog="refresh_s = 0")
        self.assertEqual(self.members(again), four)

    def test_a_refresh_under_traffic_drops_no_request(self):
        up = self.mock("--files", self.files)
        self.publish(model("a/ok:free"), model("b/ok:free"))
        gateway = self.gateway(up)
        self.wait_for(gateway, "a/ok:free", "b/ok:free")
        wrong, done = [], threading.Event()

        def ask():
            while not done.is_set():
                status = gateway.chat("primary").status
                if status != 200:
                    wrong.append(status)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for turn in range(4):
                pair = [f"{'cdef'[turn]}/ok:free", "a/ok:free"]
                self.publish(*[model(name) for name in pair])
                self.wait_for(gateway, *pair)
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])

    def test_P24_a_request_goes_only_to_members_it_fits(self):
        up = self.mock("--files", self.files)
        self.publish(
            model("small/ok:free", context=20000),
            model("plain/ok:free", parameters=("tools",)),
            model("seeded/ok:free", parameters=("tools", "seed", "response_format")),
        )
        gateway = self.gateway(up)
        self.wait_for(gateway, "small/ok:free", "plain/ok:free", "seeded/ok:free")
        for _ in range(8):
            self.assertEqual(gateway.chat("primary", seed=7).header("x-spillway-model"), "seeded/ok:free")
            self.assertNotEqual(gateway.chat("primary", max_tokens=30000).header("x-spillway-model"), "small/ok:free")

    def test_a_hand_written_target_stands_before_the_pool_and_is_untouched(self):
        up = self.mock("--files", self.files)
        self.publish(model("a/ok:free"))
        gateway = self.gateway(up, more='targets = [{ provider = "or", model = "mine/ok:free", weight = 5 }]\n')
        self.wait_for(gateway, "a/ok:free")
        seen = {gateway.chat("primary").header("x-spillway-model") for _ in range(40)}
        self.assertEqual(seen, {"a/ok:free", "mine/ok:free"})

    def test_models_tell_context_output_and_what_the_pool_can(self):
        up = self.mock("--files", self.files)
        one = model("a/ok:free", context=50000)
        one["top_provider"] = {"context_length": 40000, "max_completion_tokens": 4096}
        self.publish(one)
        gateway = self.gateway(up)
        self.wait_for(gateway, "a/ok:free")
        listed = request(gateway.port, path="/v1/models").json()["data"]
        self.assertEqual([m["id"] for m in listed], ["primary"])
        self.assertEqual(listed[0]["context_length"], 40000)
        self.assertEqual(listed[0]["max_output_tokens"], 4096)
        self.assertEqual(listed[0]["pricing"], {"prompt": "0", "completion": "0"})
        self.assertIn("tools", listed[0]["capabilities"])

    def test_B5_the_key_is_nowhere_to_be_read(self):
        up = self.mock("--files", self.files)
        self.publish(model("a/ok:free"), next="http://127.0.0.2:1/sk-or-v1-SECRETSECRETSECRET")
        gateway = self.gateway(up)
        wait_until(lambda: gateway.pool("free")["source"]["problem"] != "", 20, "a refusal")
        text = json.dumps(gateway.pool("free")) + json.dumps(gateway.metrics()) + gateway.text()
        for _, _, names in os.walk(self.folder + "/state"):
            self.assertTrue(all("SECRET" not in name for name in names))
        self.assertNotIn("SECRETSECRET", text)

    def test_Q8_a_pool_by_quality_leaves_out_whom_health_gates(self):
        up = self.mock("--files", self.files)
        self.publish(model("a/ok:free"), model("b/ok:free"))
        for name, uptime in (("a", 99.5), ("b", 20.0)):
            window = {f"uptime_last_{w}": uptime for w in ("5m", "30m", "1d")}
            with open(f"{self.files}/models_{name}_ok_free_endpoints.json", "w") as file:
                json.dump({"data": {"id": f"{name}/ok:free", "endpoints": [{"status": 0, **window}]}}, file)
        gateway = self.gateway(up, pool='preset = "quality"', catalog="refresh_s = 600\nhealth_s = 1")
        self.wait_for(gateway, "a/ok:free")
        member = gateway.pool("free")["members"][0]
        self.assertGreater(member["quality"], 0)
        self.assertEqual(member["health"], 100)
        self.assertEqual(gateway.metrics()['spillway_catalog_health_asked{source="or"}'], 2)

    def test_explain_tells_order_reasons_and_waits_and_sends_nothing(self):
        up = self.mock("--files", self.files)
        self.publish(model("a/ok:free", context=20000), model("b/ok:free", parameters=("tools", "seed")))
        more = (
            '[[route.tier]]\nname = "paid"\ntargets = [{ provider = "or", model = "ok", price_in = 1, price_out = 1 }]\n'
        )
        gateway = self.gateway(up, more=more)
        self.wait_for(gateway, "a/ok:free", "b/ok:free")
        asked = up.stats()["models"]
        ask = {"model": "primary", "messages": [{"role": "user", "content": "Hi"}]}
        told = gateway.explain({**ask, "seed": 1, "max_tokens": 30000})
        self.assertEqual(told["decision"], "attempt")
        self.assertEqual(
            [(c["model"], c["taken"], c.get("reason")) for c in told["candidates"]],
            [("b/ok:free", True, None), ("ok", True, None), ("a/ok:free", False, "no seed")],
        )
        told = gateway.explain({**ask, "max_tokens": 30000})
        self.assertIn("context 20000 < 300", told["candidates"][-1]["reason"])
        self.assertEqual(gateway.explain({"model": "primery", "messages": []}), {"error": "there is no model `primery` here"})
        self.assertIn("messages", gateway.explain({"model": "primary"})["error"])
        self.assertEqual(up.stats()["models"], asked)
        said = subprocess.run(
            [BINARY, "explain", "--admin", f"http://127.0.0.1:{gateway.admin}", "--model", "primary"],
            capture_output=True, text=True, timeout=20,
        )
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("if those above fail", said.stdout)

    def test_a_refresh_at_a_thousand_requests_a_second_drops_none(self):
        up = self.mock("--files", self.files)
        self.publish(model("a/ok:free"), model("b/ok:free"))
        gateway = self.gateway(up)
        self.wait_for(gateway, "a/ok:free", "b/ok:free")
        load = subprocess.Popen(
            [BINARY, "bench", f"http://127.0.0.1:{gateway.port}", "--model", "primary", "--rate", "1000", "--duration",
             "4s", "--warm-up", "0ms", "--json", "-"], stdout=subprocess.PIPE, text=True)
        for turn in range(3):
            self.publish(model(f"{'cde'[turn]}/ok:free"), model("a/ok:free"))
            self.wait_for(gateway, f"{'cde'[turn]}/ok:free", "a/ok:free")
        result = json.loads(load.communicate(timeout=120)[0])["target"]
        self.assertEqual(result["failed"], 0, result["errors"])
        self.assertGreater(result["ok"], 1000)

    def test_a_day_of_two_accounts_by_their_catalogues(self):
        """Fifty free answers a day and account, through pools; the next spills without asking in vain; then never."""
        one, two = (self.mock("--files", self.files, "--free-per-day", "50") for _ in range(2))
        self.publish(model("a/ok:free"), model("b/ok:free"))
        free = {"catalog": "openrouter", "extensions": "openrouter", "free_rpd": 50, "free_rpm": 0}
        paid = '[[route.tier]]\nname = "paid"\ntargets = [{ provider = "two", model = "ok-paid" }]\n'
        second = '[[route.tier]]\nname = "free2"\npool = "two"\n'
        config = provider("one", one.port, **free) + provider("two", two.port, **free)
        config += '[catalog]\nrefresh_s = 600\n[pool.one]\nsource = "one"\n[pool.two]\nsource = "two"\n'
        for name, spill, tiers in (("primary", "exhausted", second + paid), ("never", "never", paid)):
            config += f'[[route]]\nmodel = "{name}"\npolicies = ["free_first", "breaker"]\nspill = "{spill}"\n'
            config += '[[route.tier]]\nname = "free"\npool = "one"\n' + tiers
        store = f"sqlite:{self.folder}/quota.db"

        def start():
            gateway = self.spillway(config, env=self.env, store=store)
            wait_until(lambda: all(len(gateway.pool(p)["members"]) == 2 for p in ("one", "two")), 20, "two pools")
            return gateway

        def served(count):
            answers = [gateway.chat("primary") for _ in range(count)]
            self.assertEqual({answer.status for answer in answers}, {200})
            return [(answer.header("x-spillway-provider"), answer.header("x-spillway-attempts")) for answer in answers]

        def calls():
            asked = [mock.stats()["models"].items() for mock in (one, two)]
            return sum(times for models in asked for name, times in models if name.endswith(":free"))

        gateway = start()
        self.assertEqual(served(30), [("one", "1")] * 30)
        self.end(gateway)
        gateway = start()  # a restart changes nothing
        self.assertEqual(served(70), [("one", "1")] * 20 + [("two", "1")] * 50)
        self.assertEqual(calls(), 100)
        refused = gateway.chat("never")
        self.assertEqual(refused.status, 429)
        self.assertGreater(int(refused.header("retry-after")), 0)
        last = gateway.chat("primary")
        self.assertEqual((last.status, last.header("x-spillway-model"), last.header("x-spillway-attempts")),
                         (200, "ok-paid", "1"))
        self.assertEqual(calls(), 100)
