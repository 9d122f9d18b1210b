"""HAProxy in HTTP mode with reused upstream connections, and the same choosing its backend by the body's model."""

from .peer import Peer, said

CONFIG = """
global
  nbthread {workers}
  maxconn 12000
  no strict-limits
  ssl-default-bind-options no-tls-tickets
{tuning}
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  option http-no-delay
{wait}
frontend clients
  bind 127.0.0.1:{port} backlog 4096{ssl}
{route}
  default_backend origin
backend origin
  http-reuse always
  server origin 127.0.0.1:{origin} pool-max-conn -1 pool-purge-delay 600s
"""


class Haproxy(Peer):
    name = "haproxy"
    title = "HAProxy"
    program = "haproxy"
    tuning = wait = route = ""

    def version(self):
        return said("haproxy", "-v")

    def command(self, place):
        config = CONFIG.format(
            workers=place.workers,
            port=place.port,
            origin=place.origin,
            ssl=f" ssl crt {place.certificate}" if place.certificate else "",
            tuning=self.tuning,
            wait=self.wait,
            route=self.route,
        )
        return ["haproxy", "-db", "-f", str(place.write("haproxy.cfg", config))]


class HaproxyJson(Haproxy):
    name = "haproxy-json"
    title = "HAProxy + JSON, by model"
    # It reads no further than one of its buffers, and every connection has two: 1 MB prompts are out of its reach.
    body_max = 200_000
    why = "the body does not fit its buffer"
    tuning = "  tune.bufsize 262144"
    wait = "  option http-buffer-request"
    route = """  http-request set-var(txn.model) req.body,json_query('$.model')
  http-request deny deny_status 400 unless { var(txn.model) -m found }
  use_backend origin if { var(txn.model) -m beg sse- }"""
