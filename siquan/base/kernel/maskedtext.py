"""Text columns into which no telephone number, identity card, plate or e-mail can be written openly."""

from __future__ import annotations

from typing import Any

from django.db import models

from siquan.base.kernel.masking import masked_address, masked_text


class MaskedText(models.TextField):  # type: ignore[type-arg]
    """Long words, masked by pattern on their way into the database."""

    def deconstruct(self) -> Any:
        """Look like a plain column to migrations: nothing differs in the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        """Mask the words, also those of an update."""
        value = super().get_prep_value(value)
        return masked_text(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Let the row in memory say what the database will."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = masked_text(value)
            setattr(model_instance, self.attname, value)
        return value


class MaskedLine(models.CharField):  # type: ignore[type-arg]
    """A line of words, masked by pattern on its way into the database."""

    @staticmethod
    def mask(words: str) -> str:
        """Return the words as the column may hold them."""
        return masked_text(words)

    def deconstruct(self) -> Any:
        """Look like a plain column to migrations: nothing differs in the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        """Mask the words, also those of an update; what grew by it is cut."""
        value = super().get_prep_value(value)
        return self.mask(value)[: self.max_length] if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Let the row in memory say what the database will."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.mask(value)
            setattr(model_instance, self.attname, value)
        return value


class MaskedAddress(MaskedLine):
    """An address as far as the building: unit, floor and door are masked on their way into the database."""

    @staticmethod
    def mask(words: str) -> str:
        """Return the address as the column may hold it."""
        return masked_address(words)
