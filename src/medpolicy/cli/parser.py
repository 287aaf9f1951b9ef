"""The arguments of one command, with every unknown option reported at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from medpolicy.text.findings import Finding, Unusable, listed, nearest, quoted


def usage_fault(message: str, help: str | None, command: str) -> Unusable:
    """What to raise where a call cannot be used."""
    return Unusable([Finding("usage", message, help=help, file=command)])


class HelpShown(Exception):
    """The help of a command was asked for, and printed."""


class Parser(argparse.ArgumentParser):
    """An argument parser that raises `Unusable` where the stock one ends the process."""

    def __init__(self, command: str, description: str | None) -> None:
        prog = f"medpolicy {command}"
        super().__init__(prog=prog, description=description, allow_abbrev=False, exit_on_error=False)

    def parse(self, arguments: list[str]) -> argparse.Namespace | None:
        """The options of a call, or None where it asked for help and got it."""
        unknown = self._unknown_options(arguments)
        if unknown and not {"-h", "--help"} & set(arguments):
            raise Unusable(self._unknown_option(option) for option in unknown)
        try:
            options, unexpected = self.parse_known_args(arguments)
        except HelpShown:
            return None
        except argparse.ArgumentError as error:
            raise self._fault(error, arguments) from None
        if unexpected:
            raise usage_fault(f"unexpected argument {quoted(unexpected[0])}", self._usage(), self.prog)
        return options

    def error(self, message: str) -> NoReturn:
        """What some versions of Python report here, others raise: that arguments are missing."""
        raise argparse.ArgumentError(None, message)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """The stock parser ends the process after its help."""
        raise HelpShown

    def _fault(self, error: argparse.ArgumentError, arguments: list[str]) -> Unusable:
        """What the stock parser found, in the words of this program."""
        if error.argument_name is None:
            return usage_fault(f"{listed(self._missing(arguments), last='and')} is missing", self._usage(), self.prog)
        name = quoted(error.argument_name)
        if isinstance(error.__context__, argparse.ArgumentTypeError):
            return usage_fault(f"{name} {error.__context__}", None, self.prog)
        takes_value = all(action.nargs != 0 for action in self._actions if _name(action) == error.argument_name)
        return usage_fault(f"{name} {'needs a value' if takes_value else 'takes no value'}", None, self.prog)

    def _missing(self, arguments: list[str]) -> list[str]:
        """The names of the required arguments that a call lacks."""
        required = [action for action in self._actions if action.required]
        for action in required:
            action.required = False
        options, _ = self.parse_known_args(arguments)
        for action in required:
            action.required = True
        return [_name(action) for action in required if getattr(options, action.dest) is None]

    def _unknown_options(self, arguments: list[str]) -> list[str]:
        before = arguments[: arguments.index("--")] if "--" in arguments else arguments
        names = [argument.partition("=")[0] for argument in before if argument.startswith("-") and argument != "-"]
        known = self._option_string_actions
        return [name for name in names if name not in known and (name.startswith("--") or name[:2] not in known)]

    def _unknown_option(self, option: str) -> Finding:
        known = {name.lstrip("-"): name for name in self._option_string_actions if name.startswith("--")}
        found = nearest(option.lstrip("-"), known)
        options = f"the options are {listed(known.values(), last='and')}"
        advice = f"did you mean {quoted(known[found])}?" if found else options
        return Finding("usage", f"unknown option {quoted(option)}", help=advice, file=self.prog)

    def _usage(self) -> str:
        return " ".join(self.format_usage().split())


def _name(action: argparse.Action) -> str:
    """The name of an argument, as the stock parser's errors have it."""
    return "/".join(action.option_strings) or str(action.metavar)


def one_of(*options: str) -> Callable[[str], str]:
    """The type of an option's value that is one of a few words."""

    def read(value: str) -> str:
        if value not in options:
            raise argparse.ArgumentTypeError(f"must be {listed(options)}")
        return value

    return read
