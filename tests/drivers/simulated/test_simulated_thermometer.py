from __future__ import annotations

import pytest

from drivers.link import SerialLink
from drivers.simulated.thermometer import SimulatedThermometer
from drivers.thermometer import gy_mcu90640, modbus, optris, senxor
from drivers.thermometer.gy_mcu90614 import ONE_SHOT_QUESTION
from tests.drivers.support import PATIENCE_S


@pytest.mark.parametrize(
    ("model", "question", "answer"),
    [
        pytest.param("gy-mcu90640", gy_mcu90640.EMISSIVITY_QUESTION, "5A5A5F13", id="emissivity"),
        pytest.param("senxor", senxor.MODE_QUESTION, b"   #000ARREG02".hex(), id="register"),
        pytest.param("modbus", modbus.TYPE_QUESTION, "0103020016", id="kind"),
        pytest.param("optris", optris.SERIAL_COMMAND, "01E240", id="serial-number"),
        pytest.param("gy-mcu90614", ONE_SHOT_QUESTION, "5A5A4504", id="one-shot"),
    ],
)
def test_answers_the_question_by_which_it_can_be_identified(
    model: str, question: bytes, answer: str
) -> None:
    with SimulatedThermometer(model) as device:
        link = SerialLink(device.path, 9600, device="thermometer")
        link.open()
        link.write(question)
        heard = b""
        while bytes.fromhex(answer) not in heard:
            chunk = link.read_chunk(PATIENCE_S)
            assert chunk
            heard += chunk
        link.close()
