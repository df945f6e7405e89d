"""The fake is a bluetoothd as far as stock bleak can tell."""


def test_find_connect_talk_disconnect_and_again(on_fake):
    async def scenario(stand):
        frames = []
        for _ in range(2):
            car = await stand.find()
            link = await stand.radio.connect(car)
            link.on_frame(lambda received: frames.append(received.frame[1]))
            loss = await link.disconnect()
        return car.firmware, str(loss), frames

    firmware, loss, frames = on_fake(scenario)
    assert firmware == 0x2774
    assert loss == "disconnected by us"
    assert len(frames) >= 2
