"""The SELECT of a policy, from top to bottom: checked values, facts, conditions, outcome, answer."""

from __future__ import annotations

from sqlglot import exp

from medpolicy.language.request import Variable
from medpolicy.policy import Policy
from medpolicy.sql.checks import ID, faults
from medpolicy.sql.dialects import Expression, called, column, constants, is_null, name, named, text
from medpolicy.sql.header import header
from medpolicy.sql.outcome import answer, conditions, outcome
from medpolicy.sql.plan import Plan, as_text, free_names
from medpolicy.sql.readable import printed
from medpolicy.sql.regions import BETWEEN_OPTIONS, Regions


def select(policy: Policy, dialect: str, table: str, revision: str | None) -> str:
    """One statement, with comments that say what it reads and what each part asks."""
    plan = Plan.of(policy, dialect, table, revision)
    regions = Regions(plan.engine, plan.names)
    of_conditions = conditions(plan, regions)
    steps = {
        "checked": (checked(plan, regions), "the values, and what is wrong with them"),
        "facts": (facts(plan, regions), "what follows from the values, and the revision in effect"),
        "conditions": (of_conditions, "true where met, false where not met, null where open"),
        "outcome": (outcome(plan), "what the conditions come to"),
    }
    free = free_names([plan.table.name])
    query, source = answer(plan), plan.table
    for step, (step_query, comment) in steps.items():
        step_query.add_comments([comment])
        result = exp.Table(this=name(free(step)))
        query = query.with_(result.this.copy(), as_=step_query.from_(source, copy=False), copy=False)
        source = result
    return f"{header(plan)}{printed(query.from_(source, copy=False), dialect)}\n"


def checked(plan: Plan, regions: Regions) -> exp.Select:
    """The values that are read, defaults filled in, and what is wrong with them."""
    variables = plan.vocabulary.variables
    wanted = {*regions.read, *regions.read_as_text, *(() if plan.pinned else (plan.vocabulary.service_day,))}
    given = {part for read in wanted for part in variables[read].parts}
    values: list[Expression] = []
    for variable in (variable for variable in variables.values() if variable.name in given):
        value: Expression = column(variable.name)
        if variable.default is not None:
            filled = called("COALESCE", value, *constants(variable.kind, [variable.default]))
            value = named(filled, variable.name)
        values.append(value)
    return exp.select(column(ID), *values, named(faults(plan.vocabulary, plan.engine), plan.names["fault"]))


def facts(plan: Plan, regions: Regions) -> exp.Select:
    """What follows from the values: sets as text, derived variables, the revision in effect."""
    kept: list[Expression] = []
    worked_out: list[Expression] = []
    for variable in plan.vocabulary.variables.values():
        if variable.name in regions.read_as_text:
            comment = "its options in the order of the policy, each once; none of them is ''"
            worked_out.append(named(_set_as_text(plan, variable), plan.names[as_text(variable.name)], comment))
        if variable.name not in regions.read:
            continue
        if variable.derived is None:
            kept.append(column(variable.name))
        else:
            value = variable.derived.sql(exp, *map(column, variable.parts))
            worked_out.append(named(exp.case().when(plan.sound, value), variable.name))
    in_effect = named(_revision_in_effect(plan), plan.names["revision"])
    return exp.select(column(ID), plan.column("fault"), *kept, *worked_out, in_effect)


def _revision_in_effect(plan: Plan) -> Expression:
    found = exp.case().when(exp.not_(plan.sound), exp.null())
    day = column(plan.vocabulary.service_day)
    for revision in plan.revisions:
        if plan.pinned:
            return found.else_(text(revision.revision))
        first = exp.convert(revision.effective_from)
        inside: Expression = exp.GTE(this=day.copy(), expression=first)
        if revision.effective_to is not None:
            inside = day.between(first, revision.effective_to)
        found = found.when(inside, text(revision.revision))
    return found


def _set_as_text(plan: Plan, variable: Variable) -> Expression:
    """A set as text: its options in the order of the variable, each once."""
    value = column(variable.name)
    held = (exp.case().when(plan.engine.has(value.copy(), option), text(option)) for option in variable.kind.choices)
    joined = called("CONCAT_WS", text(BETWEEN_OPTIONS), *held)
    return exp.case().when(exp.not_(is_null(variable.name)), joined)
