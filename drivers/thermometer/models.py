"""The thermometers we speak with, by the name used in the configuration and on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from drivers.thermometer import (
    arduino_mlx90614,
    cjmcu_90614,
    gd60914,
    gy_614v3,
    gy_mcu90614,
    gy_mcu90640,
    modbus,
    optris,
    raytek_mi3,
    senxor,
    terabee_evo_thermal,
)
from drivers.thermometer.frames import (
    MLX90614_RANGE,
    Decoded,
    DecodedArray,
    DecodedTemperature,
    DeviceRange,
    TemperatureDecoder,
)
from screening.errors import SettingsError


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What makes a model an array: the pixels of its pictures and how it sends one."""

    rows: int
    columns: int
    encode: Callable[[DecodedArray], bytes]

    def encode_even(self, temperature: DecodedTemperature) -> bytes:
        """The picture of a wall that is as warm everywhere."""
        shape = (self.rows, self.columns)
        wall = np.full(shape, temperature.object_celsius, np.float32)
        return self.encode(DecodedArray(wall, temperature.ambient_celsius))


@dataclass(frozen=True, slots=True)
class ThermometerModel:
    """``silence_s`` is how long the line may be quiet before the device counts as lost.

    ``other_rates`` are those that it can be set to, as far as its description tells.

    ``picture`` is set for arrays only; their ``encode`` sends an even picture. A device that speaks
    only when spoken to is asked with ``poll_command`` every ``poll_every_s``; where it may have
    been set to talk by itself, it is listened to for ``listens_s`` first.
    """

    name: str
    decoder: Callable[[], TemperatureDecoder]
    encode: Callable[[DecodedTemperature], bytes]
    baud_rate: int
    start_command: bytes
    silence_s: float
    device_range: DeviceRange
    picture: PictureFormat | None = None
    poll_command: bytes = b""
    poll_every_s: float = 0.0
    listens_s: float = 0.0
    other_rates: tuple[int, ...] = ()

    @property
    def fastest_rate(self) -> int:
        """Of the rate as delivered and the others."""
        return max((self.baud_rate, *self.other_rates))


_GY_MCU90640 = PictureFormat(gy_mcu90640.ROWS, gy_mcu90640.COLUMNS, gy_mcu90640.encode)
_SENXOR = PictureFormat(senxor.ROWS, senxor.COLUMNS, senxor.encode)
_TERABEE = PictureFormat(
    terabee_evo_thermal.ROWS, terabee_evo_thermal.COLUMNS, terabee_evo_thermal.encode
)

_TENTHS_OF_A_KELVIN = DeviceRange(-273.15, 6280.35, -273.15, 6280.35)
"""What the words of the wire can carry, where no datasheet's range is known to us."""


def modbus_model(registers: modbus.RegisterMap) -> ThermometerModel:
    """A thermometer on Modbus RTU with these registers."""
    return ThermometerModel(
        name="modbus",
        decoder=lambda: modbus.ModbusDecoder(registers),
        encode=registers.answer,
        baud_rate=modbus.BAUD_RATE,
        start_command=b"",
        silence_s=2.0,
        device_range=registers.device_range,
        poll_command=registers.question,
        poll_every_s=0.2,  # it answers after 20 ms, and an answer takes as long at 9600 baud
    )


MODELS = MappingProxyType(
    {
        model.name: model
        for model in (
            ThermometerModel(
                name="gy-mcu90614",
                decoder=gy_mcu90614.GyMcu90614Decoder,
                encode=gy_mcu90614.encode,
                baud_rate=9600,
                start_command=gy_mcu90614.CONTINUOUS_COMMAND,
                silence_s=1.5,  # it sends ten frames a second
                device_range=MLX90614_RANGE,
                other_rates=(115200,),
            ),
            ThermometerModel(
                name="gy-mcu90615",  # the same frames, another rate as delivered
                decoder=gy_mcu90614.GyMcu90614Decoder,
                encode=gy_mcu90614.encode,
                baud_rate=115200,
                start_command=gy_mcu90614.CONTINUOUS_COMMAND,
                silence_s=1.5,
                device_range=MLX90614_RANGE,
                other_rates=(9600,),
            ),
            ThermometerModel(
                name="arduino-mlx90614",
                decoder=arduino_mlx90614.ArduinoMlx90614Decoder,
                encode=arduino_mlx90614.encode,
                baud_rate=9600,
                start_command=b"",
                # Two measurements a second, but opening the port restarts the board: its boot
                # loader waits about two seconds.
                silence_s=4.0,
                device_range=MLX90614_RANGE,
                other_rates=(115200,),  # the sketch sets it; many for an ESP set this
            ),
            ThermometerModel(
                name="gy-614v3",
                decoder=gy_614v3.Gy614V3Decoder,
                encode=gy_614v3.encode,
                baud_rate=9600,
                start_command=gy_614v3.CONTINUOUS_COMMAND,
                silence_s=3.0,  # it may be set to one frame a second
                device_range=MLX90614_RANGE,
                other_rates=gy_614v3.OTHER_RATES,
            ),
            ThermometerModel(
                name="cjmcu-90614",
                decoder=cjmcu_90614.Cjmcu90614Decoder,
                encode=cjmcu_90614.encode,
                baud_rate=115200,
                start_command=cjmcu_90614.CONTINUOUS_COMMAND,
                silence_s=2.5,  # its rate is not documented
                device_range=MLX90614_RANGE,
                other_rates=(9600, 57600),
            ),
            ThermometerModel(
                name="gd60914",
                decoder=gd60914.Gd60914Decoder,
                encode=gd60914.encode,
                baud_rate=9600,
                start_command=gd60914.SINGLE_MEASUREMENTS_COMMAND,
                silence_s=3.0,
                device_range=gd60914.RANGE,
                poll_command=gd60914.OBJECT_COMMAND,
                poll_every_s=0.5,  # how long a measurement takes is not documented
            ),
            ThermometerModel(
                name="optris",
                decoder=optris.OptrisDecoder,
                encode=optris.TENTHS.encode,
                baud_rate=115200,
                start_command=b"",
                silence_s=1.5,
                device_range=optris.RANGE,
                poll_command=optris.TARGET_COMMAND,
                poll_every_s=0.2,  # twice the time after which an answer is late
                other_rates=optris.OTHER_RATES,
            ),
            ThermometerModel(
                name="optris-hs",
                decoder=lambda: optris.OptrisDecoder(optris.HUNDREDTHS),
                encode=optris.HUNDREDTHS.encode,
                baud_rate=115200,
                start_command=b"",
                silence_s=1.5,
                device_range=optris.HIGH_RESOLUTION_RANGE,
                poll_command=optris.TARGET_COMMAND,
                poll_every_s=0.2,
                other_rates=optris.OTHER_RATES,
            ),
            ThermometerModel(
                name="optris-burst",
                decoder=optris.OptrisBurstDecoder,
                encode=optris.encode_burst,
                baud_rate=115200,
                start_command=b"",
                silence_s=1.5,  # how often it sends is not documented
                device_range=optris.RANGE,
                other_rates=optris.OTHER_RATES,
            ),
            ThermometerModel(
                name="raytek-mi3",
                decoder=raytek_mi3.RaytekMi3Decoder,
                encode=raytek_mi3.encode,
                baud_rate=9600,
                start_command=raytek_mi3.UNIT_QUESTION,
                silence_s=2.0,
                device_range=raytek_mi3.RANGE,
                poll_command=raytek_mi3.OBJECT_QUESTION,
                poll_every_s=0.25,
                listens_s=1.0,  # a question would end its burst
            ),
            modbus_model(modbus.MAPS[modbus.DEFAULT_MAP]),
            ThermometerModel(
                name="gy-mcu90640",
                decoder=gy_mcu90640.GyMcu90640Decoder,
                encode=_GY_MCU90640.encode_even,
                baud_rate=115200,
                start_command=gy_mcu90640.FOUR_A_SECOND_COMMAND + gy_mcu90640.CONTINUOUS_COMMAND,
                silence_s=2.5,  # also where it keeps to one picture a second
                device_range=DeviceRange(
                    gy_mcu90640.LOWEST_CELSIUS, gy_mcu90640.HIGHEST_CELSIUS, -40.0, 125.0
                ),
                picture=_GY_MCU90640,
                other_rates=(9600, 460800),
            ),
            ThermometerModel(
                name="senxor",
                decoder=senxor.SenXorDecoder,
                encode=_SENXOR.encode_even,
                baud_rate=115200,
                start_command=senxor.START_COMMAND,
                silence_s=2.5,
                device_range=_TENTHS_OF_A_KELVIN,
                picture=_SENXOR,
            ),
            ThermometerModel(
                name="terabee-evo-thermal",
                decoder=terabee_evo_thermal.TerabeeEvoThermalDecoder,
                encode=_TERABEE.encode_even,
                baud_rate=115200,
                start_command=terabee_evo_thermal.START_COMMAND,
                silence_s=2.5,
                device_range=_TENTHS_OF_A_KELVIN,
                picture=_TERABEE,
                other_rates=(460800,),  # of the UART backboard
            ),
        )
    }
)


def find_model(
    name: str, registers: modbus.RegisterMap | None = None, *, address: int | None = None
) -> ThermometerModel:
    """The model, at ``address`` of a shared line where one is given.

    Raises SettingsError naming the known models, or for ``registers`` or an ``address`` of a model
    that has none.
    """
    model = _named(name, registers)
    return model if address is None else _at_address(model, address)


def _at_address(model: ThermometerModel, address: int) -> ThermometerModel:
    allowed = _ADDRESSES.get(model.name)
    if allowed is None:
        raise SettingsError([f"an address is for {', '.join(_ADDRESSES)}, not for {model.name}"])
    if address not in allowed:
        raise SettingsError([f"{model.name} has addresses from {allowed[0]} to {allowed[-1]}"])
    if model.name != "raytek-mi3":
        return replace(model, poll_command=optris.at_address(address, model.poll_command))
    return replace(
        model,
        decoder=lambda: raytek_mi3.RaytekMi3Decoder(address),
        encode=lambda frame: raytek_mi3.at_address(address, raytek_mi3.encode(frame)),
        start_command=raytek_mi3.at_address(address, model.start_command),
        poll_command=raytek_mi3.at_address(address, model.poll_command),
    )


_ADDRESSES = MappingProxyType(
    {
        "optris": optris.ADDRESSES,
        "optris-hs": optris.ADDRESSES,
        "raytek-mi3": raytek_mi3.ADDRESSES,
    }
)


def _named(name: str, registers: modbus.RegisterMap | None) -> ThermometerModel:
    if registers is not None:
        if name != "modbus":
            raise SettingsError([f"a register map is for the model modbus, not for {name}"])
        return modbus_model(registers)
    try:
        return MODELS[name]
    except KeyError as error:
        known = ", ".join(MODELS)
        raise SettingsError([f"unknown thermometer model {name!r}; known: {known}"]) from error


def decode_stream(
    model: str, chunks: Iterable[bytes], registers: modbus.RegisterMap | None = None
) -> Iterator[dict[str, object]]:
    """One JSON object for each measurement or stretch of malformed bytes, when complete.

    Raises SettingsError for an unknown model.
    """
    return map(_as_json, _decode(find_model(model, registers).decoder(), chunks))


def _decode(decoder: TemperatureDecoder, chunks: Iterable[bytes]) -> Iterator[Decoded]:
    for chunk in chunks:
        yield from decoder.feed(chunk)
    yield from decoder.flush()


def _as_json(decoded: Decoded) -> dict[str, object]:
    if isinstance(decoded, DecodedTemperature):
        return {
            "kind": "reading",
            "object_celsius": decoded.object_celsius,
            "ambient_celsius": decoded.ambient_celsius,
        }
    if isinstance(decoded, DecodedArray):
        rows, columns = decoded.shape
        return {
            "kind": "reading",
            "rows": rows,
            "columns": columns,
            "min_celsius": decoded.coldest_celsius,
            "max_celsius": decoded.hottest_celsius,
            "ambient_celsius": decoded.ambient_celsius,
        }
    return {"kind": "malformed", "reason": decoded.reason.value, "bytes": decoded.raw.hex()}
