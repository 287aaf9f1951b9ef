"""The columns of the answer, and how they are filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpolicy.columns.indices import Mask
from medpolicy.columns.lists import Codes
from medpolicy.evaluate.status import Status
from medpolicy.language.determination import AuthorizedQuantity

COVERAGES = tuple(status.word for status in Status)
WORD = pa.dictionary(pa.int32(), pa.string())
WORDS = pa.list_(WORD)
OF_EVERY_ANSWER = pa.schema(
    [
        ("request_id", pa.string()),
        ("policy", WORD),
        ("revision", WORD),
        ("rules_digest", WORD),
        ("decision", WORD),
        ("coverage", WORD),
        ("requires_clinician_review", pa.bool_()),
        ("pathway", WORD),
        ("not_met", WORDS),
        ("missing", WORDS),
        ("denial_reasons", WORDS),
        ("review_flags", WORDS),
        ("authorization_start", pa.date32()),
        ("authorization_end", pa.date32()),
    ]
)
"""The columns of the answers under every policy, in their order; words are coded, also those in lists."""
LISTS = [field for field in OF_EVERY_ANSWER if field.type == WORDS]


def answer_columns(quantity: AuthorizedQuantity | None) -> pa.Schema:
    """The columns of the answers under a policy: those of every answer, and the quantity that it declares."""
    if quantity is None:
        return OF_EVERY_ANSWER
    return OF_EVERY_ANSWER.append(pa.field(f"authorization_{quantity.name}", pa.int64()))


def with_plain_lists(table: pa.Table) -> pa.Table:
    """The answers with the words in lists as plain text."""
    for position, field in enumerate(table.schema):
        if field in LISTS:
            table = table.set_column(position, field.name, table.column(position).cast(pa.list_(pa.string())))
    return table


def words_of(vocabulary: Sequence[str], numbers: Codes) -> pa.Array:
    """The word with each number; null for a number that no word has."""
    all_known = numbers.max(initial=0) < len(vocabulary)
    indices = column_of(numbers, pa.int32(), None if all_known else numbers < len(vocabulary))
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(vocabulary), pa.string()), safe=False)


def column_of(values: npt.NDArray[Any], type_: pa.DataType, known: Mask | None = None) -> pa.Array:
    """A column whose values lie in memory as Arrow has them, null where none is known."""
    return pa.Array.from_buffers(type_, len(values), [None if known is None else bits_of(known), pa.py_buffer(values)])


def bits_of(mask: Mask) -> pa.Buffer:
    """A mask as the bits of a buffer."""
    return pa.py_buffer(np.packbits(mask, bitorder="little"))
