"""How far a command may go to bring a car back, and the lines a user reads meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rig.radio.recovery.policy import RecoveryPolicy
    from rig.radio.recovery.records import Recovery, RecoveryRecord
    from rig.radio.recovery.scribe import Listeners

Command = Callable[..., Any]

OFF, CAREFUL, FULL = "off", "careful", "full"


def recovery_option(command: Command) -> Command:
    """Adds --recovery."""
    return click.option(
        "--recovery",
        type=click.Choice([OFF, CAREFUL, FULL]),
        default=CAREFUL,
        show_default=True,
        help="What a failing connect may lead to. careful: retries, stale connections dropped, the adapter switched "
        "off and on when nobody else uses it. full: also a restart of the Bluetooth service.",
    )(command)


def policy_of(choice: str) -> RecoveryPolicy:
    """The policy a user chose."""
    from rig.radio.recovery.policy import NO_RECOVERY, RecoveryPolicy  # noqa: PLC0415 - bleak loads only when needed

    return NO_RECOVERY if choice == OFF else RecoveryPolicy(allow_stack_restart=choice == FULL)


def lines_on_stderr() -> Listeners:
    """Listeners that write one line for each rung, and one for the end when there was any."""
    from rig.radio.recovery.records import RungState  # noqa: PLC0415 - as above
    from rig.radio.recovery.scribe import Listeners  # noqa: PLC0415
    from rig.radio.recovery.words import end_line, step_line  # noqa: PLC0415

    def on_step(record: RecoveryRecord) -> None:
        if record.state is RungState.INTENDED:
            click.echo(step_line(record), err=True)

    def on_end(recovery: Recovery) -> None:
        if recovery.taken:
            click.echo(end_line(recovery), err=True)

    return Listeners(on_step, on_end)
