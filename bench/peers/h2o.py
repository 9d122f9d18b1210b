"""h2o as a reverse proxy."""

import getpass

from .peer import Peer, said

CONFIG = """
user: {user}
num-threads: {workers}
max-connections: 12000
limit-request-body: 33554432
http1-request-timeout: 600
error-log: {folder}/error.log
pid-file: {folder}/h2o.pid
listen:
  host: 127.0.0.1
  port: {port}
{tls}
hosts:
  "default":
    paths:
      "/":
        proxy.reverse.url: "http://127.0.0.1:{origin}/"
        proxy.timeout.keepalive: 600000
        proxy.timeout.io: 600000
"""


class H2o(Peer):
    name = "h2o"
    title = "h2o"
    program = "h2o"

    def version(self):
        return said("h2o", "--version")

    def command(self, place):
        tls = ""
        if place.certificate:
            tls = f"  ssl:\n    certificate-file: {place.certificate}\n    key-file: {place.certificate}\n"
        config = CONFIG.format(
            user=getpass.getuser(),
            workers=place.workers,
            folder=place.folder,
            port=place.port,
            tls=tls,
            origin=place.origin,
        )
        return ["h2o", "-m", "worker", "-c", str(place.write("h2o.yaml", config))]
