"""The page of plain English: what it says of the shipped agreements, and that nothing is lost.

After a wanted change: `python -m tests.agreement.test_rendering` writes the golden pages again.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from tests.agreement.examples import AGREEMENT, SHIPPED, small

from comity.agreement.loading import citations, load_agreement, parse_agreement
from comity.agreement.model import Agreement, Amendment, Opinion, Signature
from comity.agreement.parameters import known_parameters
from comity.agreement.rendering import RuleInWords, render
from comity.agreement.signing import SignatureReport
from comity.examination.engine import compile_agreement
from comity.examination.reference import defaults, rules_in_words
from comity.examination.rule import RULES

GOLDEN = Path(__file__).with_name("golden")


def page(agreement: Agreement, report: SignatureReport | None = None) -> str:
    return render(agreement, rules_in_words(), report)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    loaded = load_agreement(path)
    golden = (GOLDEN / f"{path.stem}.md").read_text("utf-8")
    assert page(loaded.agreement) == golden


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_agreements_compile(path: Path) -> None:
    loaded = load_agreement(path)
    compile_agreement(loaded.agreement, loaded.positions, loaded.name)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_element_is_asked_and_cited(path: Path) -> None:
    agreement = load_agreement(path).agreement
    made, words = page(agreement), rules_in_words()
    for element in agreement.elements:
        assert words[element.rule].question.replace("_", r"\_") in made
        assert f"(`{element.rule}`)" in made
    for _, citation in citations(agreement):
        assert citation.source in made
        if citation.status == "to_be_confirmed":
            assert f"{citation.source} **(to be confirmed)**" in made
            assert f"\n- {citation.source}\n" in made


def test_every_parameter_of_a_rule_has_words() -> None:
    for rule in RULES.values():
        assert set(defaults(rule)) <= known_parameters(), rule.id


def test_a_default_is_shown_as_one() -> None:
    made = page(
        parse_agreement(AGREEMENT.replace("    parameters: {max_same: 10}\n", ""), "f").agreement
    )
    assert "on at most 10 rows of a batch (the rule's own default)." in made
    assert "the rule's own default" not in page(small())


def test_a_default_about_a_fact_that_nobody_states_is_not_shown() -> None:
    irs, benefits = (page(load_agreement(p).agreement) for p in sorted(SHIPPED, reverse=True))
    assert "The order is more than 90 days old." in irs
    assert "days old" not in benefits


def test_rules_for_every_agreement_are_named_beside_its_own() -> None:
    words = {
        "name.present": RuleInWords("Named?", "returned"),
        "limits.volume": RuleInWords("Within the limits?", "returned", always=True),
        "tin.valid": RuleInWords("A number?", "returned"),
    }
    made = render(small(), words)
    assert "under any agreement: Within the limits?" in made
    assert "A number?" not in made


def test_everything_that_can_stand_in_an_agreement_is_said() -> None:
    full = dataclasses.replace(
        small(),
        expires=date(2027, 1, 31),
        suspended_from=date(2026, 6, 1),
        opinions=(Opinion("counsel-1", "Counsel", date(2026, 1, 1), "Memo 1"),),
        amends=Amendment("sha256:abc", "Ann", "Ben", "The limit was too low"),
        identity=dataclasses.replace(small().identity, house_number="exact"),
        approvals=dataclasses.replace(small().approvals, approvers=2),
        recipients=dataclasses.replace(small().recipients, offices=("Office of A", "Office of B")),
    )
    made = page(full)
    for said in (
        "from 1 January 2026 to 31 January 2027, both days included.",
        "**Suspended from 1 June 2026.**",
        "- `counsel-1`: Counsel, 1 January 2026, Memo 1.",
        "the digest `sha256:abc`, written by Ann, approved by Ben. Reason: The limit was too low. ",
        "must be equal, digit for digit.",
        "2 officers of the holder with the authority `approve` approve each",
        "officers of the requester (Office of A; Office of B) with training in force",
        "`order_date`: The day of the order.",
    ):
        assert said in made, said


def test_signatures_as_they_stand() -> None:
    signed = dataclasses.replace(small(), signatures=(Signature("holder", "head", {}),))
    assert "`holder`): signature by head, not checked here." in page(signed)
    assert "`requester`): not signed." in page(signed)
    report = SignatureReport(frozenset({"holder"}), ("requester: it has not signed",))
    assert "`holder`): signed by head; the signature verifies." in page(signed, report)
    assert "`requester`): **not validly signed**: it has not signed." in page(signed, report)


def test_text_of_an_agreement_is_never_markup() -> None:
    hostile = dataclasses.replace(
        small(),
        title="<script>x</script> **bold**",
        purpose="1. [x](javascript:x)\n\n# heading `code",
    )
    made = page(hostile)
    assert r"# \<script\>x\</script\> \*\*bold\*\*" in made
    assert "1\\. \\[x\\](javascript:x) \\# heading \\`code" in made


if __name__ == "__main__":
    for one in SHIPPED:
        GOLDEN.joinpath(f"{one.stem}.md").write_text(page(load_agreement(one).agreement), "utf-8")
