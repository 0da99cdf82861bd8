"""What the office says in its own words, on receipts, screens and pages of visitors."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.contexts import Field
from dashboard.admin.fact_words import OWN_WORDS, OWN_WORDS_EXAMPLES, OWN_WORDS_WHERE, FactWords
from dashboard.admin.own_words_contexts import WordsPage, WordsPlace
from dashboard.admin.problem_words import problem_words
from dashboard.admin.typed import Typed
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.office.changes import LONGEST_WORDS, NONE, with_words
from screening.office.facts import OfficeFacts, WordsAt

router = APIRouter(prefix="/admin/words", include_in_schema=False)


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """Every place, with the words of now."""
    return _page(request, {})


@router.post("", dependencies=[CHECKED_FORM])
def change(
    request: Request, session: AdminSession, typed: Typed, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Look over what was typed, or make it so."""
    say = renderer_of(request).language(request).say
    names = [name for where in WordsAt for name, _ in _names(request, where) if name in typed]
    words = {name: " ".join(typed.text(name).split()) for name in names}
    try:
        proposal = Proposal(
            edit=with_words({name: text or NONE for name, text in words.items()}),
            title=say(N_("Say it so?")),
            action="/admin/words",
            back="/admin/words",
            fields=words,
            notes=(say(N_("Pages and screens show it at once; what is printed stays as it is.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, words, error=error)


def _names(request: Request, where: WordsAt) -> list[tuple[str, str]]:
    """The fields of a place with the codes of their languages, the site's language first."""
    first = office_of(request).settings.site.language
    codes = sorted(renderer_of(request).languages, key=lambda code: (code != first, code))
    return [(f"{where}_{code}", code) for code in codes]


def _page(
    request: Request, typed: Mapping[str, str], *, error: OfficeError | None = None
) -> Response:
    renderer, facts = renderer_of(request), office_of(request).facts.current()
    words = FactWords(renderer.language(request), facts)
    context = WordsPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem_words(error, words) if error else ""),
        places=tuple(_place(request, words, where, facts, typed) for where in WordsAt),
        message=facts.message or "",
    )
    return renderer.page(request, "admin/words.html", context, status=422 if error else 200)


def _place(
    request: Request,
    words: FactWords,
    where: WordsAt,
    facts: OfficeFacts,
    typed: Mapping[str, str],
) -> WordsPlace:
    say, languages = words.language.say, renderer_of(request).languages
    texts, names = facts.words.get(where, {}), _names(request, where)
    return WordsPlace(
        kind=where.value,
        title=say(OWN_WORDS[where]),
        where=say(OWN_WORDS_WHERE[where]),
        example=say(OWN_WORDS_EXAMPLES[where]),
        default=say(N_("Thank you for coming")) if where is WordsAt.FAREWELL else "",
        preview=tuple((code, texts[code]) for _, code in names if code in texts),
        fields=tuple(
            Field(
                name=name,
                label=languages[code].name,
                value=typed.get(name, texts.get(code, "")),
                kind="area",
                most=LONGEST_WORDS[where],
            )
            for name, code in names
        ),
    )
