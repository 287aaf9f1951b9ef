"""The arguments of one command, with every unknown option reported at once."""

from __future__ import annotations

import argparse
import re
from typing import Any, NoReturn

from medpolicy.text.findings import Finding, Unusable, listed, nearest, quoted


def usage_fault(message: str, help: str | None, command: str) -> Unusable:
    """What to raise where a call cannot be used."""
    return Unusable([Finding("usage", message, help=help, file=command)])


class HelpShown(Exception):
    """The help of a command was asked for, and printed."""


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `Unusable` where the stock one ends the process."""

    def __init__(self, command: str, description: str | None) -> None:
        super().__init__(
            prog=f"medpolicy {command}",
            description=description,
            allow_abbrev=False,
        )

    def parse(self, arguments: list[str]) -> argparse.Namespace | None:
        """The options of a call, or None where it asked for help and got it."""
        unknown = self._unknown_options(arguments)
        if unknown and not {"-h", "--help"} & set(arguments):
            raise Unusable(self._unknown_option(option) for option in unknown)
        try:
            options, left = self.parse_known_args(arguments)
        except HelpShown:
            return None
        if left:
            raise usage_fault(f"unexpected argument {quoted(left[0])}", self._usage(), self.prog)
        return options

    def error(self, message: str) -> NoReturn:
        """Raise what the stock parser found, in the words of this program."""
        required = re.fullmatch(r"the following arguments are required: (.*)", message)
        if required:
            names = listed(required[1].split(", "), last="and")
            raise usage_fault(f"{names} is missing", self._usage(), self.prog)
        about = re.fullmatch(r"argument ([^:]*): (.*)", message, re.DOTALL)
        if about:
            named = re.sub(r"expected .*", "needs a value", about[2])
            raise usage_fault(f"{quoted(about[1])} {named}", None, self.prog)
        raise usage_fault(message, self._usage(), self.prog)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """The stock parser ends the process after its help."""
        raise HelpShown

    def _unknown_options(self, arguments: list[str]) -> list[str]:
        before = arguments[: arguments.index("--")] if "--" in arguments else arguments
        names = [each.partition("=")[0] for each in before if each.startswith("-") and each != "-"]
        known = self._option_string_actions
        return [name for name in names if name not in known and (name.startswith("--") or name[:2] not in known)]

    def _unknown_option(self, option: str) -> Finding:
        known = {name.lstrip("-"): name for name in self._option_string_actions if name.startswith("--")}
        found = nearest(option.lstrip("-"), known)
        advice = (
            f"did you mean {quoted(known[found])}?"
            if found
            else f"the options are {listed(known.values(), last='and')}"
        )
        return Finding("usage", f"unknown option {quoted(option)}", help=advice, file=self.prog)

    def _usage(self) -> str:
        return " ".join(self.format_usage().split())


def one_of(*options: str) -> Any:
    """The type of an option's value that is one of a few words."""

    def read(value: str) -> str:
        if value not in options:
            raise argparse.ArgumentTypeError(f"must be {listed(options)}")
        return value

    return read
