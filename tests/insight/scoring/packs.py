"""Formulas for tests: small ones that need no call-back, and the demo district's own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import siquan.demo
from siquan.insight.scoring import services
from siquan.insight.scoring.models import FormulaPack
from tests import make

DEMO = Path(siquan.demo.__file__).parent / "pack/rates.yaml"
PLAIN = """
name: test-rates
version: "1"
valid_from: 2020-01-01
title: {zh: 测试公式, en: Test formula}
source: test
counts: {source: [hotline, snapshot]}
exclusions:
  - {code: outside-duty, title: {zh: 超出职责, en: beyond our duties}, appeal: true, source: test}
  - {code: sleet, title: 冻雨, when: {category: {starts: "900"}}, source: test}
rates:
  response:
    title: 响应率
    points: [{when: {handled_in_time: true}, points: 1}]
    source: test
  resolution:
    title: 解决率
    of: {handled_in_time: {known: true}}
    points:
      - {when: {handled_in_time: true, reopened: false}, points: 2}
      - {when: {handled_in_time: true}, points: 1}
    full: 2
    source: test
  satisfaction:
    title: 满意率
    of: {source: hotline}
    points: [{when: {accepted_minutes: {at_most: 60}}, points: 1}]
    source: test
composite: {response: 1, resolution: 3}
ranking: {confidence: 95, least: 2}
appeals:
  days: 30
  revision:
    days: 60
    grounds: [{code: new-evidence, title: {zh: 新证据, en: new evidence}, source: test}]
public: streets
"""


def load(text: str = PLAIN, *, at: datetime = make.NOW) -> FormulaPack:
    """Load a formula pack."""
    return services.load_formula(text.encode(), by=None, at=at)[0]
