"""Makes full TLS handshakes at a fixed rate, each on a connection of its own: `shaker.py PORT RATE SECONDS`.

A process of its own, and the most patient one of its core, so that whoever reads streams beside it does not wait."""

import concurrent.futures
import json
import os
import socket
import sys
import time

from client import any_certificate


def shake(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        # Sessions are not resumed unless one is handed in.
        with any_certificate().wrap_socket(plain):
            return True


def main():
    port, rate, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    os.nice(19)
    any_certificate()
    began = time.monotonic()
    made = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for number in range(int(rate * seconds)):
            time.sleep(max(0, began + number / rate - time.monotonic()))
            made.append(pool.submit(shake, port))
    errors = sum(1 for one in made if one.exception())
    took = time.monotonic() - began
    print(json.dumps({"handshakes": len(made) - errors, "errors": errors, "rate": (len(made) - errors) / took}))


if __name__ == "__main__":
    main()
