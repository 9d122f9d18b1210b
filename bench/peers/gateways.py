"""AI gateways. Portkey's comes from npm, pinned in portkey/package-lock.json; the others only when they are present."""

import json
import pathlib

from .peer import Peer, said

PORTKEY = pathlib.Path(__file__).resolve().parent / "portkey"
SERVER = PORTKEY / "node_modules/@portkey-ai/gateway/build/start-server.js"


class Portkey(Peer):
    name = "portkey"
    title = "Portkey"
    program = "node"
    streams = False
    why = "it answers 500 to every streamed request (see portkey-streams)"
    tls = False
    many_workers = False
    under_valgrind = False
    starts_in_s = 30
    before = ()

    def missing(self):
        return super().missing() or ("" if SERVER.exists() else f"npm ci has not run in {PORTKEY}")

    def version(self):
        package = json.loads((SERVER.parents[1] / "package.json").read_text())
        return f"{package['version']} on node {said('node', '--version')}"

    def command(self, place):
        # It learns its upstream from the request.
        self.headers = {
            "x-portkey-provider": "openai",
            "x-portkey-custom-host": f"http://127.0.0.1:{place.origin}/v1",
        }
        return ["node", *self.before, str(SERVER), "--headless", f"--port={place.port}"]

    def environment(self, place):
        return {"NODE_ENV": "production"}


class PortkeyStreams(Portkey):
    name = "portkey-streams"
    title = "Portkey, streams mended"
    streams = True
    why = "measured for its streams only"
    streams_only = True
    before = ("--import", str(PORTKEY / "mutable_headers.mjs"))


class Litellm(Peer):
    name = "litellm"
    title = "LiteLLM"
    program = "litellm"
    tls = False
    many_workers = False
    under_valgrind = False
    default = False
    headers = {"Authorization": "Bearer sk-bench"}  # without a key of its own it does not start
    starts_in_s = 120

    def version(self):
        return said("litellm", "--version")

    def command(self, place):
        config = {
            "model_list": [
                {
                    "model_name": "*",
                    "litellm_params": {
                        "model": "openai/*",
                        "api_base": f"http://127.0.0.1:{place.origin}/v1",
                        "api_key": "bench",
                    },
                }
            ],
            "general_settings": {"master_key": "sk-bench"},
        }
        # YAML contains JSON.
        path = place.write("litellm.yaml", json.dumps(config))
        return ["litellm", "--config", str(path), "--host", "127.0.0.1", "--port", str(place.port)]

    def environment(self, place):
        return {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
