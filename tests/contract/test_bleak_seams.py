"""Canary for bleak: the seams that rig.radio.backend stands on."""

import inspect

import bleak
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import BaseBleakScanner

from rig.radio.backend import HostStackClient, HostStackScanner


def test_backends_are_looked_up_in_the_bleak_module_at_call_time():
    assert "get_platform_client_backend_type()" in inspect.getsource(bleak.BleakClient.__init__)
    assert "get_platform_scanner_backend_type()" in inspect.getsource(bleak.BleakScanner.__init__)
    assert callable(vars(bleak)["get_platform_client_backend_type"])
    assert callable(vars(bleak)["get_platform_scanner_backend_type"])


def test_every_abstract_method_is_implemented():
    assert not inspect.isabstract(HostStackClient)
    assert not inspect.isabstract(HostStackScanner)
    assert BaseBleakClient.__abstractmethods__
    assert BaseBleakScanner.__abstractmethods__


def test_unknown_keywords_reach_the_backend():
    for owner in (bleak.BleakClient, bleak.BleakScanner):
        assert "**kwargs," in inspect.getsource(owner.__init__)
