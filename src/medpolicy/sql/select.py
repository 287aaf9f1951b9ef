"""The SELECT of a policy, from top to bottom: checked values, facts, conditions, outcome, answer."""

from __future__ import annotations

from sqlglot import exp

from medpolicy.language.request import Variable
from medpolicy.policy import Policy
from medpolicy.sql.checks import ID, faults
from medpolicy.sql.constants import constant, stored
from medpolicy.sql.dialects import Expression, called, column, name, named, text
from medpolicy.sql.header import header
from medpolicy.sql.names import Names
from medpolicy.sql.outcome import answer, conditions, outcome
from medpolicy.sql.plan import Plan
from medpolicy.sql.readable import above, printed
from medpolicy.sql.regions import BETWEEN_OPTIONS, Regions


def select(policy: Policy, dialect: str, table: str, revision: str | None) -> str:
    """One statement, with comments that say what it reads and what each part asks."""
    plan = Plan.of(policy, dialect, table, revision)
    regions = Regions(plan.engine, plan.columns.as_text)
    of_conditions = conditions(plan, regions)
    steps = {
        "checked": (checked(plan, regions), "the values, and what is wrong with them"),
        "facts": (facts(plan, regions), "what follows from the values, and the revision in effect"),
        "conditions": (of_conditions, "true where met, false where not met, null where open"),
        "outcome": (outcome(plan), "what the conditions come to"),
    }
    free = Names([plan.table.name]).free
    query, source = answer(plan), plan.table
    for step, (step_query, comment) in steps.items():
        step_query.add_comments([comment])
        result = exp.Table(this=name(free(step)))
        query = query.with_(result.this.copy(), as_=step_query.from_(source, copy=False), copy=False)
        source = result
    return f"{header(plan)}{printed(query.from_(source, copy=False), dialect)}\n"


def checked(plan: Plan, regions: Regions) -> exp.Select:
    """The values that are read, defaults filled in, and what is wrong with them."""
    wanted = {*regions.read, *regions.read_as_text, *(() if plan.pinned else (plan.vocabulary.service_day,))}
    wanted |= {part for read in wanted for part in plan.vocabulary.variables[read].parts}
    values: list[Expression] = []
    for variable in plan.vocabulary.variables.values():
        if variable.derived is not None or variable.name not in wanted:
            continue
        value = column(variable.name)
        if variable.default is None:
            values.append(value)
        else:
            values.append(
                named(called("COALESCE", value, constant(stored(variable.kind, variable.default))), variable.name)
            )
    fault = named(faults(plan.vocabulary.request, plan.engine), plan.columns.fault)
    return exp.select(column(ID), *values, fault)


def facts(plan: Plan, regions: Regions) -> exp.Select:
    """What follows from the values: sets as text, derived variables, the revision in effect."""
    sound = exp.Is(this=column(plan.columns.fault), expression=exp.null())
    kept: list[Expression] = []
    worked_out: list[Expression] = []
    for variable in plan.vocabulary.variables.values():
        if variable.name in regions.read_as_text:
            held = _set_as_text(plan, variable)
            as_text = named(held, plan.columns.as_text[variable.name])
            worked_out.append(above(as_text, "its options in the order of the policy, each once; none of them is ''"))
        if variable.name not in regions.read:
            continue
        if variable.derived is None:
            kept.append(column(variable.name))
        else:
            parts = map(column, variable.derived.parts)
            value = exp.case().when(sound, variable.derived.sql(exp, *parts))
            worked_out.append(named(value, variable.name))
    in_effect = named(_revision_in_effect(plan), plan.columns.revision)
    return exp.select(column(ID), column(plan.columns.fault), *kept, *worked_out, in_effect)


def _revision_in_effect(plan: Plan) -> Expression:
    found = exp.case().when(plan.faulty, exp.null())
    day = column(plan.vocabulary.service_day)
    for revision in plan.revisions:
        if plan.pinned:
            return found.else_(text(revision.revision))
        first = constant(revision.effective_from)
        if revision.effective_to is None:
            inside: Expression = exp.GTE(this=day.copy(), expression=first)
        else:
            inside = exp.Between(this=day.copy(), low=first, high=constant(revision.effective_to))
        found = found.when(inside, text(revision.revision))
    return found


def _set_as_text(plan: Plan, variable: Variable) -> Expression:
    """A set as text: its options in the order of the variable, each once."""
    value = column(variable.name)
    held = (exp.case().when(plan.engine.has(value.copy(), option), text(option)) for option in variable.kind.choices)
    joined = called("CONCAT_WS", text(BETWEEN_OPTIONS), *held)
    return exp.case().when(exp.not_(exp.Is(this=value, expression=exp.null())), joined)
