"""Where a rule comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Citation:
    """A source of law or agreement.

    `source` is the citation as a lawyer writes it (`26 USC 6103(i)(2)(B)(i)`), `law` the ids of
    the requirements it stands for in docs/explanation/law.md (`R04`), and `status` whether the
    source was read (`verified`) or is still to be confirmed against the original.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    source: str
    law: str = ""
    status: Literal["verified", "to_be_confirmed"] = "verified"
    note: str = ""

    def __str__(self) -> str:
        return self.source if self.status == "verified" else f"{self.source} (to be confirmed)"
