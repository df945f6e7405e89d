"""The host survives commands whose sender is gone before the answer comes."""

import asyncio

from bumble import hci

from rig.sim.air import Air, AirParameters
from rig.sim.controller import AirController
from rig.sim.quiet_host import QuietHost
from rig.virtual_time import run_virtual


def with_a_host(scenario):
    """Runs `scenario(host, complaints)` on a host that has been reset; returns what the loop complained of."""

    async def main():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        controller = AirController("c", Air(AirParameters(), 1))
        host = QuietHost(controller, controller)
        await host.reset()
        await scenario(host)
        return complaints

    return run_virtual(main)


def test_an_answer_to_a_cancelled_command_disturbs_nobody_and_the_next_command_works():
    answers = []

    async def scenario(host):
        for turns in range(4):
            asking = asyncio.ensure_future(host.send_command(hci.HCI_Read_BD_ADDR_Command()))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait({asking})
            answers.append(await host.send_command(hci.HCI_LE_Rand_Command(), response_timeout=1.0))

    assert with_a_host(scenario) == []
    assert {answer.command_opcode for answer in answers} == {hci.HCI_LE_RAND_COMMAND}
    assert len(answers) == 4


def test_a_late_answer_is_not_taken_for_the_answer_to_the_next_command():
    async def scenario(host):
        command = hci.HCI_Read_BD_ADDR_Command()
        late = hci.HCI_Command_Complete_Event(
            num_hci_command_packets=1,
            command_opcode=command.op_code,
            return_parameters=hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS),
        )
        asking = asyncio.ensure_future(host.send_command(hci.HCI_LE_Rand_Command(), response_timeout=1.0))
        while host.pending_command is None:
            await asyncio.sleep(0)
        host.on_hci_packet(late)
        assert (await asking).command_opcode == hci.HCI_LE_RAND_COMMAND

    assert with_a_host(scenario) == []


def test_an_answer_that_comes_just_after_the_cancellation_lets_no_second_command_go():
    async def scenario(host):
        first = hci.HCI_Read_BD_ADDR_Command()
        late = hci.HCI_Command_Complete_Event(
            num_hci_command_packets=1,
            command_opcode=first.op_code,
            return_parameters=hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS),
        )
        asking = [
            asyncio.ensure_future(host.send_command(command))
            for command in (first, hci.HCI_LE_Rand_Command(), hci.HCI_LE_Rand_Command())
        ]
        await asyncio.sleep(0)
        asking[0].cancel()
        asyncio.get_running_loop().call_soon(host.on_hci_packet, late)
        answers = await asyncio.gather(*asking[1:])
        assert [answer.command_opcode for answer in answers] == [hci.HCI_LE_RAND_COMMAND] * 2

    assert with_a_host(scenario) == []


def test_an_event_for_no_command_only_says_that_the_controller_takes_more():
    async def scenario(host):
        await host.command_semaphore.acquire()
        host.on_hci_packet(
            hci.HCI_Command_Status_Event(status=hci.HCI_SUCCESS, num_hci_command_packets=1, command_opcode=0)
        )
        await host.send_command(hci.HCI_LE_Rand_Command(), response_timeout=1.0)

    assert with_a_host(scenario) == []
