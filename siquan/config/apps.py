"""Wire the rooms together once Django has loaded them."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """The wiring: tables handed to the rooms that use them, nothing else."""

    name = "siquan.config"
    label = "wiring"

    def ready(self) -> None:
        from django.conf import settings

        from siquan.base.accounts import factors
        from siquan.base.files import permissions as file_permissions
        from siquan.base.journal import reactions as journal_reactions
        from siquan.base.kernel import sealing
        from siquan.base.privacy import registry
        from siquan.base.web import limits as web_limits
        from siquan.base.web import panels as web_panels
        from siquan.city.duties import queries as duties
        from siquan.city.duties import tables
        from siquan.config import guards, limits, panels, permissions, privacy, reactions, schedule

        sealing.use(sealing.parse_keys(settings.SEALING_KEYS))
        journal_reactions.use(reactions.REACTIONS)
        journal_reactions.use_schedule(schedule.SCHEDULE)
        registry.use(privacy.KEEPERS, privacy.HOLDERS, privacy.ROTATED)
        file_permissions.use(guards.FILE_GUARDS)
        web_panels.use(panels.PANELS)
        web_limits.use(limits.LIMITS)
        factors.use(lambda user: duties.holds(user, *settings.SECOND_FACTOR_ROLES))
        tables.use(permissions.ROOM_RULES)
