"""From labelled pictures to the shipped ONNX files: train the detector, the classifier, export."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from screening.studies.mask.training.pictures import load_pictures
from screening.studies.mask.training.plan import Plan


def main(arguments: list[str] | None = None) -> int:
    """Runs one stage; returns the process's exit code."""
    options = _parser().parse_args(arguments)
    if options.stage == "export":
        from screening.studies.mask.training.export import export_classifier, export_detector

        export = export_detector if options.network == "detector" else export_classifier
        export(options.checkpoint, options.onnx)
        print(f"{options.onnx}: {options.onnx.stat().st_size} bytes")
        return 0
    if options.stage == "quantise":
        from screening.studies.mask.training.quantise import quantise

        quantise(options.onnx, options.train, is_detector=options.network == "detector")
        print(f"{options.onnx}: {options.onnx.stat().st_size} bytes")
        return 0
    if options.stage == "calibrate":
        from screening.studies.mask.training.calibration import calibrate

        calibrate(options.train)
        return 0
    if options.stage == "report":
        from screening.studies.mask.training.report import report

        report(options.pictures, options.out)
        return 0
    if options.stage == "verdicts":
        from screening.studies.mask.training.verdicts import report_verdicts

        print(report_verdicts(options.pictures, only_choosing=options.choosing))
        return 0
    pictures = load_pictures(options.train, options.teacher)
    training = [picture for picture in pictures if not picture.is_for_choosing]
    choosing = [picture for picture in pictures if picture.is_for_choosing]
    print(f"{len(training)} pictures to train on, {len(choosing)} to choose with", flush=True)
    plan = Plan(
        steps=options.steps,
        learning_rate=options.learning_rate,
        validate_every=options.validate_every,
        threads=options.threads,
    )
    if options.stage == "detector":
        from screening.studies.mask.training.detector import train_detector as train_stage
    else:
        from screening.studies.mask.training.classifier import train_classifier

        train_stage = partial(train_classifier, pretrained=options.pretrained)
    train_stage(
        training, choosing, plan=plan, folder=options.work, batch=options.batch, seed=options.seed
    )
    from screening.studies.mask.training.loop import PROGRESS_FILE
    from screening.studies.mask.training.report import plot_progress

    plot_progress(options.work / PROGRESS_FILE, options.work / "curves.png")
    print(f"curves are in {options.work / 'curves.png'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m screening.studies.mask.training", description=__doc__
    )
    stages = parser.add_subparsers(dest="stage", required=True)
    for stage, steps, batch, rate in (
        ("detector", 9000, 32, 2e-3),
        ("classifier", 6000, 64, 1e-3),
    ):
        one = stages.add_parser(stage, help=f"train the {stage}; resumes from --work")
        one.add_argument("--train", type=Path, required=True, help="pictures and annotations.csv")
        one.add_argument("--work", type=Path, required=True, help="checkpoint and progress go here")
        one.add_argument("--teacher", type=Path, help="YuNet ONNX: ignore faces nobody labelled")
        one.add_argument("--steps", type=int, default=steps)
        one.add_argument("--batch", type=int, default=batch)
        one.add_argument("--learning-rate", type=float, default=rate)
        one.add_argument("--validate-every", type=int, default=500)
        one.add_argument("--threads", type=int, default=2)
        one.add_argument("--seed", type=int, default=1)
        if stage == "classifier":
            one.add_argument(
                "--pretrained", type=Path, help="EfficientNet-Lite0's weights, not the package's"
            )
    export = stages.add_parser("export", help="write the averaged weights as ONNX")
    export.add_argument("network", choices=("detector", "classifier"))
    export.add_argument("--checkpoint", type=Path, required=True)
    export.add_argument("--onnx", type=Path, required=True)
    quantise = stages.add_parser("quantise", help="make an exported network faster, in place")
    quantise.add_argument("network", choices=("detector", "classifier"))
    quantise.add_argument("--onnx", type=Path, required=True)
    quantise.add_argument("--train", type=Path, required=True, help="shows what layers see")
    calibrate = stages.add_parser("calibrate", help="choose the shipped models' constants")
    calibrate.add_argument(
        "--train", type=Path, required=True, help="its part for choosing is used"
    )
    report = stages.add_parser("report", help="tables and plots of the shipped models")
    report.add_argument("--pictures", type=Path, required=True, help="never trained or chosen on")
    report.add_argument("--out", type=Path, required=True, help="folder for tables and plots")
    verdicts = stages.add_parser("verdicts", help="the gate's verdicts on imitated visitors")
    verdicts.add_argument("--pictures", type=Path, required=True, help="annotated pictures")
    verdicts.add_argument(
        "--choosing", action="store_true", help="only the groups that no training sees"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
