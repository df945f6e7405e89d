"""Snapshots of every state of the stage, made by hand."""

from __future__ import annotations

from dataclasses import replace

from booth.show.view import (
    BoardRow,
    CarView,
    ChangeView,
    ChecklistView,
    IncidentView,
    RaceView,
    SeatView,
    SetView,
    Snapshot,
    Stage,
    SwapView,
    TaskView,
)

NAMES = {"p1": "Ada", "p2": "Maximiliane", "p3": "Yuki 🚗", "p4": "محمد", "p5": "Lotte", "p6": "Quentin"}
CARS = (0x0880EADB, 0x0A41C37E, 0x1B52D09F, 0x2C63E1A4)
CARS_B = (0x3D74F2B5, 0x4E850AC6, 0x5F961BD7, 0x60A72CE8)
LABELS = ("Skull A1", "Ground Shock A2", "Thermo A3", "Nuke A4")
LABELS_B = ("Guardian B1", "Big Bang B2", "Shock B3", "Skull B4")


def seats(**more):
    players = ("p1", "p2", "p3", None)
    return tuple(
        SeatView(
            seat=n, car=CARS[n - 1], number=n, player=players[n - 1], grade=None if players[n - 1] else 0.85
        )
        for n in (1, 2, 3, 4)
    )


def running():
    laps = (3, 3, 2, 2)
    best = (4.81, 4.93, 5.35, 5.02)
    last = (4.90, 5.07, 5.35, 6.14)
    gaps = (None, 0.8, 5.4, 6.2)
    places = (1, 2, 3, 4)
    progress = (0.62, 0.45, 0.9, 0.2)
    return tuple(
        replace(
            seat,
            laps=laps[i],
            best_lap_s=best[i],
            last_lap_s=last[i],
            gap_s=gaps[i],
            position=places[i],
            progress=progress[i],
            speed_mm_s=800,
        )
        for i, seat in enumerate(seats())
    )


def a_race(**more):
    values = {"race": 41, "mode": "race", "kind": "race", "set_name": "A", "laps": 5, "seats": seats()}
    return RaceView(**{**values, **more})


def finished(**more):
    return a_race(seats=tuple(replace(s, laps=(5, 5, 4, 4)[s.seat - 1]) for s in running()), winner=1, **more)


def cars(set_name, ids, labels, **more):
    values = {
        "power": "on", "link": "connected", "charger": "off", "is_low": False, "battery_mv": 3890,
        "races_left": 6, "silent_s": 0.2,
    }  # fmt: skip
    return tuple(
        CarView(car=car, label=label, number=n, set_name=set_name, **{**values, **more})
        for n, (car, label) in enumerate(zip(ids, labels, strict=True), 1)
    )


def two_sets():
    a = list(cars("A", CARS, LABELS))
    a[2] = replace(
        a[2], races_left=2, battery_mv=3610, is_low=True, letter="B", words="battery low: 2 races left"
    )
    b = list(
        cars("B", CARS_B, LABELS_B, power="off", link="gone", charger="on", silent_s=None, races_left=12)
    )
    b[3] = replace(b[3], letter="C", words="not on its charger", charger="off")
    return (SetView("A", "racing", 2, tuple(a)), SetView("B", "charging", 12, tuple(b)))


TASKS = (
    TaskView(
        key="swap",
        words="Swap the sets after this race",
        why="Thermo A3 has 2 races left.",
        by_s=140,
        button={"do": "CallSwap", "by": ""},
        button_words="Swap after this race",
    ),
    TaskView(key="charge-b4", words="Put Skull B4 on its charger", why="It is off and not on its charger."),
    TaskView(
        key="it-log", words="Read last night's report", owner="it", why="The soak found one slow reconnect."
    ),
)
CHECKLISTS = (
    ChecklistView(
        "opening",
        "Opening",
        (
            ("power", "Everything has power", True),
            ("backup", "Backup stick in and written", True),
            ("clock", "The clock is right", False),
            ("prize", "The prize is on the counter", False),
        ),
    ),
    ChecklistView(
        "closing", "Closing", (("draw", "Draw done", False), ("leads", "Leads handed over", False))
    ),
)
INCIDENTS = (
    IncidentView(3, -95, "Thermo A3 lost its link", "only staff notice", "nobody", "Reconnecting by itself"),
    IncidentView(2, -1900, "The stage went dark for 4 s", "visitors notice", "it", "Look at the cable", "restarted", -1890),
)  # fmt: skip
BOARD = (
    BoardRow("p1", 41, 4.81, is_new=True),
    BoardRow("p5", 33, 4.88),
    BoardRow("p6", 12, 4.93),
    BoardRow("p2", 41, 4.99),
    BoardRow("p4", 29, 5.2),
)


def snapshot(stage=Stage.ATTRACT, **more):
    values = {
        "number": 7,
        "at": "2026-11-24T10:15:00Z",
        "stage": stage,
        "headline": "Waiting for players; the next race starts by itself.",
        "mode": "race",
        "modes": {"race": "default", "battle": "verified", "time-trial": "beta"},
        "race": None,
        "last": None,
        "queue": (),
        "called": {},
        "sets": two_sets(),
        "swap": None,
        "tasks": (),
        "checklists": CHECKLISTS,
        "incidents": (),
        "changes": (),
        "refusal": None,
        "hour_board": BOARD[:3],
        "day_board": BOARD,
        "draw": None,
        "next_race_s": None,
        "uptime": {
            "share": 0.994,
            "open_s": 14500,
            "races": 41,
            "restarts": 1,
            "swaps": 5,
            "median_wait_s": 130,
        },
    }
    return Snapshot(**{**values, **more})


def battle():
    energy = (3, 1, 2, 0)
    return tuple(
        replace(s, score=(4, 2, 1, 0)[i], energy=energy[i], position=i + 1, is_disabled=i == 3)
        for i, s in enumerate(running())
    )


SWAP = SwapView(
    "A",
    "B",
    (("stop", "Wait for the race to end"), ("off", "Switch off set A"), ("setup", "Set up the race with set B"), ("charge", "Put set A on the chargers")),
    1,
    48,
    150,
)  # fmt: skip

LIST = "6ce1e877ed3db6b1a560e628d5948cae1f49e2c0a0e93e785e4dc276a158ee81"
DECLARED = {
    "prize": "fitness wristband",
    "value": "USD 100",
    "closes_at": "2026-11-24T16:30:00Z",
    "declaration_sha256": "7c0c2b0391c1de8df5c491874c11aa244617237da6c25843f43dccb6918dcadc",
    "commitment": "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",
}
FROZEN = {
    **DECLARED,
    "tickets": "84",
    "list_sha256": LIST,
    "struck": "K7Q2-01 staff",
    "throws_wanted": "20",
    "throws": "",
}
THROWS = "3 6 1 1 5 2 4 4 6 2 3 5 1 6 2 2 4 1 5 5"
DRAWN = {**FROZEN, "throws": THROWS, "key": f"{THROWS.replace(' ', '.')}./630dcd2966c43366/"}
ANNOUNCED = {**DRAWN, "rank": "1", "code": "K7Q2-01", "deadline": "2026-11-24T10:27:30Z"}
DRAWS = {
    "declared": DECLARED,
    "frozen": FROZEN,
    "entering": {**FROZEN, "throws": THROWS[:17]},
    "drawn": DRAWN,
    "announced": ANNOUNCED,
    "closed": {**ANNOUNCED, "outcome": "claimed", "reason": "came", "bundle_id": LIST},
    "void": {**FROZEN, "bundle_id": LIST},
}

EVERY_STATE = {
    "attract": snapshot(queue=("p5",), next_race_s=38),
    "line-up": snapshot(Stage.LINE_UP, race=a_race(starts_in_s=9), queue=("p5", "p6")),
    "line-up-battle": snapshot(
        Stage.LINE_UP, race=a_race(starts_in_s=9, mode="battle", kind="battle", laps=None), mode="battle"
    ),
    "countdown": snapshot(Stage.COUNTDOWN, race=a_race(starts_in_s=3.4), queue=("p5", "p6")),
    "race": snapshot(Stage.RACE, race=a_race(seats=running(), ends_in_s=70), queue=("p5", "p6")),
    "race-out": snapshot(
        Stage.RACE,
        race=a_race(
            seats=(*running()[:3], replace(running()[3], out="its battery is empty")),
            ends_in_s=70,
            note="Car 4 left the race",
        ),
        is_held=True,
    ),
    "race-battle": snapshot(
        Stage.RACE, race=a_race(seats=battle(), ends_in_s=44, mode="battle", kind="battle", laps=None), mode="battle"
    ),
    "result": snapshot(Stage.RESULT, last=finished(), queue=("p5",)),
    "pit-stop": snapshot(Stage.PIT_STOP, swap=SWAP, queue=("p5", "p6", "p4")),
    "closed": snapshot(Stage.CLOSED),
    "fault": snapshot(Stage.FAULT),
    **{f"draw-{step}": snapshot(Stage.DRAW, draw={"step": step, **body}) for step, body in DRAWS.items()},
}  # fmt: skip

BUSY = snapshot(
    Stage.RACE,
    headline="Race 41 runs: set A, 3 players; 3 wait.",
    race=a_race(seats=running(), ends_in_s=70),
    last=finished(race=40),
    queue=("p4", "p5", "p6"),
    called={"p4": 21.0},
    tasks=TASKS,
    incidents=INCIDENTS,
    changes=(
        ChangeView(
            1, "Time trial may be played from the next race on: fastest single lap counts.", "waiting"
        ),
    ),
    refusal="Skull A1 may not be charged: no race is set up with set B yet. Set up a race with set B first.",
)

PLAYER_STATES = {
    "idle": snapshot(),
    "queue": snapshot(queue=("p5", "p6", "p2", "p4", "p3", "p1"), next_race_s=50),
    "called": snapshot(Stage.LINE_UP, race=a_race(starts_in_s=9), called={"p1": 24.0}),
    "drive-soon": snapshot(Stage.LINE_UP, race=a_race(starts_in_s=9)),
    "drive": snapshot(Stage.RACE, race=a_race(seats=running(), ends_in_s=70)),
    "drive-battle": snapshot(
        Stage.RACE, mode="battle", race=a_race(seats=battle(), mode="battle", kind="battle", laps=None, ends_in_s=70)
    ),
    "result": snapshot(Stage.RESULT, last=finished()),
}  # fmt: skip
