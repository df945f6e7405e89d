"""The virtual controller by its HCI commands, as a strange host might use them."""

import asyncio
import logging

import bleak
import pytest
from bumble import hci, ll
from bumble.core import AdvertisingData
from bumble.device import Device
from bumble.host import Host
from bumble.snoop import Snooper

from rig.radio.host_stack import HostError, HostFailure
from rig.sim.controller import AirController

ERROR = hci.HCI_ErrorCode
CAR = hci.Address("D0:00:00:00:00:01")


def create_connection(**changes):
    settings = {
        "le_scan_interval": 96, "le_scan_window": 96, "initiator_filter_policy": 0,
        "peer_address_type": CAR.address_type, "peer_address": CAR, "own_address_type": 1,
        "connection_interval_min": 24, "connection_interval_max": 24, "max_latency": 0,
        "supervision_timeout": 200, "min_ce_length": 0, "max_ce_length": 0,
    }  # fmt: skip
    return hci.HCI_LE_Create_Connection_Command(**(settings | changes))


async def status_of(host, command):
    return await host.send_async_command(command, check_status=False)


def test_cancelling_what_was_never_asked_for_is_disallowed(in_world):
    async def scenario(world):
        with pytest.raises(hci.HCI_Error) as caught:
            await world.stack.device.host.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        return caught.value.error_code

    assert in_world(scenario) == ERROR.COMMAND_DISALLOWED_ERROR


def test_one_connect_at_a_time_and_none_to_a_car_already_linked(in_world, find, echo_cars):
    async def scenario(world):
        host = world.stack.device.host
        async with bleak.BleakClient(await find()):
            linked = await status_of(host, create_connection())
        cars[0].asleep = True
        first = await status_of(host, create_connection())
        second = await status_of(host, create_connection())
        await host.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        return linked, first, second

    cars = echo_cars()
    assert in_world(scenario, cars) == (
        ERROR.COMMAND_DISALLOWED_ERROR,
        hci.HCI_COMMAND_STATUS_PENDING,
        ERROR.COMMAND_DISALLOWED_ERROR,
    )


@pytest.mark.parametrize(
    "nonsense",
    [
        {"connection_interval_max": 5},
        {"connection_interval_max": 3201},
        {"max_latency": 500},
        {"supervision_timeout": 9},
        {"max_latency": 99},
    ],
)
def test_parameters_outside_the_standard_are_refused(in_world, find, nonsense):
    async def scenario(world):
        host = world.stack.device.host
        created = await status_of(host, create_connection(**nonsense))
        async with bleak.BleakClient(await find()):
            handle = next(iter(host.connections))
            updated = await status_of(
                host,
                hci.HCI_LE_Connection_Update_Command(
                    **{
                        "connection_handle": handle, "connection_interval_min": 24,
                        "connection_interval_max": 24, "max_latency": 0, "supervision_timeout": 200,
                        "min_ce_length": 0, "max_ce_length": 0,
                    }
                    | nonsense
                ),
            )  # fmt: skip
        return created, updated

    assert in_world(scenario) == (ERROR.INVALID_COMMAND_PARAMETERS_ERROR,) * 2


def test_unknown_handles_are_refused(in_world):
    async def scenario(world):
        host = world.stack.device.host
        disconnect = await status_of(host, hci.HCI_Disconnect_Command(connection_handle=9, reason=0x13))
        update = await status_of(host, hci.HCI_LE_Connection_Update_Command(9, 24, 24, 0, 200, 0, 0))
        with pytest.raises(hci.HCI_Error) as caught:
            await host.send_sync_command(hci.HCI_Read_RSSI_Command(handle=9))
        return {disconnect, update, caught.value.error_code}

    assert in_world(scenario) == {ERROR.UNKNOWN_CONNECTION_IDENTIFIER_ERROR}


def test_the_rssi_of_a_link_can_be_read(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()):
            world.inject("rssi_drop", 0xAB000001, 12)
            connection = next(iter(world.stack.device.connections.values()))
            return await connection.get_rssi()

    assert in_world(scenario) == -67


def test_random_numbers_of_the_controller_repeat_with_the_seed(in_world):
    async def scenario(world):
        answers = [
            await world.stack.device.host.send_sync_command(hci.HCI_LE_Rand_Command()) for _ in range(2)
        ]
        return [answer.random_number for answer in answers]

    first = in_world(scenario, seed=5)
    assert first == in_world(scenario, seed=5)
    assert first[0] != first[1]
    assert first != in_world(scenario, seed=6)


def test_an_hci_reset_leaves_nothing_and_the_car_finds_out_by_its_timeout(in_world, find, echo_cars):
    async def scenario(world):
        loop = asyncio.get_running_loop()
        client = bleak.BleakClient(await find())
        await client.connect()
        reset_s = loop.time()
        await world.stack.device.host.send_sync_command(hci.HCI_Reset_Command())
        assert not world.adapter.controller.le_connections
        assert cars[0].connected
        await asyncio.sleep(5)
        return cars[0].log[-1][1] - reset_s

    cars = echo_cars()
    assert 1.9 < in_world(scenario, cars) <= 2.0


def test_the_duplicate_filter_lets_each_pdu_of_a_car_through_once(in_world):
    async def scenario(world):
        reports = []
        device = world.stack.device
        device.host.on("advertising_report", lambda report: reports.append(report.event_type))
        await device.start_scanning(legacy=True, active=True, filter_duplicates=True)
        await asyncio.sleep(2)
        await device.stop_scanning(legacy=True)
        return sorted(reports)

    kind = hci.HCI_LE_Advertising_Report_Event.EventType
    assert in_world(scenario) == [kind.ADV_IND, kind.SCAN_RSP]


def test_a_lazy_scanner_hears_its_share(in_world):
    async def scenario(world):
        reports = []
        device = world.stack.device
        device.host.on("advertising_report", reports.append)
        await device.start_scanning(legacy=True, active=False, scan_interval=100, scan_window=25)
        await asyncio.sleep(200)
        await device.stop_scanning(legacy=True)
        return len(reports) / world.air.statistics.adverts_sent

    assert in_world(scenario) == pytest.approx(0.25, abs=0.03)


def test_the_two_pdus_are_exactly_what_the_car_gives(in_world, echo_cars):
    async def scenario(world):
        reports = []
        await world.stack.start_scanning(reports.append, active=True)
        await asyncio.sleep(0.5)
        await world.stack.stop_scanning(reports.append)
        return reports

    cars = echo_cars()
    reports = in_world(scenario, cars)
    adverts = {report.data for report in reports if not report.is_scan_response}
    responses = {report.data for report in reports if report.is_scan_response}
    assert adverts == {cars[0].advertising_data()}
    assert len(adverts.pop()) == 31
    assert responses == {cars[0].scan_response(0)}
    assert AdvertisingData.from_bytes(responses.pop()).get(AdvertisingData.COMPLETE_LOCAL_NAME)


def test_only_adv_ind_goes_over_this_air(in_world):
    async def scenario(world):
        world.air.send_advertising_pdu(world.adapter.controller, ll.AdvNonConnInd(CAR, b""))
        return world.air.statistics.adverts_sent

    assert in_world(scenario) == 0


def test_a_controller_taken_away_falls_silent(in_world, find, echo_cars):
    async def scenario(world):
        lost = asyncio.Event()
        async with bleak.BleakClient(await find(), lambda _: lost.set()):
            peripheral = next(iter(world.peripherals.values()))
            world.air.remove_controller(peripheral.controller)
            await asyncio.wait_for(lost.wait(), 10)
        return await bleak.BleakScanner.discover(timeout=1.0)

    assert in_world(scenario) == []


def test_host_features_are_exchanged_over_the_air(in_world, find):
    async def scenario(world):
        async with bleak.BleakClient(await find()):
            connection = next(iter(world.stack.device.connections.values()))
            return await connection.get_remote_le_features()

    assert in_world(scenario) == hci.LeFeatureMask.LE_ENCRYPTION


def test_hci_can_be_captured_and_debugged(in_world, find, caplog):
    class Capture(Snooper):
        def __init__(self):
            self.packets = []

        def snoop(self, hci_packet, direction):
            self.packets.append((direction, hci_packet))

    capture = Capture()

    async def scenario(world):
        world.stack.device.host.snooper = capture
        async with bleak.BleakClient(await find()):
            pass
        with caplog.at_level(logging.DEBUG, "bumble.host"):
            async with bleak.BleakClient(await find()):
                pass

    in_world(scenario)
    assert {direction for direction, _ in capture.packets} == set(Snooper.Direction)
    assert "CONTROLLER" in caplog.text


def test_a_host_without_power_refuses_everything(in_world):
    async def scenario(world):
        world.inject("adapter_off")
        failures = []
        for work in (
            world.stack.start_scanning(print, active=True),
            world.stack.connect("D0:00:00:00:00:01", print),
        ):
            with pytest.raises(HostError) as caught:
                await work
            failures.append(caught.value.failure)
        await world.stack.stop_scanning(print)
        return failures, world.stack.is_powered

    assert in_world(scenario) == ([HostFailure.ADAPTER_OFF] * 2, False)


def test_two_connects_at_once_below_bleak_say_busy(in_world, echo_cars):
    async def scenario(world):
        first = asyncio.create_task(world.stack.connect("D0:00:00:00:00:01", lambda _: None))
        await asyncio.sleep(0.001)
        with pytest.raises(HostError) as caught:
            await world.stack.connect("D0:00:00:00:00:02", lambda _: None)
        link = await first
        await link.disconnect()
        return caught.value.failure

    assert in_world(scenario, echo_cars(2)) is HostFailure.BUSY


def test_hands_on_a_car_are_noticed_at_once(in_world, find, echo_cars):
    async def scenario(world):
        heard = []
        async with bleak.BleakClient(await find()) as client:
            await client.start_notify(13, lambda _, data: heard.append(data[1]))
            await asyncio.sleep(1)
            world.handle(0xAB000001, lambda car, now_s: car.written(b"\x01\x16", now_s))
            await asyncio.sleep(0.1)
        with pytest.raises(KeyError):
            world.handle(0x1, print)
        return heard

    assert in_world(scenario) == [0x3F, 0x17]


def test_a_device_with_a_public_address_is_reached_by_its_plain_address(in_world):
    async def scenario(world):
        controller = AirController("public", world.air, public_address="02:00:00:00:00:09/P")
        other = Device(
            name="other", address=hci.Address("C1:00:00:00:00:09"), host=Host(controller, controller)
        )
        await other.power_on()
        await other.start_advertising(own_address_type=hci.OwnAddressType.PUBLIC)
        async with bleak.BleakClient("02:00:00:00:00:09") as client:
            return client.is_connected, [service.uuid[4:8] for service in client.services]

    assert in_world(scenario) == (True, ["1800", "1801"])
