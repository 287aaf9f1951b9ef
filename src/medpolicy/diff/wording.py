"""Regions, requests and answers in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from medpolicy.diff.corpus import Corpus, Share
from medpolicy.diff.sets import sets_in_words
from medpolicy.evaluate.tables import MISSING, Table
from medpolicy.language.determination import Decision, Determination, Terms
from medpolicy.language.fields import Choice, ChoiceSet, Day, YesNo
from medpolicy.language.revision import Test
from medpolicy.language.vocabulary import Vocabulary
from medpolicy.show.wording import joined, test_in_words, value_in_words
from medpolicy.solve import Region, Space, Witness
from medpolicy.solve.runs import runs


def region_in_words(region: Region, space: Space, first: Collection[str] = ()) -> str:
    """The region as a phrase that stands for its requests: `every request where …; …`, some variables before the others."""
    names = sorted((name for name in space.tables if name in region.classes), key=lambda name: name not in first)
    parts = [facts_in_words(space, name, region.classes[name]) for name in names]
    return f"every request where {'; '.join(parts)}" if parts else "every request"


def facts_in_words(space: Space, name: str, codes: Collection[int]) -> str:
    """What some classes of a variable have in common, as half a sentence."""
    table = space.tables[name]
    label = table.variable.fact.label
    known = sorted(code for code in codes if code != MISSING)
    if not known:
        return f"{label} is missing"
    if len(known) == len(table.classes):
        return f"{label} is known"
    return _known_in_words(table, known, space.vocabulary) + (", or is missing" if MISSING in codes else "")


def change_in_words(before: Decision, after: Decision) -> str:
    """A change of decision, or of its reasons where the decision stays."""
    return f"{before}, for other reasons" if before == after else f"{before} \N{RIGHTWARDS ARROW} {after}"


def request_in_words(request: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Each fact that a witness gives, by its label; what only identifies a request is left out."""
    for name, value in request.items():
        if name in vocabulary.testable:
            variable = vocabulary.variables[name]
            yield variable.fact.label, value_in_words(variable, value)


def ids_in_words(ids: Iterable[str], complete: bool) -> str:
    """The ids of what brings a change about, and a remark where they may not be all."""
    others = "" if complete else ", and perhaps others (the time did not suffice to look at every rule)"
    return ", ".join(ids) + others


def caption(witness: Witness) -> str:
    """What is said above a witness."""
    return f"The smallest request that shows it{'' if witness.smallest else ' (there may be a smaller one)'}"


def answer_in_words(determination: Determination) -> str:
    """A decision with its reasons, by their ids."""
    parts = [part for part in _reasons(determination) if part]
    return f"{determination.decision}: {'; '.join(parts)}" if parts else determination.decision


def shares_in_words(corpus: Corpus | None, share: Share | None) -> Iterator[str]:
    """How many records of a corpus make a transition, for how many it is which criterion, and some of their ids."""
    if corpus is None or share is None:
        return
    yield f"In {corpus.name}: {share.count} of {corpus.summary.decided} records ({corpus.part(share.count):.2%})"
    for id, count in share.by_criterion.items():
        yield f"{id}: {count} ({corpus.part(count):.2%})"
    if share.examples:
        others = share.count - len(share.examples)
        yield f"Records: {', '.join(share.examples)}" + (f" and {others} more" if others else "")


def _reasons(determination: Determination) -> Iterator[str]:
    terms = determination.verdict.terms
    if terms is not None:
        yield ", ".join(_terms_in_words(terms))
    if determination.denial_reasons:
        yield ", ".join(each.id for each in determination.denial_reasons)
    elif determination.not_met:
        yield f"not met {', '.join(determination.not_met)}"
    if determination.missing:
        yield f"missing {', '.join(determination.missing)}"
    for each in determination.review_flags:
        yield f"{each.kind} {each.id}"


def _terms_in_words(terms: Terms) -> Iterator[str]:
    if terms.months is not None:
        yield f"{terms.months} months"
    if terms.quantity is not None and terms.cap is not None:
        yield f"at most {terms.cap} {terms.quantity.units} in all"


def _known_in_words(table: Table, codes: Sequence[int], vocabulary: Vocabulary) -> str:
    variable, kind = table.variable, table.variable.kind
    name, label = variable.name, variable.fact.label
    members = {member for code in codes for member in table.classes[code - 1].members}
    if isinstance(kind, Choice):
        return test_in_words(_choice_test(name, kind, members), vocabulary)
    if isinstance(kind, YesNo):
        return test_in_words(
            Test(name=name, operator="is_true" if True in members else "is_false", value=True), vocabulary
        )
    if isinstance(kind, ChoiceSet):
        return sets_in_words(table, kind, codes, vocabulary)
    return f"{label} is {joined([_range_in_words(table, *run) for run in runs(codes)], 'or')}"


def _choice_test(name: str, kind: Choice, members: Collection[Any]) -> Test:
    """The shortest test that options meet."""
    among = tuple(option for option in kind.options if option in members)
    others = tuple(option for option in kind.options if option not in members)
    if len(among) <= len(others) + 1:
        operator = "equal_to" if len(among) == 1 else "is_one_of"
        return Test(name=name, operator=operator, value=among[0] if len(among) == 1 else among)
    operator = "not_equal_to" if len(others) == 1 else "is_none_of"
    return Test(name=name, operator=operator, value=others[0] if len(others) == 1 else others)


def _range_in_words(table: Table, first_code: int, last_code: int) -> str:
    classes = table.classes
    first, last = classes[first_code - 1].first, classes[last_code - 1].last
    days = isinstance(table.variable.kind, Day)
    if first == last:
        return str(first)
    if not days and last == first + 1:
        return f"{first} or {last}"
    if first_code == 1:
        return f"{'on or before' if days else 'at most'} {last}"
    return (
        f"{'on or after' if days else 'at least'} {first}" if last_code == len(classes) else f"from {first} to {last}"
    )
