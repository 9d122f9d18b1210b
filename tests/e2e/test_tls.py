"""TLS on both sides, with a CA made for the test."""

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import tempfile

from harness import SLOW, Case, chat, provider, route, wait_until


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


class Authority:
    """A certificate authority in a directory, and certificates of all kinds from it."""

    def __init__(self, directory, name="Test CA"):
        self.directory = directory
        self.ca = os.path.join(directory, "ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                "-days", "3650", "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign", cwd=directory)

    def issue(self, name, san, start=None, end=None):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.csr", "-subj", f"/CN={name}", cwd=self.directory)
        with open(os.path.join(self.directory, f"{name}.cnf"), "w") as file:
            file.write("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n"
                       f"policy=p\nx509_extensions=e\nunique_subject=no\n[p]\ncommonName=supplied\n[e]\nsubjectAltName={san}\n"
                       "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nkeyUsage=critical,digitalSignature\n")
        for extra, text in (("index.txt", ""), ("serial", "01")):
            path = os.path.join(self.directory, extra)
            if not os.path.exists(path):
                with open(path, "w") as file:
                    file.write(text)
        openssl("ca", "-batch", "-config", f"{name}.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
                "-out", f"{name}.pem", "-startdate", start or "20200101000000Z", "-enddate", end or "20991231000000Z", cwd=self.directory)
        return os.path.join(self.directory, f"{name}.pem"), os.path.join(self.directory, f"{name}.key")


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.directory = tempfile.mkdtemp(prefix="spillway-tls-")
        self.authority = Authority(self.directory)

    def tearDown(self):
        super().tearDown()
        shutil.rmtree(self.directory, ignore_errors=True)

    def through(self, certificate, ca_file=None, host="localhost", **options):
        up = self.mock("--cert", certificate[0], "--key", certificate[1])
        config = provider("up", up.port, ca_file=ca_file or self.authority.ca, **options)
        config = config.replace(f"http://127.0.0.1:{up.port}", f"https://{host}:{up.port}")
        return self.spillway(config + route("m", [("up", "ok")]) + route("s", [("up", "sse-5-5ms")]))

    def test_a_good_certificate_by_name_and_by_address(self):
        gate = self.through(self.authority.issue("good", "DNS:localhost"))
        self.assertEqual(gate.chat("m").status, 200)
        self.assertEqual(gate.chat("s", stream=True).words(), "word0 word1 word2 word3 word4")
        by_address = self.through(self.authority.issue("address", "IP:127.0.0.1"), host="127.0.0.1")
        self.assertEqual(by_address.chat("m").status, 200)

    def test_bad_certificates_are_upstream_errors_that_say_so(self):
        other = tempfile.mkdtemp(prefix="spillway-tls-")
        self.addCleanup(shutil.rmtree, other)
        stranger = Authority(other, "Stranger CA")
        cases = [
            ("expired", self.authority.issue("expired", "DNS:localhost", end="20210101000000Z"), "expired"),
            ("future", self.authority.issue("future", "DNS:localhost", start="20980101000000Z"), "not yet valid"),
            ("wrong", self.authority.issue("wrong", "DNS:other.example"), "host"),
            ("unknown", stranger.issue("unknown", "DNS:localhost"), "issuer"),
        ]
        for name, certificate, word in cases:
            with self.subTest(name=name):
                answer = self.through(certificate).chat("m")
                self.assertEqual(answer.status, 502)
                self.assertIn("certificate", answer.json()["error"]["message"])
                self.assertIn(word, answer.json()["error"]["message"])

    def test_insecure_is_possible_only_when_asked_for(self):
        certificate = self.authority.issue("bad", "DNS:other.example")
        self.assertEqual(self.through(certificate, insecure=True).chat("m").status, 200)

    def ask(self, gate, context):
        link = http.client.HTTPSConnection("localhost", gate.port, context=context, timeout=10 * SLOW)
        try:
            link.request("POST", "/v1/chat/completions", chat("m"), {"content-type": "application/json"})
            return link.getresponse().status
        finally:
            link.close()

    def test_serving_tls_and_reloading_the_certificate(self):
        up = self.mock()
        certificate, key = self.authority.issue("first", "DNS:localhost")
        live = [os.path.join(self.directory, name) for name in ("live.pem", "live.key")]
        shutil.copy(certificate, live[0])
        shutil.copy(key, live[1])
        config = f'[server.tls]\ncert = "{live[0]}"\nkey = "{live[1]}"\n' + provider("up", up.port) + route("m", [("up", "ok")])
        gate = self.spillway(config)
        context = ssl.create_default_context(cafile=self.authority.ca)
        self.assertEqual(self.ask(gate, context), 200)
        with self.assertRaises(ssl.SSLError):
            self.ask(gate, ssl.create_default_context())

        def serial():
            text = ssl.get_server_certificate(("localhost", gate.port))
            return text

        before = serial()
        certificate, key = self.authority.issue("second", "DNS:localhost")
        shutil.copy(key, live[1])  # half a swap: key and certificate do not belong together
        gate.signal(signal.SIGHUP)
        wait_until(lambda: "config not reloaded" in gate.text(), what="the refusal")
        self.assertEqual(serial(), before)
        shutil.copy(certificate, live[0])
        gate.signal(signal.SIGHUP)
        wait_until(lambda: serial() != before, what="the new certificate")
        self.assertEqual(self.ask(gate, context), 200)

    def test_sessions_are_resumed(self):
        up = self.mock()
        certificate, key = self.authority.issue("resumed", "DNS:localhost")
        gate = self.spillway(f'[server.tls]\ncert = "{certificate}"\nkey = "{key}"\n' + provider("up", up.port) + route("m", [("up", "ok")]))
        context = ssl.create_default_context(cafile=self.authority.ca)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        import socket

        def handshake(session):
            with socket.create_connection(("localhost", gate.port)) as plain:
                with context.wrap_socket(plain, server_hostname="localhost", session=session) as link:
                    link.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                    link.recv(1000)
                    return link.session, link.session_reused

        session, reused = handshake(None)
        self.assertFalse(reused)
        self.assertTrue(handshake(session)[1])
