from __future__ import annotations

import pytest
from check.faulty import file_of
from hypothesis import given
from small import EXAMPLES, WORDS, Json, documents, revision

from medpolicy.language.request import facts_of, read_request
from medpolicy.solve import RevisionFormulas, Solver, Space
from medpolicy.solve.deadline import Deadline
from medpolicy.solve.formula import Point
from medpolicy.solve.ordinary import Ordinary
from medpolicy.solve.prover import Prover
from medpolicy.solve.sample import Draw, Sample


@pytest.fixture(scope="module")
def space() -> Space:
    file = file_of()
    assert file.vocabulary is not None
    assert file.revision is not None
    return Space(file.vocabulary, [file.revision])


def test_every_request_drawn_is_one_that_can_be(space: Space) -> None:
    draw, ordinary = Draw(space), Ordinary(space)
    for _ in range(300):
        point = draw.point()
        unread = {
            variable.name: ordinary.unread(variable)
            for variable in space.vocabulary.variables.values()
            if variable.derived is None
        }
        known = facts_of(read_request(space.vocabulary.request, ordinary.record(unread | dict(point.facts))))
        assert {name: known[name] for name in point.facts} == point.facts
        assert space.point(known).codes == point.codes


def test_every_status_that_can_be_is_drawn(space: Space) -> None:
    sample, side = Sample(space), RevisionFormulas(space, space.revisions[0])
    statuses = {id: side.status(id) for id in side.conditions}
    wanted = {(id, "met"): status.met for id, status in statuses.items()}
    wanted |= {(id, "not met"): status.not_met for id, status in statuses.items()}
    wanted |= {(id, "unknown"): status.unknown for id, status in statuses.items()}
    possible, untold = Solver(space).which(side.in_effect, wanted)
    assert not untold
    assert {key for key, formula in wanted.items() if sample.shows(side.in_effect, formula)} == possible


@EXAMPLES
@given(documents())
def test_the_bits_of_a_formula_are_what_is_true_of_each_request(document: Json) -> None:
    space = Space(WORDS, [revision(document)])
    sample, draw = Sample(space, drawn=40), Draw(space)
    points = [draw.point() for _ in range(40)]
    for formula in RevisionFormulas(space, space.revisions[0]).claims.values():
        assert sample.shows(formula) == any(point.holds(formula) for point in points)
        assert sample.shows(~formula) == any(not point.holds(formula) for point in points)


def test_a_request_that_the_solver_finds_is_taken_in(space: Space) -> None:
    sample, seldom = Sample(space, drawn=1), space.within("cycles_received", 777, 777)
    assert not sample.shows(seldom)
    prover = Prover(space)
    with prover.assuming(seldom):
        assert prover.possible(Deadline(5))
        for _ in range(100):
            sample.add(prover.point())
    assert sample.shows(seldom)
    assert isinstance(prover.point(), Point)
