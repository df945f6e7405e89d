"""Which radios go together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rig.errors import InputError
from rig.radio.moniker import parse_moniker
from rig.radio.moniker_list import joined, parse_joined, parse_monikers


@pytest.mark.parametrize(
    "texts",
    [
        ["sim"],
        ["ble"],
        ["ble:hci0", "ble:hci1"],
        ["hci:serial:/dev/ttyACM0", "hci:serial:/dev/ttyACM1,1000000"],
        ["ble", "hci:usb:0"],
        ["ble:hci0", "hci:usb:0", "hci:tcp-client:127.0.0.1:6402"],
    ],
)
def test_these_go_together_and_can_be_kept_as_one_text(texts):
    monikers = parse_monikers(texts)
    assert monikers == tuple(parse_moniker(text) for text in texts)
    assert parse_joined(joined(monikers)) == monikers


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "no radio is named"),
        (["sim", "ble"], "'sim:two-sets' and 'ble' do not go together"),
        (["ble", "sim:one-car"], "'sim:one-car' and 'ble' do not go together"),
        (["sim:one-car", "sim:two-sets"], "do not go together"),
        (["sim", "sim:two-sets"], "'sim:two-sets' is named twice"),
        (["ble:hci0", "ble:hci0"], "'ble:hci0' is named twice"),
        (["ble", "ble"], "named twice"),
        (["ble", "ble:hci1"], "name each"),
        (["hci:serial:/dev/ttyACM0", "hci:serial:/dev/ttyACM0,1000000"], "named twice"),
        (["ble:hci0", "nonsense"], "unknown radio 'nonsense'"),
        (["ble:hci0", "hci:"], "names no transport"),
    ],
)
def test_these_do_not_and_one_sentence_says_why(texts, words):
    with pytest.raises(InputError, match=words) as refused:
        parse_monikers(texts)
    assert "\n" not in str(refused.value)


@given(st.text(min_size=1).filter(lambda text: text.strip() == text and "@" not in text))
def test_the_path_of_a_world_may_contain_anything(path):
    assert parse_joined(joined([parse_moniker(f"sim:{path}")])) == (parse_moniker(f"sim:{path}"),)
