"""QR codes as SVG: dark on white with their quiet zone, whatever the brand's colours, so that every phone reads them."""

from __future__ import annotations

import io

import segno

_QUIET_MODULES = 4


def qr_svg(text: str) -> str:
    """The code of `text` as an SVG document that scales to its box; error correction M."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        border=_QUIET_MODULES,
        dark="#000000",
        light="#ffffff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode()
