"""Text columns that are encrypted in the database, and the fingerprints by which they are found again.

    phone = SealedText(max_length=60, blank=True)
    phone_print = Fingerprint(of="phone", form=dialled)

Code reads and writes plain words; the database holds AES-256-GCM (`sealing.py`), bound to table and column.
Nothing can be searched in a sealed column: look the fingerprint up with `prints_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models

from siquan.base.kernel import sealing


class SealedText(models.CharField):  # type: ignore[type-arg]
    """Words that lie encrypted in the database (bytea); empty words stay empty."""

    def db_type(self, connection: Any) -> str:
        """Return PostgreSQL's name of the type."""
        return "bytea"

    def cast_db_type(self, connection: Any) -> str:
        """Return PostgreSQL's name of the type in casts."""
        return "bytea"

    def get_internal_type(self) -> str:
        """Return the kind of column for the database layer."""
        return "BinaryField"

    @property
    def context(self) -> str:
        """Return what a sealed value is bound to: moved to another column it does not open."""
        return f"{self.model._meta.db_table}.{self.column}"

    def sealed(self, words: str) -> bytes:
        """Return the words as the column keeps them; for COPY."""
        return sealing.seal(words.encode(), self.context) if words else b""

    def opened(self, kept: bytes) -> str:
        """Return what a value of the column says. Raises SealingError."""
        return sealing.open(kept, self.context).decode() if kept else ""

    def get_prep_value(self, value: Any) -> bytes | None:
        """Seal the words on their way into the database."""
        return None if value is None else self.sealed(str(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Hand the bytes to the driver."""
        value = value if prepared else self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        """Open what comes from the database."""
        return None if value is None else self.opened(bytes(value))

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse to search but for emptiness: the same words are sealed differently every time."""
        return {"isnull": models.lookups.IsNull, "empty": IsEmpty}.get(lookup_name)


class IsEmpty(models.Lookup):
    """Whether a sealed column holds anything: `phone__empty=False`."""

    lookup_name = "empty"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Compare the length, which is all that can be seen."""
        column, params = self.process_lhs(compiler, connection)
        return f"length({column}) {'=' if self.rhs else '>'} 0", params


class Fingerprint(models.CharField):  # type: ignore[type-arg]
    """The keyed fingerprint of a sealed column beside it, brought into one form first; kept up by saving."""

    def __init__(self, *args: Any, of: str = "", form: Callable[[str], str] = str, **kwargs: Any) -> None:
        """Remember the column and its form."""
        self.of, self.form = of, form
        kwargs |= {"max_length": 64, "blank": True, "default": "", "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what is the same for every fingerprint."""
        name, path, args, kwargs = super().deconstruct()
        for key in ("max_length", "blank", "default", "editable"):
            kwargs.pop(key, None)
        return name, path, args, kwargs | {"of": self.of, "form": self.form}

    @property
    def context(self) -> str:
        """Return what the fingerprint is bound to: one context for all columns of the same form."""
        return f"fingerprint.{self.form.__name__}"

    def print_of(self, words: str) -> str:
        """Return the fingerprint of the words; none of nothing."""
        formed = self.form(words)
        return sealing.fingerprint(formed, self.context) if formed else ""

    def prints_of(self, words: str) -> list[str]:
        """Return the words' fingerprints under every key, to look them up while keys are rotated."""
        formed = self.form(words)
        return sealing.fingerprints(formed, self.context) if formed else []

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Take the fingerprint of what the column beside holds now."""
        found = self.print_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, found)
        return found


def sealed_field(model: type[models.Model], name: str) -> SealedText:
    """Return one sealed column of a table."""
    field = model._meta.get_field(name)
    assert isinstance(field, SealedText)
    return field


def print_field(model: type[models.Model], name: str) -> Fingerprint:
    """Return one column of fingerprints of a table."""
    field = model._meta.get_field(name)
    assert isinstance(field, Fingerprint)
    return field


def sealed_fields(model: type[models.Model]) -> list[SealedText]:
    """Return the sealed columns of a table."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedText)]


def sealed_models() -> Iterator[type[models.Model]]:
    """Yield every table that has sealed columns."""
    for model in apps.get_models():
        if not model._meta.proxy and sealed_fields(model):
            yield model
