"""Version numbers as their makers compare them."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.doctor.versions import compare_debian, debian_abi, debian_version, numbers

ASCENDING = [
    ("1.0~rc1", "1.0"),
    ("1.0~~", "1.0~"),
    ("1.0", "1.0-1"),
    ("1.0-1", "1.0-1+b1"),
    ("1.0a", "1.0+"),
    ("1.9", "1.10"),
    ("6.1.190-1", "6.1.192-1"),
    ("6.1.192-1", "6.1.192-2"),
    ("6.1.192-2", "6.1.192-10"),
    ("6.1.192-1~bpo11+1", "6.1.192-1"),
    ("6.12.48-1", "1:6.6.62-1+rpt1"),
    ("5.66-1", "5.66-1+deb12u2"),
    ("0", "0.1"),
    ("", "1"),
]


@pytest.mark.parametrize(("older", "newer"), ASCENDING)
def test_older_and_newer(older, newer):
    assert compare_debian(older, newer) == -1
    assert compare_debian(newer, older) == 1


@pytest.mark.parametrize("version", ["1.0", "1:2.0~rc1-3", "6.1.192-1", ""])
def test_the_same(version):
    assert compare_debian(version, f" {version} ") == 0


def test_leading_zeros_and_a_missing_revision_do_not_matter():
    assert compare_debian("1.05", "1.5") == 0
    assert compare_debian("0:1.5", "1.5-0") == 0


@pytest.mark.parametrize(("older", "newer"), [pair for pair in ASCENDING if all(pair)])
def test_dpkg_agrees(older, newer):
    if not shutil.which("dpkg"):
        pytest.skip("cannot run here: no dpkg to compare with")
    assert subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=False).returncode == 0


VERSIONS = st.from_regex(r"\A([0-2]:)?[0-9][0-9a-c.+~]{0,6}(-[0-9a-c.+~]{1,4})?\Z")


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_an_order(one, two, three):
    assert compare_debian(one, two) == -compare_debian(two, one)
    if compare_debian(one, two) <= 0 and compare_debian(two, three) <= 0:
        assert compare_debian(one, three) <= 0


@settings(max_examples=60, deadline=None)
@given(VERSIONS, VERSIONS)
def test_dpkg_agrees_on_any_two(one, two):
    if not shutil.which("dpkg"):
        pytest.skip("cannot run here: no dpkg to compare with")
    relation = {-1: "lt", 0: "eq", 1: "gt"}[compare_debian(one, two)]
    assert subprocess.run(["dpkg", "--compare-versions", one, relation, two], check=False).returncode == 0


@pytest.mark.parametrize(
    ("build", "version"),
    [
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-10-30)", "6.1.192-1"),
        ("#1 SMP PREEMPT Debian 1:6.6.62-1+rpt1 (2024-11-25)", "1:6.6.62-1+rpt1"),
        ("#55-Ubuntu SMP PREEMPT_DYNAMIC Tue Jan 1 2025", None),
        ("", None),
    ],
)
def test_the_package_in_uname_v(build, version):
    assert debian_version(build) == version


@pytest.mark.parametrize(
    ("release", "abi"),
    [
        ("6.1.0-55-amd64", "6.1.0-55"),
        ("6.1.0-55-rt-amd64", "6.1.0-55"),
        ("6.1.0-55", "6.1.0-55"),
        ("6.12.48+deb13-amd64", None),
        ("6.8.0-1012-raspi", "6.8.0-1012"),
        ("odd", None),
        ("", None),
    ],
)
def test_the_abi_in_uname_r(release, abi):
    assert debian_abi(release) == abi


@pytest.mark.parametrize(
    ("text", "found"), [("5.66", (5, 66)), ("6.12.48+deb13", (6, 12, 48)), ("v5", ()), ("", ())]
)
def test_leading_numbers(text, found):
    assert numbers(text) == found
