"""Forms with files that pass on while they come (RFC 7578), and those that may not."""

import contextlib
import socket
import threading

from harness import SLOW, Case, provider, route, wait_until
from socket_provider import Provider, fields_of, read_head

AUDIO, FILES = "/v1/audio/transcriptions", "/v1/files"
MIB = 1 << 20


def part(name, content, more=""):
    return f'--b0\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


MODEL, END = part("model", b"ears"), b"--b0--\r\n"


def file_of(size):
    return part("file", bytes(range(256)) * (size // 256), '; filename="a.wav"')


def answer(link, text=b'{"text":"heard"}', status="200 OK"):
    link.sendall(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)


class Hearing:
    """Takes a request's body as it comes, and answers at its end."""

    def __init__(self):
        self.got, self.fields, self.whole, self.go = b"", {}, threading.Event(), threading.Event()
        self.go.set()

    def __call__(self, link, fields, rest):
        self.fields, self.got, got = fields, rest, rest
        self.go.wait(30 * SLOW)
        chunked = "transfer-encoding" in fields
        while not (got.endswith(b"0\r\n\r\n") if chunked else len(got) >= int(fields["content-length"])):
            more = link.recv(65536)
            if not more:
                return
            got += more
            self.got = got
        self.whole.set()
        answer(link)

    def body(self):
        if "transfer-encoding" not in self.fields:
            return self.got
        data, rest = b"", self.got
        while True:
            size, _, rest = rest.partition(b"\r\n")
            if int(size, 16) == 0:
                return data
            data, rest = data + rest[: int(size, 16)], rest[int(size, 16) + 2:]


class Upload(Case):
    def setUp(self):
        super().setUp()
        self.first, self.second = self.start(Provider()), self.start(Provider())
        self.ears = self.first.plays[AUDIO] = self.first.plays[FILES] = Hearing()
        self.spare = self.second.plays[AUDIO] = Hearing()
        self.gate = self.spillway("".join([
            provider("first", self.first.port, api_key="key-of-the-first"),
            provider("second", self.second.port, api_key="key-of-the-second"),
            '[[key]]\nname = "some"\nsecret = "sk-some"\nmodels = ["ears"]\n[[key]]\nname = "all"\nsecret = "sk-all"\n',
            route("ears", [("first", "a-whisper-of-another-length")], [("second", "whisper")]),
            route("/v1/files", [("first", "any")]),
            f"[limits]\nbody_bytes = {MIB}\nupload_bytes = {32 * MIB}\nbody_timeout_ms = {int(1500 * SLOW)}\n",
        ]))

    def open(self, length=None, path=AUDIO, key="sk-some", more=""):
        link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=30 * SLOW)
        self.addCleanup(link.close)
        framing = f"Content-Length: {length}" if length is not None else "Transfer-Encoding: chunked"
        link.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n"
                     f"Content-Type: multipart/form-data; boundary=b0\r\n{framing}\r\n{more}\r\n".encode())
        return link

    def read(self, link):
        head, body = read_head(link)
        fields = fields_of(head)
        while len(body) < int(fields.get("content-length", 0)):
            body += link.recv(65536)
        return int(head.split(" ")[1]), fields, body

    def send(self, body, **options):
        link = self.open(len(body), **options)
        with contextlib.suppress(ConnectionError):  # who is refused may be left in the middle
            link.sendall(body)
        return self.read(link)

    def test_a_large_form_passes_while_it_comes(self):
        body = MODEL + file_of(8 * MIB) + END
        link = self.open(len(body))
        link.sendall(body[: 2 * MIB])
        wait_until(lambda: len(self.ears.got) > MIB, seconds=20 * SLOW, what="the first half, at the provider")
        self.assertFalse(self.ears.whole.is_set())
        link.sendall(body[2 * MIB:])
        status, fields, told = self.read(link)
        self.assertEqual((status, told), (200, b'{"text":"heard"}'))
        self.assertEqual(self.ears.got, body.replace(b"ears", b"a-whisper-of-another-length", 1))
        self.assertEqual(self.ears.fields["authorization"], "Bearer key-of-the-first")
        self.assertEqual(self.ears.fields["content-type"], "multipart/form-data; boundary=b0")
        self.assertEqual(fields["x-spillway-model"], "a-whisper-of-another-length")
        entry = self.gate.log_lines(1)[0]
        self.assertEqual((entry["model_asked"], entry["status"], entry["end"]), ("ears", 200, "ok"))

    def test_chunks_stay_chunks(self):
        body = MODEL + file_of(2 * MIB) + END
        link = self.open()
        for at in range(0, len(body), 100_000):
            piece = body[at: at + 100_000]
            link.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        link.sendall(b"0\r\n\r\n")
        self.assertEqual(self.read(link)[0], 200)
        self.assertEqual(self.ears.body(), body.replace(b"ears", b"a-whisper-of-another-length", 1))

    def test_nobody_holds_what_the_provider_does_not_take(self):
        self.ears.go.clear()
        body = MODEL + file_of(24 * MIB) + END
        before = self.gate.resident_kib()
        link = self.open(len(body))
        sender = threading.Thread(target=link.sendall, args=(body,))
        sender.start()
        sender.join(1.0 * SLOW)
        self.assertTrue(sender.is_alive(), "24 MiB lie somewhere")
        grown = self.gate.resident_kib() - before
        print(f"a form of 24 MiB that nobody takes: resident memory +{grown / 1024:.1f} MiB")
        if SLOW == 1:
            self.assertLess(grown, 4096)
        self.ears.go.set()
        sender.join()
        self.assertEqual(self.read(link)[0], 200)
        self.assertEqual(len(self.ears.got), len(body) + len("a-whisper-of-another-length") - len("ears"))

    def test_a_form_goes_by_its_path_when_that_says_where(self):
        body = part("purpose", b"batch") + file_of(3 * MIB) + END
        self.assertEqual(self.send(body, path=FILES, key="sk-all")[0], 200)
        self.assertEqual(self.ears.got, body)
        late = part("purpose", b"batch") + file_of(3 * MIB) + MODEL + END
        self.ears.whole.clear()
        status, _, told = self.send(late, path=FILES, key="sk-all")
        self.assertEqual(status, 400)
        self.assertIn(b"before its files", told)
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == 0, what="the end of it")
        self.assertFalse(self.ears.whole.is_set(), "the provider never had all of it")
        self.assertEqual(self.send(body, path=FILES)[0], 403, "of a key that may use one model only")

    def test_a_form_whose_model_comes_last_is_held_up_to_a_body_s_size(self):
        self.assertEqual(self.send(file_of(MIB // 2) + MODEL + END)[0], 200)
        self.assertTrue(self.ears.got.endswith(part("model", b"a-whisper-of-another-length") + END))
        status, _, told = self.send(file_of(4 * MIB) + MODEL + END)
        self.assertEqual(status, 413)
        self.assertIn(b"`model` comes first", told)

    def test_what_has_two_readings_never_arrives_whole(self):
        for bad in (MODEL + file_of(2 * MIB) + MODEL + END, MODEL + file_of(2 * MIB) + b"--b0 \r\n" + END, MODEL + file_of(2 * MIB),
                    MODEL + file_of(2 * MIB) + END + b"more", MODEL + file_of(2 * MIB) + part("x", b"y", '; name="model"') + END):
            with self.subTest(tail=bad[-40:]):
                self.ears.whole.clear()
                self.assertEqual(self.send(bad)[0], 400)
                self.assertFalse(self.ears.whole.is_set())
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == 0, what="the end of all")

    def test_another_provider_is_asked_while_nothing_is_lost(self):
        self.first.stop()
        body = MODEL + file_of(2 * MIB) + END
        status, fields, _ = self.send(body)
        self.assertEqual((status, fields["x-spillway-provider"]), (200, "second"))
        self.assertEqual(self.spare.got, body.replace(b"ears", b"whisper", 1))

    def test_once_some_is_gone_a_failure_is_told(self):
        def dying(link, fields, rest):
            while len(rest) < MIB:
                rest += link.recv(65536)

        self.first.plays[AUDIO] = dying
        status, fields, _ = self.send(MODEL + file_of(4 * MIB) + END)
        self.assertEqual(status, 502)
        self.assertEqual(fields["connection"], "close")
        self.assertEqual(self.spare.got, b"")

    def test_an_early_refusal_ends_the_upload(self):
        def refusing(link, fields, rest):
            while len(rest) < MIB:
                rest += link.recv(65536)
            answer(link, b'{"error":{"message":"no such format"}}', "400 Bad Request")
            link.shutdown(socket.SHUT_WR)
            while link.recv(65536):
                pass

        self.first.plays[AUDIO] = refusing
        body = MODEL + file_of(4 * MIB) + END
        link = self.open(len(body))
        link.sendall(body[: 3 * MIB])
        status, fields, told = self.read(link)
        self.assertEqual((status, fields["connection"]), (400, "close"))
        self.assertIn(b"no such format", told)

    def begun(self):
        """A form of which the provider has some."""
        body = MODEL + file_of(4 * MIB) + END
        link = self.open(len(body))
        link.sendall(body[: MIB])
        wait_until(lambda: len(self.ears.got) > MIB // 2, seconds=20 * SLOW, what="the begin, at the provider")
        return link

    def test_a_client_that_stops_sending_is_told_so(self):
        link = self.begun()
        self.assertEqual(self.read(link)[0], 408)
        self.assertFalse(self.ears.whole.is_set())

    def test_a_form_that_ends_in_the_middle_is_refused_at_once(self):
        link = self.begun()
        link.shutdown(socket.SHUT_WR)
        status, _, told = self.read(link)
        self.assertEqual(status, 400, told)
        self.assertIn(b"in the middle", told)
        self.assertFalse(self.ears.whole.is_set())

    def test_a_client_that_goes_away_takes_the_upload_along(self):
        link = self.begun()
        link.close()
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == 0, what="the end of it")
        self.assertFalse(self.ears.whole.is_set())

    def test_limits_hold(self):
        self.assertEqual(self.read(self.open(64 * MIB))[0], 413)
        link = self.open(2 * MIB, path="/v1/other")
        link.sendall(b"no form at all")
        self.assertEqual(self.read(link)[0], 413)
        plain = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
        self.addCleanup(plain.close)
        plain.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-some\r\nContent-Length: 2097152\r\n\r\n")
        self.assertEqual(self.read(plain)[0], 413)
