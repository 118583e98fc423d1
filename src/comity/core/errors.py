"""What can go wrong, as one small tree.

Every message says what is wrong, where, and what to do next; none carries personal data, so a
message can be shown to a requester, printed in a terminal or kept in an operator's log.
"""

from __future__ import annotations

EXIT_DONE = 0
EXIT_FOUND_WRONG = 1
EXIT_CALL_WRONG = 2


class ComityError(Exception):
    """Anything Comity refuses to do, told in words.

    `what` is the problem in one sentence, `where` the file, line, column or field (empty where
    there is none), `cure` what the reader can do about it.
    """

    exit_code = EXIT_CALL_WRONG

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what = what
        self.where = where
        self.cure = cure
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole message: where, what and cure on one line."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.cure}".rstrip()


class UsageError(ComityError):
    """The call itself is wrong: an unknown option, a missing file, a contradiction."""


class AgreementError(ComityError):
    """An agreement or roster cannot be read or does not hold together."""


class IntakeError(ComityError):
    """A whole batch file cannot be read (a single bad row is never an error, but a finding)."""


class RegistryError(ComityError):
    """A registry source or index cannot be read, or is not what its manifest says."""


class KeyMaterialError(ComityError):
    """A key file cannot be read, or does not belong to whoever claims it."""


class AuthorizationError(ComityError):
    """Somebody may not do what they tried; the attempt is logged by whoever raises this."""

    exit_code = EXIT_FOUND_WRONG


class ConflictError(ComityError):
    """The act contradicts what is done or under way (a second disclosure, a busy exchange)."""

    exit_code = EXIT_FOUND_WRONG


class LedgerError(ComityError):
    """The log does not verify: what was read contradicts a signature, a hash or a form."""

    exit_code = EXIT_FOUND_WRONG
