"""Only what the caller allows is connected to: by address, whatever the name says."""

import os
import socket
from unittest import mock

from .. import errors
from ..client.connection import check
from .client_case import ClientCase, question


class TestGuarded(ClientCase):
    def setUp(self):
        super().setUp()
        self.asked = []
        self.port = int(self.fake.url.rpartition(":")[2].partition("/")[0])

    def resolving(self, **addresses):
        """Names resolve to lists of addresses, a list for each time that it is asked;
        the last one stays."""
        real = socket.getaddrinfo

        def lookup(host, port, *args, **kwargs):
            name = host.partition(".")[0]
            if name not in addresses:
                return real(host, port, *args, **kwargs)
            if kwargs.get("flags"):
                raise socket.gaierror(socket.EAI_NONAME, "Not a number")
            found = addresses[name]
            now = found.pop(0) if len(found) > 1 else found[0]
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in now
            ]

        return mock.patch("socket.getaddrinfo", lookup)

    def allow(self, *allowed):
        def may_reach(host, port, address):
            self.asked.append((host, port, address))
            return address in allowed

        return may_reach

    def test_what_is_allowed_is_asked(self):
        answer = self.ask(may_reach=self.allow("127.0.0.1"))
        self.assertEqual(answer.key, "A")
        self.assertEqual(set(self.asked), {("127.0.0.1", self.port, "127.0.0.1")})

    def test_an_address_that_is_not_allowed(self):
        error = self.error(may_reach=self.allow())
        self.assertEqual((type(error), error.cause), (errors.Refused, "internal"))
        self.assertTrue(error.everywhere)
        self.assertIn(f"127.0.0.1:{self.port}", str(error))
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_a_name_that_resolves_to_what_is_not_allowed(self):
        with self.resolving(rogue=[["127.0.0.1"]]):
            error = self.error(
                base_url=f"http://rogue.example:{self.port}/v1", may_reach=self.allow()
            )
        self.assertEqual(error.cause, "internal")
        self.assertIn(f"rogue.example:{self.port}", str(error))
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_a_number_is_an_address(self):
        for host in ("2130706433", "0x7f.1", "127.1", "017700000001"):
            with self.subTest(host=host):
                url = f"http://{host}:{self.port}/v1"
                error = self.error(base_url=url, may_reach=self.allow())
                self.assertEqual(error.cause, "internal")
        self.assertEqual({address for *_place, address in self.asked}, {"127.0.0.1"})
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_a_name_that_resolves_to_something_else_the_next_moment(self):
        # 192.0.2.1 is nobody's: a connection to it never comes to be.
        with self.resolving(rebind=[["192.0.2.1"], ["127.0.0.1"]]):
            error = self.error(
                base_url=f"http://rebind.example:{self.port}/v1",
                may_reach=self.allow("192.0.2.1"),
                connect_timeout=0.3,
            )
        self.assertIsInstance(error, errors.Unreachable)
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_of_many_addresses_those_that_are_allowed_are_tried_in_turn(self):
        with self.resolving(several=[["127.0.0.3", "127.0.0.2", "127.0.0.1"]]):
            self.ask(
                base_url=f"http://several.example:{self.port}/v1",
                may_reach=self.allow("127.0.0.2", "127.0.0.1"),
            )
        self.assertEqual(self.fake.stats()["asked"], 1)

    def test_a_name_that_nobody_knows(self):
        unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        with mock.patch("socket.getaddrinfo", side_effect=unknown):
            error = self.error(
                base_url="http://no-such-host.invalid/v1", may_reach=self.allow()
            )
        self.assertEqual(error.cause, "name_unknown")

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        error = self.error(
            base_url=f"http://127.0.0.1:{port}/v1", may_reach=self.allow("127.0.0.1")
        )
        self.assertEqual(error.cause, "no_connection")

    def test_the_check_of_a_connection_says_it(self):
        endpoint = type(self.endpoint)(self.fake.url, may_reach=self.allow())
        verdict = check(endpoint, question().model)
        self.assertEqual((verdict.ok, verdict.cause), (False, "internal"))
        self.assertEqual(self.fake.stats()["asked"], 0)

    def test_a_proxy_may_be_internal_but_is_not_asked_for_what_is(self):
        proxy = {"http_proxy": self.fake.url.removesuffix("/v1"), "no_proxy": ""}
        with mock.patch.dict(os.environ, proxy):
            error = self.error(
                base_url="http://169.254.169.254/v1", may_reach=self.allow()
            )
            self.assertEqual(error.cause, "internal")
            self.assertEqual(self.fake.stats()["asked"], 0)
            # The server here answers whatever it is asked for.
            self.ask(base_url="http://model.example/v1", may_reach=self.allow())
        self.assertEqual(self.fake.stats()["asked"], 1)

    def test_without_a_rule_everything_may_be_reached(self):
        self.assertEqual(self.ask(may_reach=None).key, "A")
