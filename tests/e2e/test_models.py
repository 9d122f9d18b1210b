"""`spillway models`: pools written into files, catalogues listed, an index built; from files and over HTTP."""

import http.server
import json
import os
import shutil
import subprocess
import tempfile
import textwrap
import threading
import unittest

from harness import BINARY, SLOW, JsonHandler

FIXTURES = os.path.join(os.path.dirname(__file__), "..", "fixtures", "catalog")
MODELS, BLOCKLIST = os.path.join(FIXTURES, "models.json"), os.path.join(FIXTURES, "blocklist.txt")
with open(os.path.join(FIXTURES, "expected.json")) as file:
    EXPECTED = json.load(file)["seed000"]["project"]["scenarios"]
TODAY = ("--today", "2026-11-21")
TOML = """[[provider]]
name = "openrouter"
base_url = "https://openrouter.ai/api/v1"

[[route]]
model = "primary"
targets = [
  # BEGIN GENERATED POOL free
  # END GENERATED POOL free
  { provider = "openrouter", model = "mine/stays", weight = 2 },
]
"""


def yaml(ids):
    entries = "".join(f"    - model_name: primary\n      litellm_params:\n        model: openrouter/{id}\n        weight: 1\n" for id in ids)
    return ("config:\n  model_list:\n    # BEGIN GENERATED OPENROUTER POOL\n" + entries
            + "    # END GENERATED OPENROUTER POOL\n    - model_name: paid-tools\n")


def models(*arguments, env=None):
    done = subprocess.run([BINARY, "models", *arguments], capture_output=True, text=True, timeout=60 * SLOW,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


class Models(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="spillway-models-")

    def tearDown(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as out:
            out.write(text)
        return path

    def read(self, path):
        with open(path) as text:
            return text.read()

    def pool(self, *more, source=MODELS):
        return models("pool", "--source", source, "--blocklist", BLOCKLIST, *TODAY, *more)


class Pool(Models):
    def test_S0_the_pool_without_a_last_one(self):
        code, out, _ = self.pool()
        self.assertEqual(code, 0)
        rows = [line.split() for line in out.splitlines()[1:]]
        self.assertEqual([(row[3], int(row[1])) for row in rows],
                         [(row["id"], row["weight"]) for row in EXPECTED["S0_no_previous"]["pool"]])

    def test_S1_a_litellm_file_with_its_last_pool(self):
        due = EXPECTED["S1_real_previous"]
        path = self.file("values.yaml", yaml(due["previous"]))
        code, out, error = self.pool("--apply", path)
        self.assertEqual((code, error), (0, ""))
        changes = [line for line in out.splitlines() if line.startswith("  + ") or line.startswith("  - ")]
        self.assertEqual(changes, [f"  + {id}" for id in due["added"]] + [f"  - {id}" for id in due["removed"]])
        text = self.read(path)
        lines = [line.strip() for line in text.splitlines()]
        self.assertEqual([line.removeprefix("model: openrouter/") for line in lines if line.startswith("model: ")],
                         [row["id"] for row in due["pool"]])
        self.assertEqual([int(line.removeprefix("weight: ")) for line in lines if line.startswith("weight: ")],
                         [row["weight"] for row in due["pool"]])
        self.assertTrue(text.endswith("    # END GENERATED OPENROUTER POOL\n    - model_name: paid-tools\n"))
        self.assertEqual(self.read(path + ".bak"), yaml(due["previous"]))

    def test_the_best_pool_again_is_nothing_to_do_and_nothing_done(self):
        path = self.file("values.yaml", yaml([]))
        self.assertEqual(self.pool("--apply", path)[0], 0)
        before = os.stat(path).st_mtime_ns, os.stat(path).st_ino
        code, out, _ = self.pool("--apply", path)
        self.assertEqual((code, out.splitlines()[-1]), (0, "No changes needed."))
        self.assertEqual((os.stat(path).st_mtime_ns, os.stat(path).st_ino), before)

    def test_our_own_config_still_loads_and_keeps_what_is_not_generated(self):
        path = self.file("spillway.toml", TOML)
        os.chmod(path, 0o640)
        link = os.path.join(self.folder, "link.toml")
        os.symlink(path, link)
        code, out, _ = self.pool("--size", "3", "--apply", link)
        self.assertEqual(code, 0, out)
        text = self.read(path)
        self.assertIn('  { provider = "openrouter", model = "qwen/qwen3-coder:free", weight = 6, context = 262144, capabilities = ["tools"] },\n', text)
        self.assertIn('  { provider = "openrouter", model = "mine/stays", weight = 2 },\n', text)
        self.assertEqual(text.count("provider = "), 4)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        checked = subprocess.run([BINARY, "check", "-c", path], capture_output=True, text=True, timeout=60 * SLOW)
        self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_unknown_prices_are_free_only_when_the_operator_says_so(self):
        ollama = self.file("tags.json", '{"models":[{"name":"qwen3:8b","model":"qwen3:8b"}]}')
        self.assertEqual(models("pool", "--source", ollama, "--kind", "ollama")[0], 1)
        path = self.file("spillway.toml", TOML)
        code, _, error = models("pool", "--source", ollama, "--kind", "ollama", "--free", "stated", "--provider", "local", "--apply", path)
        self.assertEqual((code, error), (0, ""))
        self.assertIn('  { provider = "local", model = "qwen3:8b", weight = 6, free = true },\n', self.read(path))

    def test_the_quality_preset_is_another_order(self):
        code, out, _ = self.pool("--preset", "quality", "--size", "1")
        self.assertEqual((code, out.splitlines()[1].split()[3]), (0, "google/gemma-4-31b-it:free"))

    def test_a_dry_run_says_and_does_nothing(self):
        path = self.file("spillway.toml", TOML)
        code, out, _ = self.pool("--apply", path, "--dry-run")
        self.assertEqual((code, out.count("  + ")), (0, 10))
        self.assertEqual((self.read(path), os.listdir(self.folder)), (TOML, ["spillway.toml"]))

    def test_whatever_fails_the_file_is_as_it_was(self):
        empty = self.file("empty.json", '{"data":[]}')
        paid = self.file("paid.json", '{"data":[{"id":"a/b","pricing":{"prompt":"1","completion":"1"}}]}')
        broken = self.file("broken.json", "<html>")
        outside = TOML.replace("targets = [\n", "names = [\n")
        cases = [(TOML, empty, ()), (TOML, paid, ()), (TOML, broken, ()), (TOML, "http://127.0.0.1:1/models", ()),
                 (TOML, MODELS, ("--block", "other")), (TOML.replace("# END", "# The end of"), MODELS, ()),
                 (TOML.replace("# BEGIN", "# begin"), MODELS, ()), (outside, MODELS, ()), ("", MODELS, ()),
                 (TOML, MODELS, ("--blocklist", "/nowhere")), (TOML, MODELS, ("--key-env", "HOME")), (TOML, MODELS, ("--key-env", "SPILLWAY_NO_SUCH", "--source", "openrouter"))]
        for text, source, more in cases:
            with self.subTest(source=source, more=more, text=text[:20]):
                path = self.file("spillway.toml", text)
                arguments = ["pool", *TODAY, "--apply", path, *more]
                if "--source" not in more:
                    arguments += ["--source", source]
                code, _, error = models(*arguments)
                self.assertEqual(code, 1, error)
                self.assertTrue(error.startswith("spillway models: "), error)
                self.assertEqual(self.read(path), text)
                self.assertFalse(os.path.exists(path + ".bak"))

    def test_mistakes_in_the_arguments_exit_2(self):
        path = self.file("spillway.toml", TOML)
        for more in (("--size", "0"), ("--preset", "x"), ("--today", "x"), ("--today", "2026-1-1"), ("--today", "2026-13-01"), ("--group", "x"), ("--free", "x"), ("--nonsense",),
                     ("--apply", path, "--group", "x"), ("--apply", self.file("a.txt", "")), ("--provider", "a\"b")):
            with self.subTest(more=more):
                self.assertEqual(self.pool(*more)[0], 2)
        for arguments in ((), ("pool",), ("show", "--source", MODELS), ("build", "--providers", " , ", "--output", "-"),
                          ("build", "--providers", "groq", "--output", "-", "--catalog", "x")):
            with self.subTest(arguments=arguments):
                self.assertEqual(models(*arguments)[0], 2)
        self.assertEqual(self.read(path), TOML)


class Workflow(Models):
    """conf/deploy/github/free-pool.yml, as far as it is about this binary."""

    def test_its_steps_make_a_pool_and_the_text_of_a_pull_request(self):
        with open(os.path.join(FIXTURES, "..", "..", "..", "conf", "deploy", "github", "free-pool.yml")) as text:
            steps = text.read()
        start = steps.index("          touch")
        make = textwrap.dedent(steps[start:steps.index("\n\n", start)]).replace("--source openrouter", f"--source {MODELS} --today 2026-11-21")
        self.assertIn(MODELS, make)
        start = steps.index("          {\n")
        body = textwrap.dedent(steps[start:steps.index("          git config", start)])
        self.file("spillway.toml", TOML)
        bin_folder = os.path.join(self.folder, "bin")
        os.mkdir(bin_folder)
        os.symlink(BINARY if os.path.isabs(BINARY) else os.path.abspath(BINARY), os.path.join(bin_folder, "spillway"))
        env = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "RUNNER_TEMP": self.folder, "CONFIG": "spillway.toml",
               "BLOCKLIST": "pool-blocklist.txt"}
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", make + "\n" + body], cwd=self.folder, env=env,
                              capture_output=True, text=True, timeout=60 * SLOW)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = self.read(os.path.join(self.folder, "body.md")).splitlines()
        # Without the fixture's blocklist: the pool of all candidates.
        self.assertEqual((lines[1], lines[-1], len(lines)), ("```diff", "```", 13))
        self.assertIn("+ qwen/qwen3-coder", lines)
        self.assertIn('cron: "0 6 * * *"', steps)


class Catalogue(JsonHandler):
    """Two pages of the fixture, for whoever brings the key."""

    def do_GET(self):
        with open(MODELS) as text:
            entries = json.load(text)["data"]
        if self.headers.get("authorization") != "Bearer sk-models-secret":
            return self.answer(401, {"error": {"message": "no"}})
        if "page=2" in self.path:
            return self.answer(200, {"data": entries[20:], "links": {"next": None}})
        return self.answer(200, {"data": entries[:20], "links": {"next": "/api/v1/models?page=2"}})


class Sources(Models):
    def test_a_url_is_fetched_page_after_page_with_the_key(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Catalogue)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/api/v1/models"
            key = {"MODELS_KEY": "sk-models-secret"}
            code, out, error = models("pool", "--source", url, "--key-env", "MODELS_KEY", "--blocklist", BLOCKLIST, *TODAY, env=key)
            self.assertEqual((code, error), (0, ""))
            self.assertEqual(out, self.pool()[1], "as from the file")
            code, out, error = models("list", "--source", url)
            self.assertEqual((code, out), (1, ""))
            self.assertIn("401", error)
            self.assertNotIn("secret", error)
        finally:
            server.shutdown()
            server.server_close()

    def test_list_and_show(self):
        code, out, _ = models("list", "--source", MODELS, "--json", *TODAY)
        listed = json.loads(out)
        self.assertEqual((code, len(listed["models"]), listed["malformed"]), (0, 54, 0))
        with open(os.path.join(FIXTURES, "expected.json")) as text:
            seed001 = {row["model"]: row for row in json.load(text)["seed001"]["catalogue"]}
        for row in listed["models"]:
            if row["id"] in seed001:
                self.assertEqual(row["score_parts"], seed001[row["id"]]["parts"], row["id"])
        fit = models("list", "--source", MODELS, "--fit", *TODAY)[1]
        self.assertEqual(int(fit.splitlines()[-1].split()[0]), sum(not row["not_in_a_pool"] for row in listed["models"]))
        code, out, _ = models("show", "QWEN/Qwen3-Coder", "--source", MODELS, *TODAY)
        self.assertEqual((code, out.splitlines()[0]), (0, "qwen/qwen3-coder:free"))
        self.assertIn("static score   55:", out)
        code, _, error = models("show", "qwen/qwen3-codr", "--source", MODELS)
        self.assertEqual(code, 1)
        self.assertIn("did you mean qwen/qwen3-coder?", error)
        listed = models("list", "--source", os.path.join(FIXTURES, "models-malformed.json"), *TODAY)[1]
        self.assertIn("5 entries could not be read", listed.splitlines()[-1])

    def test_an_index_of_what_all_have(self):
        groq = self.file("groq.json", '{"data":[{"id":"qwen/qwen3-coder"},{"id":"llama-3.3-70b-versatile"}]}')
        seeds = self.file("seeds.json", json.dumps({"llama-3.3-70b": {"groq": "llama-3.3-70b-versatile",
                                                                       "openrouter": "meta-llama/llama-3.3-70b-instruct"}}))
        where = ("--providers", "groq,openrouter", "--catalog", f"groq={groq}", "--catalog", f"openrouter={MODELS}")
        path = os.path.join(self.folder, "model_index.json")
        code, out, error = models("build", *where, "--output", path, "--pretty")
        self.assertEqual((code, error), (0, ""))
        index = json.loads(self.read(path))
        self.assertEqual([model["canonical"] for model in index["models"]], ["qwen3-coder"])
        self.assertEqual(index["models"][0]["providers"]["openrouter"]["model"], "qwen/qwen3-coder:free")
        self.assertGreater(self.read(path).count("\n"), 20)
        code, out, _ = models("build", *where, "--seeds", seeds, "--output", "-")
        self.assertEqual([model["canonical"] for model in json.loads(out)["models"]], ["llama-3.3-70b"])
        nothing = self.file("none.json", '{"data":[{"id":"x/y"}]}')
        before = self.read(path)
        code, _, _ = models("build", "--providers", "groq,openrouter", "--catalog", f"groq={nothing}",
                            "--catalog", f"openrouter={MODELS}", "--output", path)
        self.assertEqual((code, self.read(path)), (1, before))
        # And it is a source again.
        code, out, _ = models("list", "--source", path, "--kind", "index", "--json")
        self.assertEqual(sorted(row["id"] for row in json.loads(out)["models"]), ["qwen/qwen3-coder", "qwen/qwen3-coder:free"])

    def test_sync_keeps_what_serve_starts_from(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Catalogue)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kept = os.path.join(self.folder, "kept")
        config = (f'[catalog]\nfolder = "{kept}"\n[[provider]]\nname = "up"\ncatalog = "openrouter"\napi_key = "env:MODELS_KEY"\n'
                  f'base_url = "http://127.0.0.1:{server.server_port}/api/v1"\n[pool.free]\nsource = "up"\n'
                  '[[route]]\nmodel = "m"\n[[route.tier]]\nname = "free"\npool = "free"\n')
        path = self.file("spillway.toml", config)
        try:
            code, out, error = models("sync", "-c", path, env={"MODELS_KEY": "sk-models-secret"})
            self.assertEqual((code, out, error), (0, "up: 54 models\n", ""))
            files = sorted(os.listdir(kept))
            self.assertIn("up.json", files)
            before = self.read(os.path.join(kept, "up.json"))
            code, out, error = models("sync", "-c", path, env={"MODELS_KEY": "wrong"})
            self.assertEqual((code, out, self.read(os.path.join(kept, "up.json"))), (1, "", before))
            self.assertIn("401", error)
        finally:
            server.shutdown()
            server.server_close()
        self.assertEqual(models("sync", "-c", self.file("none.toml", TOML))[0], 1)
        self.assertEqual(models("sync", "-c", self.file("bad.toml", "nonsense = 1\n"))[0], 2)
