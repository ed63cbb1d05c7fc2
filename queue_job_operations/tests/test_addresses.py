# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
import socket
import ssl
import tempfile
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests import Session

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, common, tagged

from .. import addresses, conf, webhook
from .common_alert import AlertCommon, Receivers
from .receivers import WebhookReceiver

INTERNAL = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16"),
    *("192.0.2.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1"),
    *("fe80::1%eth0", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    *("fd00:ec2::254", "nonsense"),
)
PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@tagged("post_install", "-at_install")
class TestAddresses(BaseCase):
    """What is internal, and what odoo.conf says of it."""

    def setUp(self):
        super().setUp()
        self.allow("192.168.7.7")

    def allow(self, text):
        patcher = patch.dict(os.environ, {addresses.VARIABLE: text})
        self.startPatcher(patcher)

    def test_what_is_internal(self):
        for address in INTERNAL:
            with self.subTest(address=address):
                self.assertTrue(addresses.is_internal(address))
                self.assertFalse(addresses.may_reach("host", 80, address))
        for address in PUBLIC:
            with self.subTest(address=address):
                self.assertFalse(addresses.is_internal(address))
                self.assertTrue(addresses.may_reach("host", 80, address))

    def test_what_is_allowed(self):
        self.allow("localhost:11434, ollama\n10.1.0.0/16:8000 [fd00::5]:80 fe80::/10")
        for allowed in (
            ("localhost", 11434, "127.0.0.1"),
            ("LOCALHOST.", 11434, "::1"),
            ("ollama", 80, "172.18.0.3"),
            ("model.example.com", 8000, "10.1.2.3"),
            ("fd00::5", 80, "fd00::5"),
            ("model.example.com", 1, "fe80::9%eth0"),
            ("model.example.com", 8000, "::ffff:10.1.2.3"),
        ):
            with self.subTest(allowed=allowed):
                self.assertTrue(addresses.may_reach(*allowed))
        for refused in (
            ("localhost", 8069, "127.0.0.1"),
            ("127.0.0.1", 11434, "127.0.0.1"),
            ("ollama.example.com", 80, "172.18.0.3"),
            ("model.example.com", 8001, "10.1.2.3"),
            ("model.example.com", 8000, "10.2.2.3"),
        ):
            with self.subTest(refused=refused):
                self.assertFalse(addresses.may_reach(*refused))

    def test_nonsense_allows_nothing(self):
        self.allow(":: /, [, 10.0.0.0/99 :80 *")
        self.assertFalse(addresses.may_reach("host", 80, "10.0.0.1"))
        self.assertFalse(addresses.may_reach("host", 80, "127.0.0.1"))

    def test_odoo_conf_says_it_unless_the_environment_does(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "odoo.conf"
            path.write_text("[queue_job_operations]\ninternal_hosts = 127.0.0.1\n")
            self.allow("")
            with patch.object(conf, "config", {"config": str(path)}):
                self.assertTrue(addresses.may_reach("x", 1, "127.0.0.1"))
                self.allow("10.0.0.0/8")
                self.assertFalse(addresses.may_reach("x", 1, "127.0.0.1"))

    def test_what_an_address_says_without_a_name_service(self):
        for url, where in (
            ("http://127.0.0.1:8069/x", "127.0.0.1:8069"),
            ("https://10.0.0.1", "10.0.0.1:443"),
            ("http://[::1]/", "[::1]:80"),
            ("http://2130706433/", "2130706433:80"),
            ("http://0x7f000001/", "0x7f000001:80"),
            ("http://127.1:1/", "127.1:1"),
            ("http://localhost/", "localhost:80"),
            ("http://a.localhost./", "a.localhost.:80"),
            ("http://169.254.169.254/latest", "169.254.169.254:80"),
        ):
            with self.subTest(url=url):
                self.assertEqual(addresses.find_refused(url), where)
        unknown = patch.object(socket, "getaddrinfo", side_effect=socket.gaierror)
        for url in ("https://api.example.com", "http://ollama:11434/v1"):
            with self.subTest(url=url), unknown:
                self.assertIsNone(addresses.find_refused(url))
        self.assertIsNone(addresses.find_refused("https://8.8.8.8"))


@tagged("post_install", "-at_install")
class TestInternalWebhook(Receivers, AlertCommon):
    """Messages that would really go over the wire, to a server of this machine."""

    def setUp(self):
        super().setUp()
        # Odoo's tests let requests to this machine through by its name only.
        self.startPatcher(patch.object(Session, "send", common._super_send))

    def forbid(self):
        return patch.dict(os.environ, {addresses.VARIABLE: "192.168.7.7"})

    def resolving(self, *answers):
        """The name rogue.example resolves to these, one after the other."""
        real, left = socket.getaddrinfo, list(answers)

        def lookup(host, port, *args, **kwargs):
            if host != "rogue.example":
                return real(host, port, *args, **kwargs)
            if kwargs.get("flags"):
                raise socket.gaierror(socket.EAI_NONAME, "Not a number")
            address = left.pop(0) if len(left) > 1 else left[0]
            return real(address, port, *args, **kwargs)

        return patch.object(socket, "getaddrinfo", lookup)

    def post(self, url):
        with self.assertRaises(webhook.WebhookError) as caught:
            webhook.post(url, {})
        return caught.exception

    def test_an_internal_address_is_not_entered(self):
        with self.forbid(), self.assertRaises(ValidationError) as caught:
            self.create_webhook()
        sentence = str(caught.exception)
        self.assertIn("odoo.conf", sentence)
        line = f"internal_hosts = 127.0.0.1:{self.hook.port}"
        self.assertTrue(sentence.endswith(line), sentence)
        self.create_webhook()

    def test_what_was_allowed_before_is_not_sent_to(self):
        target = self.create_webhook()
        self.stuff()
        with self.forbid():
            self.watch(0)
        line = target.delivery_ids
        self.assertEqual(line.state, "waiting")
        self.assertIn(f"internal_hosts = 127.0.0.1:{self.hook.port}", line.error)
        self.assertNotIn("/hook", line.error)
        self.assertFalse(self.hook.requests)
        self.watch(1)
        self.assertEqual(line.state, "sent")

    def test_a_name_of_this_machine_is_not_sent_to(self):
        with self.forbid(), self.resolving("127.0.0.1"):
            error = self.post(f"http://rogue.example:{self.hook.port}/")
        self.assertEqual(error.cause, "internal")
        self.assertEqual(error.where, f"rogue.example:{self.hook.port}")
        self.assertFalse(self.hook.requests)

    def test_a_name_that_resolves_to_something_else_the_next_moment(self):
        # 127.0.0.9 is allowed, and nobody listens there.
        allowed = {addresses.VARIABLE: "127.0.0.9"}
        with patch.dict(os.environ, allowed), self.resolving("127.0.0.9", "127.0.0.1"):
            error = self.post(f"http://rogue.example:{self.hook.port}/")
        self.assertEqual(error.cause, "unreachable")
        self.assertFalse(self.hook.requests)

    def test_a_name_that_may_be_reached_is_sent_to_by_its_name(self):
        with self.resolving("127.0.0.1"):
            webhook.post(f"http://rogue.example:{self.hook.port}/", {})
        ((headers, _body),) = self.hook.requests
        self.assertEqual(headers["Host"], f"rogue.example:{self.hook.port}")

    def test_the_certificate_is_that_of_the_name(self):
        path = self.certificate("rogue.example")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server = self.hook.server
        server.socket = context.wrap_socket(server.socket, server_side=True)
        trusted = patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": path})
        with trusted, self.resolving("127.0.0.1"):
            webhook.post(f"https://rogue.example:{self.hook.port}/", {})
            self.assertEqual(len(self.hook.requests), 1)
            error = self.post(f"https://127.0.0.1:{self.hook.port}/")
        self.assertEqual(error.cause, "certificate")
        self.assertEqual(len(self.hook.requests), 1)

    def certificate(self, name):
        """The path of a file with a certificate of this name, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1))
            .not_valid_after(datetime(2099, 1, 1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .sign(key, hashes.SHA256())
        )
        directory = self.enterContext(tempfile.TemporaryDirectory())
        path = Path(directory) / "both.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return str(path)

    def test_the_address_of_a_redirect_is_not_asked(self):
        self.hook.status = 307
        with WebhookReceiver() as other, self.forbid():
            os.environ[addresses.VARIABLE] = f"127.0.0.1:{self.hook.port}"
            error = self.post(self.hook.url)
            self.assertFalse(other.requests)
        self.assertEqual((error.cause, error.status), ("status", 307))
