"""Latencies of several radios side by side: as text, and as one HTML page with its plots inside."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.measure import percentile
from benchmarks.radios.measure import STAGES, Latencies, Reconnect

SHARES = (0.5, 0.95, 0.99)
COLOURS = ("#0072b2", "#d55e00", "#009e73")  # Okabe & Ito
LOSSES = {"disconnect": "after a disconnect", "vanish": "after a car that fell silent"}


def text(found: Sequence[Latencies]) -> str:
    """One table: a row per figure, a column per radio."""
    rows = [("", *(one.radio for one in found)), *rows_of(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def rows_of(found: Sequence[Latencies]) -> Iterator[tuple[str, ...]]:
    """The figures in words."""

    def row(name: str, figure: Callable[[Latencies], str]) -> tuple[str, ...]:
        return name, *(figure(one) for one in found)

    yield row("Bluetooth stack", lambda one: one.stack)
    yield row("connection interval, ms", lambda one: _agreed(one, "interval_ms"))
    yield row("supervision timeout, ms", lambda one: _agreed(one, "supervision_timeout_ms"))
    for loss, words in LOSSES.items():
        yield row(f"back {words}, s: n", lambda one, loss=loss: str(len(_of(one, loss))))
        yield row(
            "  P50 / P95 / longest",
            lambda one, loss=loss: _spread([r.at_s[-1] for r in _of(one, loss)], 1, 2, (0.5, 0.95, 1.0)),
        )
        for index, stage in enumerate(STAGES):
            yield row(
                f"  median to {stage}",
                lambda one, loss=loss, index=index: _median_step(_of(one, loss), index),
            )
    yield row(
        "notifications: sent, lost, out of order",
        lambda one: f"{one.sent}, {one.sent - len(one.notifications_s)}, {one.out_of_order}",
    )
    yield row("notification P50 / P95 / P99, ms", lambda one: _spread(one.notifications_s, 1e3, 1))
    yield row("order without response P50 / P95 / P99, ms", lambda one: _spread(one.orders_s, 1e3, 1))


def page(found: Sequence[Latencies]) -> str:
    """A self-contained HTML page."""
    names = ", ".join(one.radio for one in found)
    cells = "".join(
        "<tr>"
        + "".join(
            f"<{tag}>{html.escape(cell)}</{tag}>"
            for tag, cell in zip(["th", *["td"] * len(found)], row, strict=True)
        )
        + "</tr>"
        for row in rows_of(found)
    )
    head = "".join(f"<th>{html.escape(one.radio)}</th>" for one in found)
    plots = "".join(f"<figure>{svg}</figure>" for svg in _plots(found))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Radios side by side: {html.escape(names)}</title>
<style>
body {{ font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 1080px; margin: 0 auto; padding: 24px; color: #1c2430; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }} th, td {{ padding: 5px 14px 5px 0; text-align: left; border-bottom: 1px solid #dfe3e8; }}
th {{ font-weight: 600; }} .plots {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 16px; }}
figure {{ margin: 0; }} svg {{ width: 100%; height: auto; }} .wide {{ overflow-x: auto; }}
</style></head><body>
<h1>Radios side by side</h1>
<p>The same simulated cars, the same code above bleak; only the Bluetooth stack below differs. Cars and host share one
clock, so latencies are one-way. {html.escape(found[0].conditions)}</p>
<div class="plots">{plots}</div>
<h2>Figures</h2>
<div class="wide"><table><thead><tr><th></th>{head}</tr></thead><tbody>{cells}</tbody></table></div>
</body></html>
"""


def _plots(found: Sequence[Latencies]) -> Iterator[str]:
    for loss, words in LOSSES.items():
        series = [[r.at_s[-1] for r in _of(one, loss)] for one in found]
        yield _curves(
            f"back {words}",
            "seconds from the loss to fresh data",
            found,
            series,
            scale=1.0,
            salt=f"back-{loss}",
        )
    yield _curves(
        "notification, car to program",
        "milliseconds",
        found,
        [one.notifications_s for one in found],
        scale=1e3,
        salt="notify",
    )
    yield _curves(
        "order, program to car",
        "milliseconds",
        found,
        [one.orders_s for one in found],
        scale=1e3,
        salt="order",
    )


def _curves(
    title: str,
    unit: str,
    found: Sequence[Latencies],
    series: Sequence[Sequence[float]],
    *,
    scale: float,
    salt: str,
) -> str:
    style: dict[Any, Any] = {"svg.hashsalt": salt, "svg.fonttype": "none", "font.size": 10.0}
    with mpl.rc_context(style):
        canvas = Figure(figsize=(5.3, 3.6), layout="constrained")
        ax = canvas.subplots()
        for one, values, colour in zip(found, series, COLOURS, strict=False):
            ordered = sorted(value * scale for value in values)
            shares = [(place + 1) / len(ordered) for place in range(len(ordered))]
            ax.step(ordered, shares, where="post", color=colour, label=one.radio)
        ax.set_title(title, loc="left")
        ax.set_xlabel(unit)
        ax.set_ylabel("share")
        ax.set_xlim(left=0.0)
        ax.set_ylim(0.0, 1.02)
        ax.grid(alpha=0.35)
        ax.legend(loc="lower right")
        out = io.StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    drawn = out.getvalue()
    return (
        drawn[drawn.index("<svg") :]
        .replace('id="', f'id="{salt}-')
        .replace("url(#", f"url(#{salt}-")
        .replace('href="#', f'href="#{salt}-')
    )


def _of(one: Latencies, loss: str) -> list[Reconnect]:
    return [reconnect for reconnect in one.reconnects if reconnect.loss == loss]


def _agreed(one: Latencies, key: str) -> str:
    return " ".join(sorted({f"{link[key]:g}" for link in one.links}))


def _median_step(reconnects: Sequence[Reconnect], index: int) -> str:
    steps = sorted(r.at_s[index] - (r.at_s[index - 1] if index else 0.0) for r in reconnects)
    return f"{percentile(steps, 0.5):+.2f}"


def _spread(values: Sequence[float], scale: float, digits: int, shares: Sequence[float] = SHARES) -> str:
    ordered = sorted(values)
    return " / ".join(f"{percentile(ordered, share) * scale:.{digits}f}" for share in shares)
