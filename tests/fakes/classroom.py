"""A classroom in which nothing happens by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from screening.training.classroom import Attendance, Stage
from screening.training.judging import Progress
from screening.training.lessons import LESSONS


@dataclass
class FakeClassroom:
    """Keeps what was asked of it; a lesson is where a test puts it."""

    gate: str = "utama"
    counter: str = "3"
    pause_s: float = 300.0
    attendance: Attendance | None = None
    last: dict[str, Attendance] = field(default_factory=dict)

    def begin(self, code: str, trainee: str) -> bool:
        if self.attendance is not None and self.attendance.trainee != trainee:
            return False
        self.put(trainee, Progress(lesson=LESSONS[code]), Stage.PREPARED)
        return True

    def put(self, trainee: str, progress: Progress, stage: Stage) -> None:
        found = Attendance(
            trainee=trainee, progress=progress, stage=stage, person="Siti <b>Aminah</b>"
        )
        self.last[trainee] = found
        self.attendance = None if stage is Stage.OVER else found

    def leave(self, trainee: str) -> None:
        self.attendance = None
        self.last.pop(trainee, None)

    def under_way(self) -> Attendance | None:
        return self.attendance

    def last_of(self, trainee: str) -> Attendance | None:
        return self.last.get(trainee)
