"""What an agreement under 26 USC 6103(i)(2) asks for, or says that it leaves out and why."""

from __future__ import annotations

import json

import pytest
from ruamel.yaml import YAML
from tests.agreement.examples import AGREEMENT, SHIPPED

from comity.agreement.coverage import CONTRACT_RULES, OMISSIBLE_RULES, UNIVERSAL_RULES, under_gate
from comity.agreement.loading import LoadedAgreement, parse_agreement
from comity.agreement.rendering import render
from comity.core.errors import AgreementError
from comity.examination.reference import rules_in_words

(IRS,) = (path for path in SHIPPED if path.stem == "us-irs-ice-2025")
OPINION = {"id": "counsel-1", "author": "Counsel", "dated": "2026-01-01", "reference": "Memo 1"}


class Draft:
    """The reference agreement as plain values, to be changed and read again."""

    def __init__(self) -> None:
        self.plain = YAML(typ="safe", pure=True).load(IRS.read_text("utf-8"))

    def leave_out(self, *rules: str) -> Draft:
        kept = [one for one in self.plain["elements"] if one["rule"] not in rules]
        assert len(kept) == len(self.plain["elements"]) - len(rules)
        self.plain["elements"] = kept
        return self

    def say(self, *omitted: tuple[str, str], opinions: bool = True) -> Draft:
        self.plain["omitted"] = [{"rule": rule, "opinion": by} for rule, by in omitted]
        self.plain["opinions"] = [OPINION] if opinions else []
        return self

    def read(self) -> LoadedAgreement:
        text = json.dumps(self.plain, default=lambda day: day.isoformat(), indent=1)
        return parse_agreement(text, "f")

    def fault(self) -> str:
        with pytest.raises(AgreementError) as caught:
            self.read()
        return caught.value.message


@pytest.mark.parametrize("rule", CONTRACT_RULES)
def test_no_rule_is_left_out_in_silence(rule: str) -> None:
    draft = Draft().leave_out(rule)
    said = draft.fault()
    assert said.count("\n") == 0
    assert (
        f": elements: an agreement under 26 USC 6103(i)(2) has an element for every rule; `{rule}`"
        in said
    )
    assert ("`omitted`" in said) is (rule in OMISSIBLE_RULES)


def test_all_that_is_left_out_is_named_at_once() -> None:
    said = Draft().leave_out("address.present", "statute.facts", "stay.none").fault()
    first, second = said.splitlines()
    assert "each of `address.present`, `statute.facts` has none" in first
    assert "`stay.none` has none: add one, for it is applied all the same" in second


@pytest.mark.parametrize("rule", OMISSIBLE_RULES)
def test_a_recorded_opinion_lets_a_rule_be_omitted(rule: str) -> None:
    read = Draft().leave_out(rule).say((rule, "counsel-1")).read().agreement
    assert rule not in {element.rule for element in read.elements}
    words = rules_in_words()
    made = render(read, words)
    assert f"This agreement does not ask for `{rule}`, by opinion `counsel-1`: **" in made
    assert f"(`{rule}`)" not in made


def test_the_page_is_silent_where_nothing_is_omitted() -> None:
    assert "does not ask for" not in render(Draft().read().agreement, rules_in_words())


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (
            Draft().say(("tin.valid", "counsel-1")),
            "omitted[0].rule: an element has this rule",
        ),
        (
            Draft().leave_out("tin.valid").say(("tin.valid", "counsel-2")),
            "omitted[0].opinion: no recorded opinion has this id",
        ),
        (
            Draft().leave_out("tin.valid").say(("tin.valid", "counsel-1"), opinions=False),
            "omitted[0].opinion: no recorded opinion has this id",
        ),
        (
            Draft().leave_out("tin.valid").say(("tin.valit", "counsel-1")),
            "omitted[0].rule: no rule has this id; did you mean `tin.valid`?",
        ),
        (
            Draft().leave_out("tin.valid").say(*[("tin.valid", "counsel-1")] * 2),
            "omitted[1].rule: an earlier one is the same",
        ),
        (
            Draft().leave_out("stay.none").say(("stay.none", "counsel-1")),
            "omitted[0].rule: this rule is applied under every agreement",
        ),
    ],
)
def test_an_omission_that_does_not_hold(draft: Draft, said: str) -> None:
    message = draft.fault()
    line = next(one for one in message.splitlines() if said in one)
    file, number, column, _ = line.split(":", 3)
    assert (file, column.isdigit()) == ("f", True)
    assert int(number) > 1


def test_an_omission_without_an_opinion() -> None:
    draft = Draft().leave_out("tin.valid").say(("tin.valid", "counsel-1"))
    del draft.plain["omitted"][0]["opinion"]
    assert "omitted[0].opinion: the key is missing" in draft.fault()


@pytest.mark.parametrize(
    ("source", "within"),
    [
        ("26 USC 6103(i)(2)", True),
        ("26 U.S.C. § 6103 (i)(2)(A)", True),
        ("Section 6103(i)(2) of the Internal Revenue Code", True),
        ("An order; 26 USC 6103(i)(2)(B)", True),
        ("26 USC 6103(i)", True),
        ("26 USC 6103", True),
        ("26 USC 6103(l)(7)", False),
        ("26 USC 6103(i)(1)", False),
        ("5 USC 552a(o)", False),
    ],
)
def test_the_gate_is_known_however_it_is_written(source: str, within: bool) -> None:
    draft = Draft()
    draft.plain |= {"authority": [{"source": source}], "expires": "2026-04-06"}
    assert under_gate(draft.read().agreement) is within
    draft.leave_out("address.present")
    if within:
        assert "`address.present`" in draft.fault()
    else:
        draft.read()


@pytest.mark.parametrize("kind", ["civil", "administrative", "programme"])
def test_only_criminal_statutes_are_designated_under_the_gate(kind: str) -> None:
    draft = Draft()
    draft.plain["statutes"][0]["kind"] = kind
    assert "statutes[0].kind: 26 USC 6103(i)(2) opens for a designated criminal" in draft.fault()
    draft.plain["authority"] = [{"source": "Made-up Act, section 7"}]
    draft.read()


def test_the_facts_of_a_failure_to_depart_are_not_cut_short() -> None:
    draft = Draft()
    draft.plain["statutes"][0]["facts"].remove("removal_order_date")
    assert "statutes[0].facts: 8 USC 1253(a)(1) needs the fact `removal_order_da" in draft.fault()
    draft.plain["statutes"][0]["statute"] = "8 USC 1253(a)(1)(A)"
    assert "needs the fact `removal_order_date`" in draft.fault()
    draft.say()
    (element,) = (one for one in draft.plain["elements"] if one["rule"] == "statute.facts")
    element["parameters"]["opinion"] = "counsel-1"
    draft.read()


def test_a_day_of_an_order_that_is_mere_text_is_no_day() -> None:
    draft = Draft()
    draft.plain["facts"][0].pop("type")
    assert "statutes[0].facts[0]: this fact is of the type `date`" in draft.fault()


def test_another_statute_has_its_own_facts() -> None:
    draft = Draft()
    draft.plain["statutes"][0] |= {"statute": "18 USC 1001", "facts": []}
    draft.read()


def test_another_agreement_leaves_out_what_it_likes_and_may_say_so() -> None:
    parse_agreement(AGREEMENT, "f")
    opinions = f"opinions: [{json.dumps(OPINION)}]\n"
    read = parse_agreement(
        AGREEMENT + opinions + "omitted: [{rule: tin.valid, opinion: counsel-1}]\n", "f"
    )
    assert read.agreement.omitted[0].rule == "tin.valid"


def test_the_rules_are_parted_in_two() -> None:
    assert set(OMISSIBLE_RULES) | UNIVERSAL_RULES == set(CONTRACT_RULES)
    assert not set(OMISSIBLE_RULES) & UNIVERSAL_RULES
