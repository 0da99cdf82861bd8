"""The configuration: ``gerbang.toml`` and ``GERBANG_`` environment variables, read once at start.

A key is written ``[policy] first_threshold_celsius = 37.3`` in the file and
``GERBANG_POLICY__FIRST_THRESHOLD_CELSIUS=37.3`` in the environment, which wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from screening.decision import Check
from screening.errors import SettingsError
from screening.settings_words import problems_in_words, read_toml
from screening.temperature.distance import DistanceTable

ThermometerModelName = Literal[
    "gy-mcu90614",
    "gy-mcu90615",
    "arduino-mlx90614",
    "gy-mcu90640",
    "senxor",
    "terabee-evo-thermal",
    "gy-614v3",
    "cjmcu-90614",
    "gd60914",
    "optris",
    "optris-hs",
    "optris-burst",
    "raytek-mi3",
    "modbus",
]
ArrayModel = Literal["gy-mcu90640", "senxor", "terabee-evo-thermal"]
"""Those of the above that see a picture."""

ScannerModel = Literal["gm65", "keyboard"]
PeopleCounterModel = Literal["beam-lines"]
BarrierModel = Literal["lcus-1", "modbus-relay"]


_ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


class Part(BaseModel):
    """A frozen section of the configuration; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _is_meant_as_a_number(cls, value: object, info: ValidationInfo) -> object:
        """1.000 would be 1, and true too: both are slips of the pen."""
        kinds = _kinds(cls.model_fields[info.field_name or ""].annotation)
        if isinstance(value, bool) and bool not in kinds and {int, float} & kinds:
            raise ValueError("a number is needed")
        if isinstance(value, float) and int in kinds and float not in kinds:
            raise ValueError("a whole number is needed, without a point (1000, never 1.000)")
        return value


def _kinds(annotation: Any) -> set[Any]:
    inner = get_args(annotation)
    return set().union(*map(_kinds, inner)) if inner else {annotation}


class SiteSettings(Part):
    code: str = Field(
        "BGR",
        pattern=r"^[A-Z0-9]{2,8}$",
        description="Short code of the office, printed in receipts",
    )
    name: str = Field("Disdukcapil Kota Bogor", description="Name shown on pages")
    timezone: str = Field("Asia/Jakarta", description="Zone in which a day begins and ends")
    language: str = Field("id", description="Language of pages until a user chooses")

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in available_timezones():
            near = _ZONES.get(value.upper()) or next(
                (zone for zone in sorted(available_timezones()) if zone.endswith(f"/{value}")), None
            )
            meant = f"; did you mean {near}?" if near else ""
            raise ValueError(f"unknown time zone {value!r}{meant}")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)


class PolicySettings(Part):
    preset: Literal["kmk-382", "who", "cdc", "two-stage", "own"] = Field(
        "kmk-382", description="Named thresholds; own uses the values below"
    )
    first_threshold_celsius: float = Field(
        37.3, ge=34, le=42, description="Above this a second reading is asked for (preset own)"
    )
    second_threshold_celsius: float = Field(
        37.3, ge=34, le=42, description="Above this at the second reading: refer (preset own)"
    )
    pause_s: float = Field(
        300, ge=0, le=3600, description="Pause before the second reading (preset own)"
    )
    offset_celsius: float | None = Field(
        None,
        ge=-5,
        le=5,
        description="Constant skin-to-reference offset of gates without a commissioning;"
        " with neither a gate is manual",
    )
    second_offset_celsius: float | None = Field(
        None,
        ge=-1,
        le=1,
        description="Added to a second reading besides; a rested face reads higher. A commissioned"
        " gate takes the published one when not given",
    )
    checks: tuple[Check, ...] = Field(
        (Check.RECEIPT, Check.HANDS, Check.TEMPERATURE, Check.MASK),
        description="What a gate asks for in an outbreak; a first value, gerbang office changes it",
    )

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.second_threshold_celsius < self.first_threshold_celsius:
            raise ValueError("second_threshold_celsius is below first_threshold_celsius")
        return self


_NUMBERED_PORT = re.compile(r"/dev/tty(?:USB|ACM)\d+")
_COLONS_WITH_SERIAL = 2
"""In ``vid:pid:serial``."""


class ThermometerSettings(Part):
    model: ThermometerModelName = Field(
        description="A model of docs/devices.md, such as gy-mcu90614"
    )
    port: str | None = Field(
        None, description="Serial port such as /dev/ttyUSB0 or /dev/serial/by-path/..."
    )
    usb: str | None = Field(
        None, description="USB identity vid:pid[:serial], found again when the port's name changes"
    )
    baud_rate: int | None = Field(
        None, description="Only where the module was set to another rate than its default"
    )
    register_map: str | None = Field(
        None,
        description="For modbus: a known register map, or a TOML file that holds the site's own",
    )
    address: int | None = Field(
        None, ge=1, le=79, description="For optris and raytek-mi3: its address on RS-485"
    )
    is_checked_daily: bool = Field(
        True, description="Say every day that the thermometer is to be checked, until it was"
    )
    keeps_power: bool = Field(
        False,
        description="It has power also while the service is stopped: warm when the service starts",
    )
    room_celsius: float | None = Field(
        None,
        ge=10,
        le=40,
        description="What the room usually has; a check of the day tells it better",
    )
    face_mapping: tuple[float, float, float, float, float, float] | None = Field(
        None,
        description="For an array: where the camera's face is in it, six numbers from the gate's"
        " thermal page",
    )
    face_fills_picture_cm: float | None = Field(
        None,
        description="For distance_table: how far away a face is as wide as the camera's picture;"
        " any distance in cm times the share of the width that a face takes there",
    )
    distance_table: tuple[tuple[float, float], ...] | None = Field(
        None,
        description="Pairs of distance in cm and degC to add there, 0 where the offset was found;"
        " a commissioning's own table wins",
    )

    @model_validator(mode="after")
    def _only_modbus_has_registers(self) -> Self:
        if self.register_map is not None and self.model != "modbus":
            raise ValueError("register_map is for the model modbus")
        return self

    @model_validator(mode="after")
    def _only_an_array_has_a_mapping(self) -> Self:
        if self.face_mapping is None:
            return self
        if self.model not in get_args(ArrayModel):
            raise ValueError(f"face_mapping is for {', '.join(get_args(ArrayModel))}")
        a, b, _, d, e, _ = self.face_mapping
        if not all(isfinite(number) for number in self.face_mapping) or a * e == b * d:
            raise ValueError("face_mapping maps to no plane; take it from the gate's thermal page")
        return self

    @model_validator(mode="after")
    def _has_a_whole_table(self) -> Self:
        if (self.face_fills_picture_cm is None) != (self.distance_table is None):
            raise ValueError("face_fills_picture_cm and distance_table go together")
        _ = self.distances  # ValueError tells what is wrong with it
        return self

    @property
    def may_be_another(self) -> bool:
        """Whether its port's name may lead to another device of its kind after a start."""
        is_numbered = self.port is not None and _NUMBERED_PORT.fullmatch(self.port) is not None
        has_serial = self.usb is not None and self.usb.count(":") == _COLONS_WITH_SERIAL
        return is_numbered and not has_serial

    @property
    def distances(self) -> DistanceTable | None:
        """The table that this site gave."""
        if self.face_fills_picture_cm is None or self.distance_table is None:
            return None
        return DistanceTable.of_points(self.face_fills_picture_cm, self.distance_table)


class ScannerSettings(Part):
    model: ScannerModel = Field(
        description="gm65 (serial) or keyboard (types into the guard's page)"
    )
    port: str | None = Field(None, description="Serial port")
    usb: str | None = Field(None, description="USB identity vid:pid[:serial]")


class BarrierSettings(Part):
    model: BarrierModel = Field(description="lcus-1 or modbus-relay")
    port: str | None = Field(None, description="Serial port")
    usb: str | None = Field(None, description="USB identity vid:pid[:serial]")
    channel: int = Field(1, ge=1, le=8, description="Relay channel, from 1")
    unit: int = Field(1, ge=1, le=247, description="Modbus unit id (modbus-relay only)")
    pulse_s: float = Field(0.7, ge=0.1, le=10, description="Length of the opening pulse")


class PeopleCounterSettings(Part):
    model: PeopleCounterModel = Field(description="beam-lines: totals as sealed lines")
    port: str | None = Field(None, description="Serial port")
    usb: str | None = Field(None, description="USB identity vid:pid[:serial]")
    is_reversed: bool = Field(False, description="Mounted so that it takes in for out")


class CameraSettings(Part):
    source: str = Field(
        description="Camera index, rtsp:// address, video file or a folder of pictures"
    )
    mask_tuning: Path | None = Field(
        None, description="What gerbang mask tune wrote for this camera"
    )


class GateSettings(Part):
    name: str = Field(
        pattern=r"^[a-z0-9-]{1,24}$", description="Name of the gate, as in its page's address"
    )
    checks: tuple[Check, ...] | None = Field(
        None,
        description="Own checks of this gate in both modes, else the mode's; a first value, gerbang"
        " gate set changes it",
    )
    thermometer: ThermometerSettings | None = Field(None, description="Serial infrared thermometer")
    camera: CameraSettings | None = Field(
        None, description="Camera for the mask check and receipts"
    )
    scanner: ScannerSettings | None = Field(None, description="Receipt scanner")
    barrier: BarrierSettings | None = Field(None, description="Barrier relay")
    people_counter: PeopleCounterSettings | None = Field(
        None, description="Counter of people who go in and out; it tells how many, not who"
    )

    @model_validator(mode="after")
    def _sees_distances(self) -> Self:
        thermometer = self.thermometer
        has_table = thermometer is not None and thermometer.distance_table is not None
        if has_table and self.camera is None:
            raise ValueError("distance_table needs a camera: it tells how far away a face is")
        return self


class RoomSettings(Part):
    rows: int = Field(6, ge=1, le=40, description="Rows of seats; as all of room a first value")
    columns: int = Field(10, ge=1, le=40, description="Seats a row")
    sealed: Literal["none", "checkerboard", "columns"] = Field(
        "checkerboard", description="Which seats are sealed to keep distance"
    )
    capacity: int | None = Field(
        None, ge=1, description="People inside at most; the number of open seats when not given"
    )
    daily_quota: int | None = Field(
        None,
        ge=1,
        description="Visits a day at most (the office of 2020 had 350); no limit by default",
    )


class RetentionSettings(Part):
    readings_days: int = Field(
        0,
        ge=0,
        le=3650,
        description="Days that a visit keeps its degrees; 0: measure, decide, forget; as all of"
        " retention a first value, gerbang office changes it",
    )
    names_days: int = Field(
        30, ge=0, le=3650, description="Days that rows and receipts keep the holder's short name"
    )
    remarks_days: int = Field(365, ge=0, le=3650, description="Days that rows keep remarks")
    reports_days: int = Field(
        7,
        ge=0,
        le=3650,
        description="Days that a commissioning's report with the staff's degrees is kept",
    )


class BackupSettings(Part):
    folder: Path | None = Field(
        None,
        description="Where a backup is made every day, best on another disk or machine; none by"
        " default",
    )
    dumps: Path | None = Field(
        None,
        description="For PostgreSQL: where your pg_dump writes; told when its newest file is old",
    )
    kept: int = Field(14, ge=1, le=1000, description="Daily backups that are kept, the newest ones")
    passphrase_file: Path | None = Field(
        None, description="File whose first line is the passphrase of backups"
    )
    passphrase: SecretStr | None = Field(
        None, description="The passphrase itself, for the environment: GERBANG_BACKUP__PASSPHRASE"
    )

    @model_validator(mode="after")
    def _can_seal(self) -> Self:
        if self.folder and not (self.passphrase_file or self.passphrase):
            raise ValueError("folder needs passphrase_file: backups are sealed with a passphrase")
        return self


_MAIL_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,255}")
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class AlertSettings(Part):
    mail_to: tuple[str, ...] = Field(
        (), description="E-mail addresses that are told what needs somebody; none by default"
    )
    mail_from: str | None = Field(
        None, description="Sender of these mails; the first of mail_to when not given"
    )
    mail_host: str | None = Field(None, description="The mail server that takes them")
    mail_port: int = Field(587, ge=1, le=65535, description="Its port")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way to it is sealed: starttls, tls (port 465), or none"
    )
    mail_user: str | None = Field(None, description="Log-in at the mail server, where it asks")
    mail_password_file: Path | None = Field(
        None, description="File whose first line is the password of that log-in"
    )
    mail_password: SecretStr | None = Field(
        None, description="The password itself, for the environment: GERBANG_ALERTS__MAIL_PASSWORD"
    )
    hook_url: SecretStr | None = Field(
        None, description="Address of another system that is told the same, by HTTP POST of JSON"
    )
    hook_secret_file: Path | None = Field(
        None, description="File whose first line is the secret that signs what is sent there"
    )
    hook_secret: SecretStr | None = Field(
        None, description="The secret itself, for the environment: GERBANG_ALERTS__HOOK_SECRET"
    )

    @field_validator("mail_to", "mail_from")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...] | str | None) -> tuple[str, ...] | str | None:
        for address in (value,) if isinstance(value, str) else value or ():
            if _MAIL_ADDRESS.fullmatch(address) is None:
                raise ValueError(f"{address!r} is no e-mail address")
        return value

    @field_validator("hook_url")
    @classmethod
    def _is_a_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())  # ValueError where it is no address at all
            _ = parts.port
            if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
                raise ValueError("write it as https://name/path")
        return value

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.mail_to and self.mail_host is None:
            raise ValueError("mail_to needs mail_host, the server that takes the mails")
        if self.mail_user and not (self.mail_password_file or self.mail_password):
            raise ValueError("mail_user needs mail_password_file")
        if self.mail_user and self.mail_security == "none" and self.mail_host not in _THIS_MACHINE:
            raise ValueError("mail_security none would send the password in clear")
        if self.hook_url and not (self.hook_secret_file or self.hook_secret):
            raise ValueError("hook_url needs hook_secret_file: what is sent there is signed")
        return self


class WebSettings(Part):
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    tls_certificate: Path | None = Field(None, description="The site's certificate chain (PEM)")
    tls_key: Path | None = Field(None, description="Its private key (PEM)")
    public_url: str | None = Field(
        None,
        description="Address under which others reach this process, such as"
        " https://gate.example:8443; told to whoever asks another process for its gates, and the"
        " beginning of receipts' links; passkeys work there alone",
    )
    proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (),
        description="Addresses of proxies in front, such as 127.0.0.1 or 10.0.0.0/24; only they are"
        " believed whom they speak for (X-Forwarded-For, -Proto)",
    )
    session_hours: float = Field(12, gt=0, le=72, description="A log-in ends after this many hours")

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)  # ValueError where it is no address at all
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError("write it as https://name or https://name:port")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("pages lie at the root: write it without a path")
        _ = parts.port  # ValueError where it is none
        return f"{parts.scheme}://{parts.netloc}"

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self


_ENCODED = (
    "cannot be read as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE; signs such as @ / : # ? %"
    " in the password are written percent-encoded: @ as %40, / as %2F, : as %3A, # as %23, ? as"
    " %3F, % as %25"
)
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _is_one_address(url: str) -> bool:
    """Whether user, password and host can be told apart."""
    scheme, found, rest = url.partition("://")
    if not found or not scheme:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError where it is none
    except ValueError:
        return False
    # All that stands before the host belongs to the user, so an @ behind it is a password's.
    is_one = rest.count("@") == parts.netloc.count("@") <= 1
    return is_one and not _PERCENT.search(parts.netloc)


class Settings(BaseSettings):
    """All of it. Tests build it from keywords; only the command line reads files."""

    model_config = SettingsConfigDict(
        env_prefix="GERBANG_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data: Path = Field(
        Path("gerbang-data"), description="Folder of the embedded database and the keys"
    )
    database_url: SecretStr | None = Field(
        None, description="postgresql+psycopg://... instead of the embedded SQLite"
    )
    site: SiteSettings = Field(default_factory=SiteSettings, description="The office")
    policy: PolicySettings = Field(
        default_factory=PolicySettings, description="What a visitor must show"
    )
    room: RoomSettings = Field(default_factory=RoomSettings, description="The waiting room")
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings, description="When what belongs to people is erased"
    )
    backup: BackupSettings = Field(default_factory=BackupSettings, description="Daily backups")
    alerts: AlertSettings = Field(
        default_factory=AlertSettings, description="Who is told what needs somebody, besides pages"
    )
    web: WebSettings = Field(default_factory=WebSettings, description="The web server")
    gates: Annotated[
        tuple[GateSettings, ...], Field(description="The gates and their devices")
    ] = ()
    _file: Path | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """The configuration file that was read, None where there was none."""
        return self._file

    @field_validator("database_url")
    @classmethod
    def _is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        # What the database's own library says of a misread address may hold half a password.
        if value is not None and not _is_one_address(value.get_secret_value()):
            raise ValueError(_ENCODED)
        return value

    @property
    def wires_health_checks(self) -> bool:
        """Whether a thermometer is wired, or a camera at a gate that looks at masks."""
        return any(
            gate.thermometer is not None
            or (gate.camera is not None and Check.MASK in self.first_checks(gate))
            for gate in self.gates
        )

    def first_checks(self, gate: GateSettings) -> tuple[Check, ...]:
        """What this file asks for at a gate in an outbreak."""
        return self.policy.checks if gate.checks is None else gate.checks

    def gates_without_offset(
        self, checks_of: Callable[[str], Collection[Check]]
    ) -> list[GateSettings]:
        """Those that measure and have to be commissioned first: nobody stated an offset.

        ``checks_of`` tells what a gate asks for.
        """
        return [
            gate
            for gate in self.gates
            if self.policy.offset_celsius is None
            and gate.thermometer is not None
            and Check.TEMPERATURE in checks_of(gate.name)
        ]

    @property
    def gates_that_may_swap(self) -> list[GateSettings]:
        """Those whose thermometers may stand for each other after a start, offset and all.

        Of one model, on ports that the system numbers in the order of finding them.
        """
        numbered: dict[str, list[GateSettings]] = {}
        for gate in self.gates:
            if gate.thermometer is not None and gate.thermometer.may_be_another:
                numbered.setdefault(gate.thermometer.model, []).append(gate)
        return [gate for same in numbered.values() if len(same) > 1 for gate in same]

    @model_validator(mode="after")
    def _gate_names_differ(self) -> Self:
        names = [gate.name for gate in self.gates]
        if len(names) != len(set(names)):
            raise ValueError("two gates have the same name")
        return self


def load_settings(
    file: Path | None, *, languages: Collection[str] | None = None, **overrides: Any
) -> Settings:
    """Read ``file`` (may be absent when None), the environment and ``overrides`` (they win).

    ``languages`` are those that pages can be in; any will do when None. Raises SettingsError
    listing every problem at once.
    """
    if file is not None and not file.is_file():
        raise SettingsError([f"{file}: no such configuration file"])
    filed = {} if file is None else read_toml(file)

    class FileSettings(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, filed)

        @field_validator("site")
        @classmethod
        def _language_is_known(cls, site: SiteSettings) -> SiteSettings:
            if languages is not None and site.language not in languages:
                known = ", ".join(languages)
                raise ValueError(f"unknown language {site.language!r}; there are {known}")
            return site

    try:
        settings = FileSettings(**overrides)
        settings._file = file
    except ValidationError as error:
        given = {**filed, **overrides}
        raise SettingsError(problems_in_words(error.errors(), Settings, given)) from error
    except ValueError as error:  # a variable of the environment that is no JSON where it must be
        raise SettingsError([f"the environment: {error}"]) from error
    else:
        return settings


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One key of the configuration, as the documentation tells it."""

    key: str
    default: str
    description: str


def describe_settings(
    part: type[BaseModel] = Settings, prefix: str = ""
) -> list[SettingDescription]:
    """Every key in order; ``gates[].`` marks the keys of a gate."""
    found = []
    for name, field in part.model_fields.items():
        nested = _nested(field.annotation)
        if nested is None:
            default = "required" if field.is_required() else _shown(field.default)
            found.append(SettingDescription(prefix + name, default, field.description or ""))
        else:
            is_list = str(field.annotation).startswith("tuple")
            found += describe_settings(nested, f"{prefix}{name}{'[]' if is_list else ''}.")
    return found


def _nested(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Part):
            return candidate
    return None


def _shown(default: Any) -> str:
    if default is None:
        return "-"
    if isinstance(default, tuple):
        return ", ".join(str(item) for item in default)
    return str(default)
