"""Questions that nearly every request asks: their SQL is made once, and the server keeps its plan.

    _token = Prepared(lambda: ApiToken.objects.valid(Given("at")).filter(digest=Given("digest")))
    _token(at=at, digest=digest)  # a list, as list(queryset) would be

The ORM takes several times longer to write such a statement than PostgreSQL to answer it. The question stays
an ordinary queryset; only the values in the places of `Given` change from one time to the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from django.db import connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, get_related_populators

T = TypeVar("T")


class Given(Expression):
    """The place of a value that is known only when the question is asked."""

    def __init__(self, name: str) -> None:
        """Remember by which name the value will be handed in."""
        super().__init__()
        self.name: Final = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return a placeholder, and this place as its value."""
        return "%s", [self]


class Prepared(Generic[T]):
    """A question with open places. Asks rows of a model (with `select_related`), or `values_list`."""

    def __init__(self, make: Callable[[], models.QuerySet[Any, T]]) -> None:
        """Remember the question; it is written when it is asked for the first time."""
        self._make = make
        self._kept = threading.local()  # a compiler belongs to the connection of its thread

    def __call__(self, **given: Any) -> list[T]:
        """Ask, with a value for every open place; one statement."""
        plan: _Plan | None = getattr(self._kept, "plan", None)
        if plan is None:
            plan = self._kept.plan = _Plan(self._make())
        values = [given[each.name] if isinstance(each, Given) else each for each in plan.params]
        with connection.prepared_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(plan.sql, values)
            rows = cursor.fetchall()
        return plan.read(rows)

    def first(self, **given: Any) -> T | None:
        """Ask, and return the first row; None when there is none."""
        found = self(**given)
        return found[0] if found else None


class _Plan:
    """The statement of a question, and how its rows are read."""

    def __init__(self, asked: models.QuerySet[Any, Any]) -> None:
        self.compiler = asked.query.get_compiler(using=asked.db)
        self.sql, params = self.compiler.as_sql()
        self.params: Sequence[Any] = params
        fields = [each[0] for each in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(fields)
        iterable = asked._iterable_class
        self.build = _of_model(self.compiler) if issubclass(iterable, ModelIterable) else None
        self.is_flat = iterable.__name__ == "FlatValuesListIterable"

    def read(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        found: Any = rows
        if self.converters:
            found = self.compiler.apply_converters(rows, self.converters)
        if self.build:
            return [self.build(row) for row in found]
        return [row[0] for row in found] if self.is_flat else [tuple(row) for row in found]


def _of_model(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row of a model, and of those related to it, from a row of the answer."""
    info: Mapping[str, Any] = compiler.klass_info
    model, columns = info["model"], info["select_fields"]
    begin, end = columns[0], columns[-1] + 1
    names = [each[0].target.attname for each in compiler.select[begin:end]]
    related = get_related_populators(info, compiler.select, compiler.using)  # type: ignore[call-arg]
    extra = list((compiler.annotation_col_map or {}).items())

    def build(row: Sequence[Any]) -> Any:
        made = model.from_db(compiler.using, names, row[begin:end])
        for each in related:
            each.populate(row, made)
        for name, at in extra:
            setattr(made, name, row[at])
        return made

    return build
