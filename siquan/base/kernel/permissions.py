"""May this person do that: one rule, one function, one sentence; the sentence is the text of the refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied

from siquan.base.kernel.errors import Words

Rule = Callable[[Any, Any], bool]
Rules = Mapping[str, Rule]
F = TypeVar("F", bound=Rule)


def says(sentence: Words) -> Callable[[F], F]:
    """Give a rule the sentence that people read: who may."""

    def attach(rule: F) -> F:
        rule.sentence = sentence  # type: ignore[attr-defined]
        return rule

    return attach


def sentence_of(rule: Rule) -> Words:
    """Return the sentence of a rule."""
    sentence: Words = rule.sentence  # type: ignore[attr-defined]
    return sentence


def require(rules: Rules, verb: str, user: Any, thing: Any) -> None:
    """Raise PermissionDenied with the rule's sentence unless the person may do this to the thing."""
    rule = rules[verb]
    if not rule(user, thing):
        raise PermissionDenied(sentence_of(rule))
