"""`pitboard soak`: runs a plan, or goes on with one that was cut short."""

from __future__ import annotations

from pathlib import Path

import click

from rig.cli.bench_options import bench_option
from rig.errors import InputError


@click.command("soak")
@click.argument("plan", required=False)
@click.option(
    "--radio",
    "radios",
    multiple=True,
    metavar="RADIO",
    help="Which air: sim, sim:WORLD, vhci:WORLD, ble, ble:hci1, hci:TRANSPORT; repeat it to spread cars over "
    "several adapters.",
)
@click.option("--world", default=None, help="Simulated world by name or file; the same as --radio sim:WORLD.")
@click.option("--set", "sets", multiple=True, metavar="NAME", help="Only this set of the world; repeatable.")
@click.option("--cars", default=None, metavar="ID,ID", help="Only these cars, by identifier in hex.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=None, help="Instead of the plan's seed.")
@click.option(
    "--home", envvar="PITBOARD_HOME", default=None, help="Results folder; also set by PITBOARD_HOME."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Reports go here."
)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON report instead of the table.")
@click.option(
    "--resume",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[RUN]",
    help="Go on with the latest run that was cut short, or with this one.",
)
@click.option(
    "--if-cut",
    is_flag=True,
    help="With --resume: only a run that was killed, lost its power or ended as the machine shut down; nothing to do "
    "is fine.",
)
@click.option("--real-time", is_flag=True, help="Simulate at the pace of the clock instead of jumping ahead.")
@click.option("--telemetry", is_flag=True, help="Keep every frame the cars send.")
@click.option(
    "--allow-stack-restart",
    is_flag=True,
    help="When the bench fails and nothing else helps, restart the Bluetooth service.",
)
@bench_option
@click.option(
    "--no-selftest",
    is_flag=True,
    help="Begin at once on a bench, without wiggling its wires first; --resume remembers.",
)
@click.option(
    "--night",
    type=click.IntRange(1, 100_000),
    default=None,
    metavar="N",
    help="Which night of a series it is: a simulated world ages, and every night has a seed of its own.",
)
@click.option(
    "--nights",
    type=click.IntRange(1, 1000),
    default=None,
    metavar="N",
    help="Run nights 1 to N one after the other, a line each; 'pitboard trend' then tells what changed.",
)
@click.option(
    "--prometheus",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Also write the figures as gauges for Prometheus.",
)
@click.option("--list-plans", is_flag=True, help="Show the plans that ship with pitboard.")
def soak(
    *,
    plan: str | None,
    radios: tuple[str, ...],
    world: str | None,
    sets: tuple[str, ...],
    cars: str | None,
    seed: int | None,
    home: str | None,
    out: Path | None,
    as_json: bool,
    resume: str | None,
    if_cut: bool,
    real_time: bool,
    telemetry: bool,
    allow_stack_restart: bool,
    bench: str | None,
    no_selftest: bool,
    night: int | None,
    nights: int | None,
    prometheus: Path | None,
    list_plans: bool,
) -> int:
    """Soak-test a fleet: break links and measure, journal everything, judge each car.

    Without arguments: the builtin plan on the builtin world of two sets of four cars, in virtual time. On a
    real radio the builtin plan is reconnect-bench, with the losses such a radio can make. A plan of kind
    "nightly" runs other plans one after the other. A bench is tested first, as by 'pitboard bench selftest'; bays that
    fail are left out, and the report says why.
    Ctrl-C disconnects every car and leaves a run that --resume goes on with.

    \b
    Examples:
      pitboard soak
      pitboard soak nightly
      pitboard soak --seed 7 --out night
      pitboard soak my-plan.toml --world my-world.toml
      pitboard soak --radio ble --cars 0880eadb,1b52d09f
      pitboard soak --radio ble:hci0 --radio ble:hci1 --cars 0880eadb,1b52d09f
      pitboard soak --resume
      pitboard soak --world my-world.toml --nights 30
    """  # noqa: D301 - click needs the backspace character itself
    from rig.cli import soak_run  # noqa: PLC0415 - scipy and bumble cost a second
    from rig.cli.soak_nights import run_nights  # noqa: PLC0415 - as above

    if list_plans:
        for line in soak_run.plan_lines():
            click.echo(line)
        return 0
    request = soak_run.Request(
        plan=plan,
        monikers=soak_run.monikers_of(radios, world),
        sets=sets,
        cars=cars,
        seed=seed,
        home=home,
        out=out,
        as_json=as_json,
        virtual=False if real_time else None,
        telemetry=telemetry,
        allow_stack_restart=allow_stack_restart,
        bench=bench,
        selftest=not no_selftest,
        night=night,
        prometheus=prometheus,
        air=tuple(
            name
            for name, given in (
                ("--radio", radios or None),
                ("--world", world),
                ("--real-time", real_time or None),
                ("--nights", nights),
            )
            if given is not None
        ),
    )
    if if_cut:
        if resume != "":
            raise InputError("--if-cut goes with --resume without a RUN: it looks for one itself")
        resume = soak_run.cut_off(home)
        if resume is None:
            click.echo("no run was cut off, so there is nothing to go on with", err=True)
            return 0
    if resume is not None:
        return soak_run.resume(request, resume or None)
    if nights is not None:
        return run_nights(request, nights, soak_run.start)
    return soak_run.start(request)
