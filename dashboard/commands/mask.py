"""``gerbang mask``: judge pictures and measure the check on labelled ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.commands.mask_benchmark import benchmark
from dashboard.commands.mask_site import collect_pictures, forget_person, tune_to_site
from dashboard.commands.shared import JsonOption, UsageError, answer, fail
from screening.errors import ScreeningError
from screening.readings import FaceObservation
from screening.vision.annotations import read_picture
from screening.vision.check import MaskCheck
from screening.vision.last_layer import LastLayer
from screening.vision.masks import shipped_last_layer

app = typer.Typer(help="Judge pictures with the mask check.", no_args_is_help=True)
app.command()(benchmark)
app.command("collect")(collect_pictures)
app.command("tune")(tune_to_site)
app.command("forget")(forget_person)


@app.command("check")
def check_images(
    images: Annotated[list[Path], typer.Argument(help="Pictures to judge.")],
    as_json: JsonOption = False,
) -> None:
    """Find the faces of each picture and tell mask, no_mask or incorrect.

    Example: gerbang mask check visitor.jpg --json
    """
    if Path() in images:
        raise UsageError("name a picture")
    check = MaskCheck()
    unreadable = 0
    for path in images:
        try:
            pixels = read_picture(path)
        except ScreeningError as error:
            fail(str(error))
            unreadable += 1
            continue
        faces = check.check(pixels)
        answer(
            {"image": str(path), "faces": [_face(face) for face in faces]},
            _sentence(path, faces),
            as_json=as_json,
        )
    if unreadable:
        raise typer.Exit(1)


def _face(face: FaceObservation) -> dict[str, Any]:
    box = face.box
    return {
        "box": [round(value, 1) for value in (box.x, box.y, box.w, box.h)],
        "label": face.label.value,
        "confidence": round(face.confidence, 4),
    }


def _sentence(path: Path, faces: list[FaceObservation]) -> str:
    if not faces:
        return f"{path}: no face"
    told = ", ".join(f"{face.label.value} ({face.confidence:.0%})" for face in faces)
    return f"{path}: {told}"


@app.command("evaluate")
def evaluate_folder(
    folder: Annotated[Path, typer.Argument(help="Folder with pictures and annotations.csv.")],
    tuning: Annotated[
        Path | None, typer.Option("--tuning", help="What gerbang mask tune wrote, to measure it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the check on labelled pictures, end to end.

    Example: gerbang mask evaluate pictures/ --tuning mask-tuned.json --json
    """
    from screening.studies.mask.evaluation import evaluate

    layer = None if tuning is None else LastLayer.load(tuning, shipped=shipped_last_layer())
    result = evaluate(folder, MaskCheck(last_layer=layer)).to_json()
    answer(result, "\n".join(f"{key}: {value}" for key, value in result.items()), as_json=as_json)
