"""``gerbang mask collect``, ``tune`` and ``forget``: the mask check fitted to a site's camera."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    UsageError,
    answer,
    fail,
    iso,
    settings_for,
)
from dashboard.storage import make_folder
from drivers import building
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.readings import Box, MaskLabel
from screening.settings import Settings
from screening.vision import tuning
from screening.vision.annotations import read_picture
from screening.vision.check import MaskCheck
from screening.vision.collecting import Plan, collect
from screening.vision.last_layer import LastLayer
from screening.vision.masks import LABELS, MaskJudge, shipped_last_layer
from screening.vision.picture_folders import PictureFolders
from screening.vision.site_pictures import (
    PERSON,
    PERSON_WORDS,
    Consent,
    SitePicture,
    SitePictures,
)

CONSENT_WORDS = """\
PERSETUJUAN. Saya berusia 18 tahun ke atas dan setuju dengan sukarela: kantor ini mengambil gambar \
wajah saya dengan kamera pintu masuk dan menyimpannya hanya di komputer ini, hanya untuk menyetel \
pemeriksaan masker pada kamera ini, paling lama sampai {expires}. Sesudah penyetelan gambar \
dihapus; yang tersisa hanya angka-angka penyetelan. Saya dapat menarik persetujuan ini kapan saja \
tanpa akibat bagi saya, lalu gambar saya dihapus.
CONSENT. I am 18 or older and agree of my own free will: this office takes pictures of my face \
with the entrance camera and keeps them on this computer only, only to tune the mask check to this \
camera, until {expires} at the latest. After the tuning the pictures are deleted; only the tuned \
numbers remain. I may withdraw this at any time without any disadvantage, and my pictures are \
deleted."""
AGREED = frozenset({"ya", "yes"})
ON_PAPER = "on paper: "
# Added to the time that the pictures take by themselves: people have to put a mask on.
SPARE_S = 60.0

FolderArgument = Annotated[Path, typer.Argument(help="Folder that gerbang mask collect fills.")]
PersonOption = Annotated[
    str, typer.Option("--person", help="A code for the person; better than a name.")
]


def collect_pictures(
    folder: FolderArgument,
    person: PersonOption,
    label: Annotated[MaskLabel, typer.Option("--label", help="How the mask is worn.")],
    camera: Annotated[
        str | None,
        typer.Option("--camera", help="Camera index, rtsp:// address, video or folder."),
    ] = None,
    gate: Annotated[str | None, typer.Option("--gate", help="Take this gate's camera.")] = None,
    count: Annotated[int, typer.Option("--count", min=1, max=100, help="Pictures to take.")] = 20,
    every_s: Annotated[
        float, typer.Option("--every-s", min=0.2, max=60, help="Seconds between two pictures.")
    ] = 1.0,
    keep_days: Annotated[
        int, typer.Option("--keep-days", min=1, max=90, help="The consent ends after so many.")
    ] = 30,
    has_consent: Annotated[
        bool, typer.Option("--consent", help="The same words were signed on paper.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take pictures of one person who agrees to it, standing alone before the camera.

    First asks for consent on the terminal. The person turns the head a little between pictures.
    Stop the service first where it uses the same camera. What has expired is deleted, by
    gerbang serve with the same data folder too.

    Example: gerbang mask collect staff/ --person p01 --label incorrect --gate utama
    """
    if not PERSON.fullmatch(person):
        raise UsageError(f"--person takes {PERSON_WORDS}, not {person!r}")
    settings, clock = settings_for(data, config), SystemClock()
    source = _source(settings, camera, gate)
    now = clock.now()
    with SitePictures.open(folder, now=now, make=True) as pictures:
        _tell_expired(pictures)
        consent = pictures.consent_of(person)
        if consent is None:
            expires = now + timedelta(days=keep_days)
            words = CONSENT_WORDS.format(expires=iso(expires, settings.site.zone))
            consent = _consent(person, now, expires, words=words, is_on_paper=has_consent)
            pictures.agree(consent)
        else:
            fail(
                f"consent of {person} is in force until {iso(consent.expires, settings.site.zone)}"
            )
        make_folder(settings.data)
        PictureFolders(settings.data).remember(folder)

        def keep(pixels: NDArray[np.uint8], box: Box) -> None:
            pictures.add(pixels, box, label, person=person)

        device = building.camera(source=source, monotonic_s=clock.monotonic_s)
        check = MaskCheck()
        device.start(_ignore, _ignore)
        try:
            taken = collect(
                device,
                check,
                keep,
                plan=Plan(count, every_s, timeout_s=count * every_s + SPARE_S),
                clock=clock,
                tell=fail,
            )
        finally:
            device.close()
        values = {
            "person": person,
            "label": label.value,
            "asked": count,
            "taken": taken,
            "pictures": len(pictures.pictures),
            "expires": iso(consent.expires, settings.site.zone),
        }
    answer(
        values,
        f"{taken} of {count} pictures of {person}, {label.value}; {values['pictures']} in all",
        as_json=as_json,
    )
    if taken < count:
        raise typer.Exit(1)


def forget_person(
    folder: FolderArgument, person: PersonOption, as_json: JsonOption = False
) -> None:
    """Delete one person's pictures and consent, for instance because it was withdrawn.

    A layer that was tuned with the pictures before stays as it is: tune again without them.

    Example: gerbang mask forget staff/ --person p01
    """
    with SitePictures.open(folder, now=SystemClock().now()) as pictures:
        _tell_expired(pictures)
        deleted = 0 if person in pictures.expired else pictures.forget(person)
    answer(
        {"person": person, "deleted": deleted},
        f"{person}: {deleted} pictures and the consent are deleted",
        as_json=as_json,
    )


def tune_to_site(
    folder: FolderArgument,
    out: Annotated[Path, typer.Option("--out", help="File to write the tuned layer to.")],
    keep_pictures: Annotated[
        bool, typer.Option("--keep-pictures", help="Until their consents expire, to add to them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit the mask check's last layer to the collected pictures, and tell what that changes.

    The table is measured on persons left out of the fit. Where it got worse, or there are too few
    pictures, nothing is written (exit status 1). After the layer is written the pictures are
    deleted. A gate uses it through camera.mask_tuning.

    Example: gerbang mask tune staff/ --out mask-tuned.json
    """
    if not out.absolute().parent.is_dir():
        raise UsageError(f"{out.parent} is not a folder")
    shipped = shipped_last_layer()
    with SitePictures.open(folder, now=SystemClock().now()) as pictures:
        _tell_expired(pictures)
        result = tuning.fit(_faces(pictures.pictures), shipped)
        deleted = 0
        if result.is_better:
            result.layer.save(out)
            LastLayer.load(out, shipped=shipped)  # nothing is deleted for a file that is not right
            deleted = 0 if keep_pictures else pictures.delete_pictures()
    count = int(result.before.confusion.sum())
    values = {
        "pictures": count,
        "persons": result.persons,
        "strength": result.strength,
        "before": _figures(result.before),
        "after": _figures(result.after),
        "is_better": result.is_better,
        "out": str(out) if result.is_better else None,
        "deleted": deleted,
    }
    lines = [f"{count} pictures of {result.persons} persons", *_table(result)]
    if result.is_better:
        lines += [f"{out} is written, {deleted} pictures are deleted"]
    answer(values, "\n".join(lines), as_json=as_json)
    if not result.is_better:
        fail("tuning would not be better here: the shipped layer stays, the pictures are kept")
        raise typer.Exit(1)


def _source(settings: Settings, camera: str | None, gate: str | None) -> str:
    if camera is not None and gate is not None:
        raise UsageError("name --camera or --gate, not both")
    if camera:
        return camera
    configured = {one.name: one.camera for one in settings.gates if one.camera is not None}
    if gate is None and len(configured) == 1:
        gate = next(iter(configured))
    chosen = None if gate is None else configured.get(gate)
    if chosen is None:
        raise UsageError("name a --camera, or a --gate with a configured camera")
    return chosen.source


def _consent(
    person: str, now: datetime, expires: datetime, *, words: str, is_on_paper: bool
) -> Consent:
    """Asks on the terminal. Raises ScreeningError where the person does not agree."""
    if is_on_paper:
        return Consent(person, now, expires, ON_PAPER + words)
    print(f"\n{words}\n\n{person}: ketik / type  ya / yes: ", end="", file=sys.stderr, flush=True)
    given = "" if sys.stdin is None else sys.stdin.readline()
    if given.strip().lower() not in AGREED:
        raise ScreeningError(f"{person} did not agree: no picture was taken")
    return Consent(person, now, expires, words)


def _tell_expired(pictures: SitePictures) -> None:
    for person in pictures.expired:
        fail(f"the consent of {person} has expired: their pictures are deleted")


def _ignore(_: object) -> None:
    """Whoever takes pictures asks the camera itself."""


def _faces(pictures: tuple[SitePicture, ...]) -> tuning.Faces:
    judge = MaskJudge()
    features = [judge.features(read_picture(one.path), one.box) for one in pictures]
    return tuning.Faces(
        np.array(features, np.float64),
        np.array([LABELS.index(one.label) for one in pictures], np.int64),
        np.array([one.person for one in pictures], np.str_),
    )


def _figures(figures: tuning.Figures) -> Mapping[str, Any]:
    return {
        "recall": {label.value: figures.recall(label) for label in LABELS},
        "mean_recall": figures.mean_recall,
        "incorrect_as_mask": figures.passed_as_mask(MaskLabel.INCORRECT),
        "no_mask_as_mask": figures.passed_as_mask(MaskLabel.NO_MASK),
        "log_loss": figures.log_loss,
        "confusion": {
            label.value: dict(zip((one.value for one in LABELS), row, strict=True))
            for label, row in zip(LABELS, figures.confusion.tolist(), strict=True)
        },
    }


def _table(result: tuning.Tuning) -> list[str]:
    both = (result.before, result.after)
    rows = [["of persons left out", "before", "after"]]
    for label in LABELS:
        rows.append([f"{label.value} told as such", *(f"{one.recall(label):.1%}" for one in both)])
    rows.append(["mean of the three", *(f"{one.mean_recall:.1%}" for one in both)])
    for label in (MaskLabel.INCORRECT, MaskLabel.NO_MASK):
        passed = (str(one.passed_as_mask(label)) for one in both)
        rows.append([f"{label.value} passed as mask", *passed])
    rows.append(["log loss", *(f"{one.log_loss:.3f}" for one in both)])
    return [f"{name:<26}{before:>9}{after:>9}" for name, before, after in rows]
