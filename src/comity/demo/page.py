"""The demonstration's page: one HTML file that needs nothing beside itself."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from comity.demo.comparison import Tally
from comity.demo.figures import Link, Node, Part, bar, flow, parts_bar
from comity.demo.report import Course, Report


def render(report: Report) -> str:
    """The page for this report, as HTML."""
    return _template().render(
        report=report,
        course=report.course,
        then=report.then,
        now=report.now,
        log=report.log,
        stay=report.stay,
        delivery=report.delivery,
        parts=_parts(report.then),
        sides=[
            ("The procedure of 2025", report.then, _side(report.then, report)),
            ("Comity", report.now, _side(report.now, report)),
        ],
        flow=course_flow(report.course),
        bar=bar,
    )


def course_flow(course: Course) -> Markup:
    """The way from rows received to answers, as a picture."""
    nodes = {
        "received": Node(0, "received", "ink"),
        "sound": Node(1, "set forth everything", "ink"),
        "returned": Node(1, "returned to be completed", "muted"),
        "refused": Node(1, "refused", "bad"),
        "ready": Node(2, "lawful and certain", "good"),
        "held": Node(2, "held for officers", "warn"),
        "not_certain": Node(2, "no certain person", "muted"),
        "disclosed": Node(3, "answered", "good"),
        "not_verified": Node(3, "not verified", "muted"),
    }
    links = [
        Link("received", "sound", course.sound),
        Link("received", "returned", course.returned),
        Link("received", "refused", course.refused),
        Link("sound", "ready", course.ready),
        Link("sound", "held", course.held),
        Link("sound", "not_certain", course.not_certain),
        Link("ready", "disclosed", course.disclosed - course.held_approved),
        Link("held", "disclosed", course.held_approved),
        Link("held", "not_verified", course.denied),
        Link("not_certain", "not_verified", course.not_certain),
    ]
    title = (
        f"Of {course.received:,} rows received, {course.returned:,} were returned, "
        f"{course.refused:,} refused, and {course.sound:,} looked up; "
        f"{course.disclosed:,} were answered."
    )
    return flow(nodes, links, title)


def _parts(found: Tally) -> list[Part]:
    """A procedure's answers, apart by what is wrong with them."""
    return [
        Part("about the person meant, to a lawful request", found.right, "good"),
        Part(
            "about that person, but without a lawful request", found.unlawful - found.both, "warn"
        ),
        Part("about the wrong person, and without a lawful request", found.both, "bad"),
        Part(
            "about the wrong person, to a lawful request", found.wrong_person - found.both, "worse"
        ),
    ]


def _side(found: Tally, report: Report) -> Markup:
    parts = _parts(found)
    said = ", ".join(f"{part.amount:,} {part.label}" for part in parts)
    most = max(report.then.answers, report.now.answers)
    return parts_bar(parts, most, f"{found.answers:,} answers: {said}")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("comity.demo", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["n"] = lambda number: f"{number:,}"
    environment.filters["seconds"] = lambda seconds: f"{seconds:.1f}\N{NO-BREAK SPACE}s"
    environment.filters["or_none"] = lambda number: f"{number:,}" if number else "none"
    return environment.get_template("page.html")
