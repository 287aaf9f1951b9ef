"""Deciding a distributed Spark frame inside its executors. Needs the extra `spark`."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence

import pyarrow as pa

from medpolicy._version import __version__
from medpolicy.columns.chunk import frame_faults
from medpolicy.columns.frame import ColumnDecider
from medpolicy.columns.in_place import columns_in_place
from medpolicy.language.extra import Extra, check_extra
from medpolicy.language.request import InvalidRequest
from medpolicy.policy import Policy
from medpolicy.text.findings import Finding, quoted

try:
    from pyspark.sql import Column, DataFrame, Window
    from pyspark.sql import functions as F
    from pyspark.sql import types as T
except ImportError as error:
    raise ImportError("`medpolicy.spark` needs Spark for Python: pip install 'medpolicy[spark]'") from error

_REPEATED = "repeated id"
_TO_ARROW: tuple[tuple[type[T.DataType], pa.DataType], ...] = (
    (T.StringType, pa.string()),
    (T.CharType, pa.string()),
    (T.VarcharType, pa.string()),
    (T.BooleanType, pa.bool_()),
    (T.IntegralType, pa.int64()),
    (T.FractionalType, pa.float64()),
    (T.DateType, pa.date32()),
    (T.TimestampType, pa.timestamp("us")),
    (T.TimestampNTZType, pa.timestamp("us")),
    (T.NullType, pa.null()),
)
_TO_SPARK: dict[pa.DataType, T.DataType] = {
    pa.string(): T.StringType(),
    pa.bool_(): T.BooleanType(),
    pa.int64(): T.LongType(),
    pa.date32(): T.DateType(),
}


def decide(
    frame: DataFrame,
    policy: Policy,
    *,
    revision: str | None = None,
    extra: Extra = "refuse",
    ids_are_unique: bool = False,
) -> DataFrame:
    """The answer to each row of a Spark frame, faulty rows too, as a frame that Spark computes when it is used.

    The columns are those of `Policy.decide_table` (words are strings, lists arrays of strings, dates dates,
    an authorized quantity a bigint), then `fault`: an array of structs of `code`, `path`, `message` and `help`, null
    if the row has no fault. A faulty row has its `request_id` (null if it has none), its faults, and null in all other
    columns of the answer; if the program itself fails on a row, the fault is `undecided`. Unknown columns are refused,
    dropped (`extra="ignore"`) or appended (`"keep"`), for faulty rows too. `revision` pins a revision whatever the date.

    The rows of a distributed frame have no order: every row with a repeated id has the fault `repeated-id`, and the
    rows come back in another order. To count ids, the columns that are needed are shuffled by `request_id` and sorted
    once, which can spill to disk. The frame is read once, so that the ids counted are the ids decided. With
    `ids_are_unique` the caller says that no id repeats: ids are not counted, nothing is shuffled, and rows that share an id
    all the same are each decided, without a fault.

    Each executor needs the driver's version of medpolicy, and the package with the policy's variables, in its Python;
    otherwise the job fails with a message that says so. Rule files are sent along with the policy. Raises
    `InvalidRequest` if the columns cannot be used, `InvalidPolicy` for an unknown revision, and `ValueError` for an
    unknown value of `extra`.
    """
    check_extra(extra)
    if not isinstance(frame, DataFrame):
        raise InvalidRequest([Finding("not-a-table", "must be a Spark frame")])
    decider = policy.column_decider(revision)
    faults = _faults(frame, decider, extra)
    if faults:
        raise InvalidRequest(faults)
    given = [name for name in frame.columns if name in decider.given]
    kept = [field for field in frame.schema if field.name not in decider.given] if extra == "keep" else []
    carried = {field.name: f"carried {number}" for number, field in enumerate(kept)}
    names = (name if name in given else carried.get(name, f"dropped {at}") for at, name in enumerate(frame.columns))
    repeated = F.lit(False) if ids_are_unique else _is_repeated(given)
    needed = frame.toDF(*names).select(*given, *carried.values(), repeated.alias(_REPEATED))
    answer = _answering(pickle.dumps(policy), revision, tuple(carried.values()), __version__)
    return needed.mapInArrow(answer, T.StructType([*_fields(columns_in_place(decider)), *kept]))


def _faults(frame: DataFrame, decider: ColumnDecider, extra: Extra) -> list[Finding]:
    """The faults of a frame and of its columns; to Spark, names that differ only in case are equal."""
    schema = pa.schema([(field.name, _arrow(field.dataType)) for field in frame.schema])
    found = frame_faults(schema, decider, extra)
    if frame.isStreaming:
        message = "a streaming frame has no end, so that its repeated ids cannot be found"
        found.append(Finding("streaming-frame", message, help="decide each of its batches in `foreachBatch`"))
    taken = {finding.path[0] for finding in found if finding.code == "taken-column"}
    for name in frame.columns if extra == "keep" else ():
        if name not in decider.given and name not in taken and name.lower() in columns_in_place(decider).names:
            message = f"the extra column {quoted(name)} has a name that the answer uses itself"
            found.append(Finding("taken-column", message, (name,), 'rename it, or drop it with `extra="ignore"`'))
    return found


def _is_repeated(given: Sequence[str]) -> Column:
    """Whether another row has the same id; rows without an id are spread over the tasks."""
    id = F.col("request_id").cast("binary")
    known = F.coalesce(F.length(id) > 0, F.lit(False))
    spread = F.when(~known, F.xxhash64(*given))
    return known & (F.count(F.lit(1)).over(Window.partitionBy(id, spread)) > 1)


def _answering(
    policy: bytes, revision: str | None, carried: tuple[str, ...], version: str
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function that an executor runs, sent as code so that it can report a missing medpolicy."""

    def answer(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            from medpolicy._version import __version__ as here
            from medpolicy.columns.in_place import answer_batches
        except ImportError as error:
            wanted = f"its Python needs medpolicy {version}, as on the driver"
            raise RuntimeError(f"this executor cannot import `{error.name}`: {wanted}") from error
        if here != version:
            raise RuntimeError(f"this executor has medpolicy {here}: its Python needs {version}, as on the driver")
        yield from answer_batches(policy, revision, batches, carried)

    return answer


def _arrow(type_: T.DataType) -> pa.DataType:
    if isinstance(type_, T.ArrayType):
        return pa.list_(_arrow(type_.elementType))
    return next((arrow for spark, arrow in _TO_ARROW if isinstance(type_, spark)), pa.binary())


def _spark(type_: pa.DataType) -> T.DataType:
    if pa.types.is_list(type_):
        return T.ArrayType(_spark(type_.value_type))
    if pa.types.is_struct(type_):
        return T.StructType(_fields(type_))
    return _TO_SPARK[type_]


def _fields(fields: Iterable[pa.Field]) -> list[T.StructField]:
    return [T.StructField(field.name, _spark(field.type)) for field in fields]
