"""What scanning knows of a car. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from protocol.advertising import CarAdvert, LocalName, NameState
from protocol.models import model_name


@dataclass(frozen=True, slots=True)
class Hearing:
    """How one radio of several hears a car: the fields are those of `Sighting`, `radio` is its name."""

    radio: str
    rssi_dbm: int
    seen_s: float
    handle: object = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One car as its adverts describe it, merged over advert and scan response.

    `identifier` is the 32-bit number from its manufacturer data, `rssi_dbm` the last advert's strength,
    `seen_s` the loop's clock at that advert. `firmware`, `state` and `name` come with the scan response
    and stay None until one was heard; the state is None as well when the stack took it off the name, as BlueZ does
    with a state of 0 and with those from 0x80 on. `handle` is bleak's own device object, for `Radio.connect` only;
    where several radios listen, `hearings` says how each of them hears the car.
    """

    identifier: int
    address: str
    model_id: int
    firmware: int | None
    state: NameState | None
    name: str | None
    rssi_dbm: int
    seen_s: float
    handle: object = field(repr=False, compare=False)
    hearings: tuple[Hearing, ...] = ()

    @property
    def label(self) -> str:
        """How messages name the car: model and identifier, e.g. `Skull 0880eadb`."""
        return f"{model_name(self.model_id)} {self.identifier:08x}"

    def merged_with(self, earlier: Sighting | None) -> Sighting:
        """This sighting, with what it lacks and what does not change filled in from an earlier one of the same car.

        The state is not: an unknown one is better than one of some time ago.
        """
        if earlier is None:
            return self
        return replace(
            self,
            firmware=earlier.firmware if self.firmware is None else self.firmware,
            name=earlier.name if self.name is None else self.name,
        )

    def heard_again(self, local_name: LocalName | None, rssi_dbm: int, seen_s: float) -> Sighting:
        """The same car after a report without manufacturer data: a scan response alone, or an RSSI."""
        if local_name is None:
            return replace(self, rssi_dbm=rssi_dbm, seen_s=seen_s)
        return replace(
            self,
            firmware=local_name.firmware,
            state=local_name.state,
            name=self.name if local_name.name is None else local_name.name,
            rssi_dbm=rssi_dbm,
            seen_s=seen_s,
        )


def sighting_of(advert: CarAdvert, address: str, rssi_dbm: int, seen_s: float, handle: object) -> Sighting:
    """The sighting that one parsed advert makes."""
    return Sighting(
        identifier=advert.identifier,
        address=address,
        model_id=advert.model_id,
        firmware=advert.firmware,
        state=advert.state,
        name=advert.name,
        rssi_dbm=rssi_dbm,
        seen_s=seen_s,
        handle=handle,
    )


def choose(wanted: str, sightings: list[Sighting]) -> list[Sighting]:
    """The cars a user means by `wanted`: an identifier in hex (with or without 0x), else a model or a name.

    Case, spaces and underscores do not matter. An identifier match wins over every name match.
    """
    key = _fold(wanted)
    exact = [car for car in sightings if key.removeprefix("0x").rjust(8, "0") == f"{car.identifier:08x}"]
    if exact:
        return exact
    return [
        car for car in sightings if key in {_fold(model_name(car.model_id)), _fold(car.name or "")} - {""}
    ]


def _fold(text: str) -> str:
    return "".join(text.lower().replace("_", " ").split())
