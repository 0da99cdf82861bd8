"""Jinja with the house rules: undefined names are errors and everything is escaped."""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import cache_from_source
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Any, cast
from xml.etree.ElementTree import fromstring, tostring
from zipfile import ZipFile

import tablericons
from babel.numbers import format_decimal
from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

from dashboard.web.auth import (
    current_session,
    form_token,
    keep_form_token,
    office_of,
    works_at_desk,
)
from dashboard.web.headers import is_private
from dashboard.web.language import LANGUAGE_COOKIE, Language, Languages
from dashboard.web.office import Office
from dashboard.web.section import Section
from dashboard.web.shell import Shell
from dashboard.web.spreadsheets import Sheet
from dashboard.web.sse import FORM_MARK
from dashboard.web.words import N_, ROLES
from screening.accounts import Role

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

TEMPLATES = Path(__file__).parent / "templates"
"""What all pages share."""
THEME_COOKIE = "gerbang_theme"
_SVG = "http://www.w3.org/2000/svg"
THEMES = ("auto", "light", "dark")


@pass_context
def _gettext(context: Context, message: str) -> str:
    return cast(Shell, context["shell"]).language.say(message)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int) -> str:
    return cast(Shell, context["shell"]).language.translations.ngettext(one, many, number)


@pass_context
def _whole(context: Context, number: int) -> str:
    return format_decimal(number, locale=cast(Shell, context["shell"]).language.locale)


@cache
def _icons() -> ZipFile:
    """All icons. Opening them takes longer than drawing a page, so they stay open."""
    return ZipFile(BytesIO(files(tablericons).joinpath("tablericons.zip").read_bytes()))


@cache
def _icon(name: str, size: int = 24) -> Markup:
    drawing = _icons().read(f"outline/{name}.svg").decode().replace(f' xmlns="{_SVG}"', "", 1)
    svg = fromstring(drawing)
    svg.attrib.update(
        {"width": str(size), "height": str(size), "aria-hidden": "true", "focusable": "false"}
    )
    return Markup(tostring(svg, encoding="unicode"))


class _Bytecode(FileSystemBytecodeCache):
    """Compiled templates beside Python's own bytecode, and kept where and when that is.

    To compile them takes longer than all else that an office does when it starts. A template is
    compiled anew when its text, Jinja or this module, which tells how, is another.
    """

    def __init__(self) -> None:
        super().__init__(str(Path(cache_from_source(__file__)).parent), "%s.template")
        self._how = version("jinja2") + Path(__file__).read_text("utf-8")

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(self._how + source)

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, UnpicklingError):  # a file that was cut or damaged
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):  # a folder in which this user may not write, or a full disk
                super().dump_bytecode(bucket)


class _SectionLoader(PrefixLoader):
    """Finds a section's templates, and leaves them the name by which they were asked for."""

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        return BaseLoader.load(self, environment, name, globals)


@cache
def make_environment(**sections: Path) -> Environment:
    """The environment in which every template is rendered, made and compiled into once.

    ``sections`` are folders of templates; those of ``guard=folder`` are asked for as
    ``guard/file.html``.
    """
    folders = {name: FileSystemLoader(folder) for name, folder in sections.items()}
    environment = Environment(
        loader=ChoiceLoader([_SectionLoader(folders), FileSystemLoader(TEMPLATES)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_Bytecode(),
    )
    environment.policies["ext.i18n.trimmed"] = True
    # Jinja adds this method when the extension is loaded, so its stubs do not know it.
    install: Callable[..., None] = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(_gettext, _ngettext, newstyle=True)
    environment.globals["icon"] = _icon
    environment.filters["whole"] = _whole
    return environment


class Renderer:
    """Turns a context into a page or a part of one."""

    def __init__(self, languages: Languages, sections: Sequence[Section]) -> None:
        self.languages = languages
        environment = make_environment(**{one.name: one.templates for one in sections})
        self._templates = Jinja2Templates(env=environment)
        _icons()
        for name in environment.list_templates(extensions=["html"]):
            environment.get_template(name)  # compiled now, so that no first page is a slow one

    def page(
        self,
        request: Request,
        template: str,
        context: DataclassInstance,
        *,
        status: int = 200,
        has_form: bool = True,
    ) -> Response:
        """A whole page; open forms get their cookie."""
        response = self._templates.TemplateResponse(
            request, template, _values(context), status_code=status
        )
        if has_form:
            keep_form_token(request, response)
        return response

    def part(self, template: str, context: DataclassInstance) -> str:
        """A part of a page as text, for a stream."""
        return self._templates.get_template(template).render(_values(context))

    def shell(self, request: Request) -> Shell:
        """What is around the page for this request."""
        office = office_of(request)
        language = self.language(request)
        session = current_session(request)
        role = session.role if session else None
        zone = office.settings.site.zone
        now = office.clock.now()
        facts = office.facts.current()
        return Shell(
            site=_site(office),
            language=language,
            languages=tuple((code, known.name) for code, known in self.languages.items()),
            theme=_theme(request),
            path="/" if is_private(request.url.path) else request.url.path,
            csrf_token=form_token(request),
            is_demo=office.is_demo,
            is_rehearsal=office.is_rehearsal,
            zone=zone,
            time=language.time(now, zone),
            day=language.day(now, zone),
            user=session.user if session else None,
            role=role,
            role_word=language.say(ROLES[role]) if role else "",
            sees_gates=role in {Role.GUARD, Role.ADMINISTRATOR},
            sees_room=role in {Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR},
            sees_desk=office.registrar is not None and works_at_desk(role, facts),
            titles=facts.gate_titles,
            can_practise=office.training is not None and role in _PRACTISING,
            trainee=_trainee(office),
        )

    def shared_shell(self, request: Request) -> Shell:
        """The same for a part of a page that many look at: of a language and a role, of no person.

        ``FORM_MARK`` stands where each reader's own form token belongs.
        """
        return replace(
            self.shell(request), csrf_token=FORM_MARK, user=None, theme=THEMES[0], path=""
        )

    def private_shell(self, request: Request) -> Shell:
        """The same for a page whose address is a secret, and which takes choices itself."""
        return replace(self.shell(request), path="")

    def look(self, request: Request) -> tuple[str, ...]:
        """All that is around a page which tells no address and no time, for whoever is no user."""
        office = office_of(request)
        return self.language(request).code, _theme(request), _site(office), _trainee(office)

    def language(self, request: Request) -> Language:
        """The language chosen for this page or by cookie, the site's otherwise."""
        wanted = getattr(request.state, "language", None) or request.cookies.get(LANGUAGE_COOKIE)
        return self.languages.choose(wanted, office_of(request).settings.site.language)


def renderer_of(request: Request) -> Renderer:
    """The application's renderer."""
    renderer: Renderer = request.app.state.renderer
    return renderer


_PRACTISING = frozenset({Role.GUARD, Role.OFFICER, Role.ADMINISTRATOR})


def _theme(request: Request) -> str:
    theme = request.cookies.get(THEME_COOKIE, THEMES[0])
    return theme if theme in THEMES else THEMES[0]


def _site(office: Office) -> str:
    """What people call it."""
    return office.facts.current().name or office.settings.site.name


def _trainee(office: Office) -> str:
    """Who takes a lesson now."""
    lesson = None if office.training is None else office.training.under_way()
    return "" if lesson is None else lesson.trainee


def _values(context: DataclassInstance) -> dict[str, Any]:
    return {field.name: getattr(context, field.name) for field in fields(context)}


def simulation_note(request: Request) -> str:
    """What a file that is taken away says of where it is from; empty for a real office."""
    office, say = office_of(request), renderer_of(request).language(request).say
    if office.is_demo:
        return say(N_("Demo: the devices and visitors are simulated."))
    if office.is_rehearsal:
        return say(N_("Rehearsal: the devices are simulated, and nothing is kept."))
    return ""


def note_sheets(request: Request) -> tuple[Sheet, ...]:
    """A workbook's first sheet where its figures are simulated; none for a real office."""
    note, say = simulation_note(request), renderer_of(request).language(request).say
    return (Sheet(say(N_("Simulated")), (note,), ()),) if note else ()


def export_answer(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """Figures or rows as a file; its name says so where they are simulated."""
    mark = "simulated-" if simulation_note(request) else ""
    return file_answer(content, media_type, f"{mark}{name}")


def file_answer(content: bytes | str, media_type: str, name: str) -> Response:
    """A file for the browser to keep under this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
