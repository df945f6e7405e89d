"""The drand value over a network: mirrors of our own."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from booth.draw.drand import QUICKNET
from booth.draw.mirrors import fetch
from booth.errors import BoothBroken
from tests.booth.draw.draws import BEACON, ROUND

GOOD = {"round": ROUND, "randomness": BEACON.randomness, "signature": BEACON.signature}


@contextlib.contextmanager
def mirror(body, status=200):
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_two_mirrors_are_asked():
    with mirror(GOOD) as (one, asked), mirror(GOOD) as (two, _):
        assert fetch(QUICKNET, ROUND, (one, two)) == (BEACON, BEACON)
        assert asked == [f"/{QUICKNET.hash}/public/{ROUND}"]


def test_a_mirror_that_fails_is_passed_over():
    with mirror({}, 500) as (bad, _), mirror({**GOOD, "round": 1}) as (other, _), mirror(GOOD) as (good, _):
        assert fetch(QUICKNET, ROUND, (bad, other, good, good)) == (BEACON, BEACON)


def test_without_a_network_the_way_by_telephone_is_told():
    with mirror(GOOD) as (good, _), pytest.raises(BoothBroken) as caught:
        fetch(QUICKNET, ROUND, (good, "http://127.0.0.1:1"))
    assert "only 1 drand mirrors answered for round 657413" in str(caught.value)
    assert f"MIRROR/{QUICKNET.hash}/public/657413 on a telephone" in str(caught.value)
