"""Lessons for guards and officers: the list, the one under way, and how it went.

A real office has none: every address is not found there.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from dashboard.training.contexts import LessonPage, LessonsPage
from dashboard.training.words import TrainingWords
from dashboard.web.auth import TraineeSession, check_form, office_of
from dashboard.web.rendering import renderer_of
from screening.accounts import Role
from screening.training.classroom import Attendance, Classroom, Stage
from screening.training.lessons import LESSONS, Lesson

router = APIRouter(prefix="/training", include_in_schema=False)


def classroom_of(request: Request, session: TraineeSession) -> Classroom:
    """Where lessons are taken; 404 in a real office."""
    classroom = office_of(request).training
    if classroom is None:
        raise HTTPException(404, "Lessons are taken in the demonstration.")
    return classroom


Room = Annotated[Classroom, Depends(classroom_of)]


def lesson_of(code: str, session: TraineeSession) -> Lesson:
    """The lesson of this address, where it is for who asks; 404 otherwise."""
    lesson = LESSONS.get(code)
    if lesson is None or session.role not in {lesson.role, Role.ADMINISTRATOR}:
        raise HTTPException(404, f"There is no lesson {code!r} here.")
    return lesson


@router.get("")
def show_lessons(request: Request, session: TraineeSession, classroom: Room) -> Response:
    """The lessons of whoever asks."""
    return _lessons(request, classroom)


@router.get("/now")
def show_lesson(request: Request, session: TraineeSession, classroom: Room) -> Response:
    """The lesson that this trainee takes, or how the last one went."""
    attendance = classroom.last_of(session.user)
    if attendance is None:
        return RedirectResponse("/training", 303)
    return _lesson(request, classroom, attendance)


@router.get("/said")
def tell(request: Request, session: TraineeSession, classroom: Room) -> Response:
    """What happens now in a line, for the ribbon of the trainee's pages."""
    attendance = classroom.last_of(session.user)
    words = "" if attendance is None else _words(request, classroom).said(attendance)
    return PlainTextResponse(words)


@router.post("/end", dependencies=[Depends(check_form)])
def end(session: TraineeSession, classroom: Room) -> Response:
    """The trainee stops."""
    classroom.leave(session.user)
    return RedirectResponse("/training", 303)


@router.post("/{code}", dependencies=[Depends(check_form)])
def begin(
    request: Request,
    session: TraineeSession,
    classroom: Room,
    lesson: Annotated[Lesson, Depends(lesson_of)],
) -> Response:
    """Begin, and go where the lesson is taken."""
    if not classroom.begin(lesson.code, session.user):
        notice = _words(request, classroom).busy(classroom.under_way())
        return _lessons(request, classroom, notice=notice, status=409)
    return RedirectResponse(_words(request, classroom).place(lesson.role), 303)


def _lessons(
    request: Request, classroom: Classroom, *, notice: str = "", status: int = 200
) -> Response:
    renderer = renderer_of(request)
    shell, words = renderer.shell(request), _words(request, classroom)
    last = classroom.last_of(shell.user or "")
    context = LessonsPage(
        shell=shell,
        last="" if last is None else words.title(last.progress.lesson),
        groups=words.groups(shell.role),
        notice=notice,
    )
    return renderer.page(request, "training/lessons.html", context, status=status)


def _lesson(request: Request, classroom: Classroom, attendance: Attendance) -> Response:
    renderer, words = renderer_of(request), _words(request, classroom)
    progress = attendance.progress
    is_over = attendance.stage is Stage.OVER
    context = LessonPage(
        shell=renderer.shell(request),
        code=progress.lesson.code,
        title=words.title(progress.lesson),
        stage=attendance.stage,
        said=words.said(attendance),
        place=words.place(progress.lesson.role),
        place_words=words.place_words(progress.lesson.role),
        result=words.result(progress.score) if is_over else "",
        is_passed=progress.score.is_passed,
        steps=tuple(
            words.row(one, attendance.person)
            for one in (progress.marks if is_over else progress.judged)
        ),
    )
    return renderer.page(request, "training/lesson.html", context)


def _words(request: Request, classroom: Classroom) -> TrainingWords:
    return TrainingWords(renderer_of(request).language(request), classroom)
