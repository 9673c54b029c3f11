"""Wire the rooms together once Django has loaded them."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """The wiring: tables handed to the rooms that use them, nothing else."""

    name = "siquan.config"
    label = "wiring"

    def ready(self) -> None:
        from django.conf import settings

        from siquan.base.files import permissions as file_permissions
        from siquan.base.journal import reactions as journal_reactions
        from siquan.base.kernel import sealing
        from siquan.base.privacy import registry
        from siquan.base.web import panels as web_panels
        from siquan.city.duties import tables
        from siquan.config import guards, panels, permissions, privacy, reactions, schedule

        sealing.use(sealing.parse_keys(settings.SEALING_KEYS))
        journal_reactions.use(reactions.REACTIONS)
        journal_reactions.use_schedule(schedule.SCHEDULE)
        registry.use(privacy.KEEPERS, privacy.HOLDERS, privacy.ROTATED)
        file_permissions.use(guards.FILE_GUARDS)
        web_panels.use(panels.PANELS)
        tables.use(permissions.ROOM_RULES)
