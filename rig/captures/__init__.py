"""Bluetooth captures of other tools, read back into the cars' frames.

btsnoop, pcap and pcapng files -> packets -> link events -> ATT values. Own readers on `struct`: the packages on
PyPI that read these formats are abandoned, bind C libraries, or stop above HCI, and each container is a page of
code. Containers: `pcap.py`, `pcapng.py`, `btsnoop.py`; links: `hci.py`, `link_layer.py`; values: `att.py`.
"""

from rig.captures.att import AttValue
from rig.captures.packets import NotACaptureError, TruncatedCaptureError
from rig.captures.reader import looks_like_capture, read_capture

__all__ = ["AttValue", "NotACaptureError", "TruncatedCaptureError", "looks_like_capture", "read_capture"]
