"""Renders pages from templates, in the visitor's language, with what all pages share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from correspondence.catalogue import catalogue, languages, spoken_language
from operations.access.tokens import new_token
from operations.visitors.roles import Role
from portal.access.guard import serving_of
from portal.http.cookies import FORM_COOKIE, LANGUAGE_COOKIE, cookie_of, set_cookie
from portal.http.problems import Problem, asked_by_program, problem_document
from portal.http.static import static_path
from portal.pages.menu import menu_of
from reports.building_account.findings import finding_lines

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from operations.visitors.roles import Visitor


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {"static_path": static_path, "finding_lines": finding_lines}
    return made


def language_of(request: Request) -> str:
    """Return the language of a page: the chosen one, else the person's, else the browser's."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    accepted = request.headers.get("accept-language", "").split(",")
    wishes = [each.split(";")[0].strip()[:2].lower() for each in accepted]
    own = visitor.language if visitor else None
    return spoken_language(cookie_of(request, LANGUAGE_COOKIE), own, *wishes)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
    """
    Return a page.

    Parameters
    ----------
    request : Request
    template : str
        In ``portal/templates``; it extends ``base.html``.
    status : int, optional
    **values
        That the template uses beside ``words`` (the catalogue), ``visitor``, ``menu``, ``path``,
        ``languages``, and ``form_token``, which every form carries in a field of that name.
    """
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    known = cookie_of(request, FORM_COOKIE)
    form_token = visitor.form_token if visitor else known or new_token()
    text = (
        _templates()
        .get_template(template)
        .render(
            words=catalogue(language_of(request)),
            languages=[catalogue(each) for each in sorted(languages())],
            visitor=visitor,
            menu=menu_of(visitor),
            path=request.url.path,
            form_token=form_token,
            Role=Role,
            **values,
        )
    )
    response = HTMLResponse(text, status)
    if visitor is None and form_token != known:
        set_cookie(request, response, FORM_COOKIE, form_token)
    return response


def problem_page(request: Request, problem: Problem) -> Response:
    """Return a refusal: as a page, or as problem+json to a program."""
    words = catalogue(language_of(request))
    name = f"portal.problem.{problem.name}"
    if asked_by_program(request):
        return problem_document(problem, words.say(name), words.say(f"{name}.do"))
    response = page(
        request,
        "problem.html",
        problem.status,
        title=words.say(name),
        to_do=words.say(f"{name}.do"),
    )
    response.headers.update(problem.headers)
    return response


__all__ = ["language_of", "page", "problem_page", "serving_of"]
