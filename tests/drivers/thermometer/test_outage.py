"""Every model that is unplugged is unavailable, and comes back by itself."""

from __future__ import annotations

import pytest

from tests.drivers.thermometer.wired import ARRAYS, SPOTS, wire


@pytest.mark.parametrize("model", [*SPOTS, *ARRAYS])
def test_is_unavailable_while_unplugged_and_comes_back_by_itself(model: str) -> None:
    with wire(model) as wired:
        wired.heard.wait_available(True)
        wired.simulated.unplug()
        wired.heard.wait_available(False)
        wired.simulated.set_temperature(38.2, 26.0)
        wired.simulated.plug_in()
        wired.heard.wait_available(True, times=2)
        wired.wait_measured(38.2, 26.0)
        assert [told.available for told in wired.heard.availabilities] == [True, False, True]
