"""The room's entry in Django."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Room `demo`."""

    name = "siquan.demo"
    label = "demo"
