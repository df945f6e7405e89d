"""Model ids of the manufacturer data, and the cars they name.

Sources: id 1 is in the vendor's test vector (`anki/drive-sdk:test/test_vehicle_advertisement.c`), 8 and 9 in
captures (`opcau/anki:oracle/AnkiNodeDrive/logs`). The rest is what third parties agree on: the list of
`opcau/anki:oracle/AnkiNodeDrive/ankiNodeUtils.js` and
`MasterAirscrachDev/Anki-Partydrive:OverdriveServer/NetDefinitions.cs`. Ids 5, 6 and 7 are disputed: OverCar
Prime shifts them to Corax, Hadion, Spectrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Generation(Enum):
    """The product line a model was sold in."""

    DRIVE = "Drive"
    OVERDRIVE = "Overdrive"
    SUPERTRUCK = "Supertruck"
    FAST_AND_FURIOUS = "Fast & Furious"


@dataclass(frozen=True, slots=True)
class Model:
    """One car model; `disputed` when sources name the id differently."""

    model_id: int
    name: str
    generation: Generation
    disputed: bool = False


MODELS: dict[int, Model] = {
    model.model_id: model
    for model in (
        Model(1, "Kourai", Generation.DRIVE),
        Model(2, "Boson", Generation.DRIVE),
        Model(3, "Rho", Generation.DRIVE),
        Model(4, "Katal", Generation.DRIVE),
        Model(5, "Hadion", Generation.DRIVE, disputed=True),
        Model(6, "Spektrix", Generation.DRIVE, disputed=True),
        Model(7, "Corax", Generation.DRIVE, disputed=True),
        Model(8, "Ground Shock", Generation.OVERDRIVE),
        Model(9, "Skull", Generation.OVERDRIVE),
        Model(10, "Thermo", Generation.OVERDRIVE),
        Model(11, "Nuke", Generation.OVERDRIVE),
        Model(12, "Guardian", Generation.OVERDRIVE),
        Model(14, "Big Bang", Generation.OVERDRIVE),
        Model(15, "Free Wheel", Generation.SUPERTRUCK),
        Model(16, "X52", Generation.SUPERTRUCK),
        Model(17, "X52 Ice", Generation.SUPERTRUCK),
        Model(18, "MXT", Generation.FAST_AND_FURIOUS),
        Model(19, "Ice Charger", Generation.FAST_AND_FURIOUS),
        Model(20, "Nuke Phantom", Generation.OVERDRIVE),
    )
}
"""Every model id with a public name. 13 and 21 occur on custom firmware only, 101 is the app's placeholder."""


def model_name(model_id: int) -> str:
    """The car's name, or `model 13` for an id without one."""
    model = MODELS.get(model_id)
    return model.name if model else f"model {model_id}"
