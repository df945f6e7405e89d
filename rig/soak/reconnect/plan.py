"""Reconnect plans: what a plan file of this kind may say, and the validated value it becomes.

A plan says what to do to each car and what would be good enough; never which cars or which radio, so that
one plan runs on the simulator and on the bench.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rig.soak.limits import Limit
from rig.soak.plan_file import PlanHead
from rig.toml_tables import Table


class Loss(StrEnum):
    """How a link is broken, and what is done to its way back.

    DISCONNECT ends it from the host, on any radio. VANISH lets it fall silent until the supervision timeout. AGAIN_…
    does that too, and when the host has noticed, the car gets lost a second time in that phase of the way back.
    ADAPTER resets the adapter, and every link with it. CROWDED is VANISH in air so full that packets of the link,
    adverts and chances to connect are lost until the cycle is over. AFTER_CHARGE lets go of the car, charges it for
    `timing.charge_s` and takes the charger off; AFTER_BUTTON switches the car off and on again by its button;
    AFTER_APP lets go of the car and another central, such as the vendor's app, holds it for `timing.app_s`: these
    three count from the instant at which the car could be had again.
    """

    DISCONNECT = "disconnect"
    VANISH = "vanish"
    AGAIN_SEEKING = "again while seeking"
    AGAIN_CONNECTING = "again while connecting"
    AGAIN_DISCOVERING = "again while discovering"
    AGAIN_SUBSCRIBING = "again while subscribing"
    AGAIN_LISTENING = "again while listening"
    ADAPTER = "adapter"
    CROWDED = "crowded air"
    AFTER_CHARGE = "after charge"
    AFTER_BUTTON = "after power button"
    AFTER_APP = "after vendor app"

    @property
    def is_again(self) -> bool:
        """Whether the car is lost a second time on its way back."""
        return self.value.startswith("again ")

    @property
    def is_staged(self) -> bool:
        """Whether something is done to the car before it could come back; its link goes somewhere on the way."""
        return self.value.startswith("after ")

    @property
    def forces_retry(self) -> bool:
        """Whether one attempt must fail by what is done to the car: a search only takes longer, and a link that is not
        established is tried again within its attempt."""
        return self in {Loss.AGAIN_DISCOVERING, Loss.AGAIN_SUBSCRIBING, Loss.AGAIN_LISTENING}

    @property
    def words(self) -> str:
        """For after a figure's name, e.g. `after vanish`."""
        if self.is_again:
            return f"when lost {self.value}"
        if self.is_staged:
            return self.value
        return {Loss.ADAPTER: "after adapter loss", Loss.CROWDED: "in crowded air"}.get(
            self, f"after {self.value}"
        )


class Figure(StrEnum):
    """What a limit may be put on.

    RECONNECT: link loss to fresh data. RECOVERY: the host's notice of the loss to fresh data.
    FIRST_ATTEMPT: share of cycles that reached fresh data without a retry. SUCCESS: share of cycles that
    reached it at all before the timeout. HELD: share of cycles whose link held until it was broken.
    """

    RECONNECT = "reconnect"
    RECOVERY = "recovery"
    FIRST_ATTEMPT = "first_attempt"
    SUCCESS = "success"
    HELD = "held"

    @property
    def is_latency(self) -> bool:
        """Whether the figure is a latency (seconds) rather than a rate."""
        return self in {Figure.RECONNECT, Figure.RECOVERY}


class Order(StrEnum):
    """The order of cycles within a set: cars in turn, or shuffled by the seed."""

    IN_TURN = "in turn"
    SHUFFLED = "shuffled"


@dataclass(frozen=True, slots=True)
class ReconnectLimit(Limit):
    """A limit on one of the `Figure`s; `loss` narrows it to one kind of loss."""

    loss: Loss | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds a reconnect cycle may spend: `settle_*` the seeded pause with the link up before it is broken,
    `arm` to get the link up beforehand, `cycle` from loss to fresh data (then the sample is censored),
    `attempt` one search or one connect, `retry_pause` between attempts, `charge` on the charger and `app` in the hands of
    another central for the losses that do that."""

    settle_least_s: float = 2.0
    settle_most_s: float = 4.0
    arm_timeout_s: float = 60.0
    cycle_timeout_s: float = 30.0
    attempt_timeout_s: float = 10.0
    retry_pause_s: float = 0.5
    charge_s: float = 20.0
    app_s: float = 5.0


@dataclass(frozen=True, slots=True)
class ReconnectPlan:
    """A validated plan. `at_once` cars of a set lose their link together; `give_up_after` cycles in a row
    that could not even begin, a car is left alone for the rest of its leg. With `pace_s` the losses are due that many
    seconds apart, counted from the begin of the leg, so that a round that must wait for the one before is late, and
    its latency from the schedule says so; without, a round begins when the one before is over."""

    head: PlanHead
    cycles_per_car: int
    losses: tuple[Loss, ...]
    order: Order
    at_once: int
    give_up_after: int
    pace_s: float | None
    timing: Timing
    limits: tuple[ReconnectLimit, ...]


def parse_reconnect(root: Table, head: PlanHead) -> ReconnectPlan:
    """Checks what a reconnect plan says beside its head; unknown keys are the caller's to refuse.

    Raises:
        InputError: a key is missing or out of range; the message names it.
    """
    plan = ReconnectPlan(
        head=head,
        cycles_per_car=root.integer("cycles_per_car", least=1, most=100_000),
        losses=_losses(root),
        order=Order(root.choice("order", list(Order), default=Order.IN_TURN)),
        at_once=root.integer("at_once", default=1, least=1, most=8),
        give_up_after=root.integer("give_up_after", default=3, least=1, most=1000),
        pace_s=root.number("pace_s", least=0.1, most=86_400.0) if root.has("pace_s") else None,
        timing=_timing(root.table("timing")),
        limits=tuple(_limit(table) for table in root.tables("limit")),
    )
    for limit in plan.limits:
        if limit.at_most_s is not None and limit.at_most_s > plan.timing.cycle_timeout_s:
            root.refuse(
                "limit",
                f"of {limit.at_most_s:g} s lies beyond timing.cycle_timeout_s ({plan.timing.cycle_timeout_s:g} s):"
                " a timeout could not be told from a pass",
            )
        if limit.loss is not None and limit.loss not in plan.losses:
            root.refuse("limit", f"is for loss '{limit.loss}', which 'losses' never makes")
    return plan


def _losses(root: Table) -> tuple[Loss, ...]:
    names = root.texts("losses", default=[Loss.DISCONNECT])
    if not names:
        root.refuse("losses", "must name at least one kind of loss")
    for name in names:
        if name not in list(Loss):
            root.refuse("losses", f"may hold {', '.join(Loss)}, not '{name}'")
    return tuple(Loss(name) for name in names)


def _timing(table: Table) -> Timing:
    usual = Timing()
    timing = Timing(
        settle_least_s=table.number("settle_least_s", usual.settle_least_s, least=0.0, most=3600.0),
        settle_most_s=table.number("settle_most_s", usual.settle_most_s, least=0.0, most=3600.0),
        arm_timeout_s=table.number("arm_timeout_s", usual.arm_timeout_s, least=1.0, most=3600.0),
        cycle_timeout_s=table.number("cycle_timeout_s", usual.cycle_timeout_s, least=1.0, most=3600.0),
        attempt_timeout_s=table.number("attempt_timeout_s", usual.attempt_timeout_s, least=0.5, most=600.0),
        retry_pause_s=table.number("retry_pause_s", usual.retry_pause_s, least=0.0, most=600.0),
        charge_s=table.number("charge_s", usual.charge_s, least=1.0, most=3600.0),
        app_s=table.number("app_s", usual.app_s, least=0.0, most=3600.0),
    )
    if timing.settle_most_s < timing.settle_least_s:
        table.refuse("settle_most_s", f"must be at least settle_least_s ({timing.settle_least_s:g} s)")
    table.finish()
    return timing


def _limit(table: Table) -> ReconnectLimit:
    figure = Figure(table.choice("figure", list(Figure)))
    confidence = table.number("confidence", default=0.95, least=0.5, most=0.9999)
    loss = Loss(table.choice("loss", list(Loss))) if table.has("loss") else None
    is_time = figure.is_latency
    limit = ReconnectLimit(
        figure,
        confidence,
        quantile=table.number("quantile", least=0.01, most=0.9999) if is_time else None,
        at_most_s=table.number("at_most_s", least=0.001, most=3600.0) if is_time else None,
        at_least=None if is_time else table.number("at_least", least=0.0, most=1.0),
        only=loss.words if loss else "",
        loss=loss,
    )
    table.finish()
    return limit
