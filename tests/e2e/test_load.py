"""Many clients, some of them rude: memory stays bounded and nothing is left over. Prints its figures."""

import os
import random
import socket
import threading
import time

from harness import SLOW, Case, chat, provider, request, route, wait_until

REQUESTS = int(os.environ.get("SPILLWAY_LOAD_REQUESTS", "10000"))


class Load(Case):
    def test_stalled_readers_cost_bounded_memory(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("big", [("up", "sse-60000-0ms")]))
        gate.chat("big", stream=True)  # warm: pools, arenas
        before = gate.resident_kib()
        links = []
        count = 200 if SLOW == 1 else 20  # the provider holds what it will send, and sanitizers hold it twice
        for _ in range(count):
            body = chat("big", stream=True).encode()
            link = socket.socket()
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            link.connect(("127.0.0.1", gate.port))
            link.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                         b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            links.append(link)
        worst = 0
        for _ in range(30):
            time.sleep(0.1)
            worst = max(worst, gate.resident_kib())
        grown = (worst - before) / 1024
        print(f"\n{count} streams of 10 MB each, none of them read: resident memory +{grown:.1f} MiB")
        bound = count * (64 + 256 + 64) / 1024 * (4 if SLOW > 1 else 1)  # queue mark, one read, sockets and slack, in KiB each
        self.assertLess(grown, bound)
        for link in links:
            link.close()
        wait_until(lambda: gate.metrics().get("spillway_inflight", 1) == 0, seconds=10, what="all requests ending")

    def test_rude_clients_and_failing_providers_leave_nothing(self):
        up = self.mock()
        models = ["ok", "sse-5-2ms", "reset", "reset-midstream", "status-500", "delay-20", "truncate", "flaky-30", "empty"]
        config = provider("up", up.port) + "".join(
            route(f"m{n}", [("up", model)], [("up", "spare/ok")]) for n, model in enumerate(models))
        gate = self.spillway(config, workers=2)
        gate.chat("m0")
        descriptors = gate.descriptors()
        count = REQUESTS if SLOW == 1 else REQUESTS // 10
        lock, left = threading.Lock(), [count]

        def client(seed):
            dice = random.Random(seed)
            while True:
                with lock:
                    if left[0] == 0:
                        return
                    left[0] -= 1
                body = chat(f"m{dice.randrange(len(models))}", stream=dice.random() < 0.5).encode()
                try:
                    with socket.create_connection(("127.0.0.1", gate.port), timeout=20 * SLOW) as link:
                        link.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                                     b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
                        if dice.random() < 0.5:
                            if dice.random() < 0.5:
                                link.recv(dice.randrange(1, 400))
                            if dice.random() < 0.5:
                                link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                            continue
                        while link.recv(65536):
                            pass
                except (ConnectionError, TimeoutError):
                    pass

        threads = [threading.Thread(target=client, args=(seed,)) for seed in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: gate.metrics().get("spillway_inflight", 1) == 0, seconds=10, what="all requests ending")
        wait_until(lambda: gate.metrics().get("spillway_connections", 1) == 0, seconds=10, what="all clients leaving")
        metrics = gate.metrics()
        idle = metrics["spillway_upstream_connections"]
        self.assertEqual(request(gate.port, path="/health").status, 200)
        kept = gate.descriptors()
        print(f"\n{count} requests: {int(metrics['spillway_requests_total'])} accounted, "
              f"{int(metrics['spillway_client_aborts_total'])} clients left early, descriptors {descriptors} -> {kept} "
              f"of which {int(idle)} idle upstream connections")
        self.assertLessEqual(kept, descriptors + idle + 3)
