"""What frames mean, on the command line."""

from __future__ import annotations

import json


def test_decode_text_and_json(pitboard):
    text = pitboard("decode", "10270e1110bf1f492d0107ffff00002c01")
    assert text.code == 0
    assert "PositionUpdate" in text.out
    one = json.loads(pitboard("decode", "--json", "03 1b 50 0f").out)
    assert "3920" in json.dumps(one)


def test_one_bad_line_does_not_stop_the_rest(pitboard):
    run = pitboard("decode", "--json", stdin="0117\nnot hex\n0317\n012b\n")
    assert run.code == 1
    assert len(run.out.strip().splitlines()) == 2
    assert "line 2" in run.err
    assert "line 3" in run.err


def test_decoded_json_encodes_back_to_the_same_bytes(pitboard):
    frames = [
        "0624e803a86100",
        "0b25e80310270000a0410000",
        "03320300",
        "113303000000000003000000000200" + "0e0e00",
    ]
    decoded = pitboard("decode", "--json", "--direction", "to-car", *frames)
    assert decoded.code == 0, decoded
    encoded = pitboard("encode", stdin=decoded.out)
    assert encoded.code == 0, encoded
    assert [line.replace(" ", "") for line in encoded.out.split("\n") if line.strip()] == frames


def test_a_value_out_of_range_names_field_value_and_range(pitboard):
    run = pitboard("encode", "SetSpeed", "speed_mm_s=40000", "accel_mm_s2=1000", "respect_speed_limit=0")
    assert run.code in (1, 2)
    for word in ("speed_mm_s", "40000", "32767"):
        assert word in run.err
