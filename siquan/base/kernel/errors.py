"""The ways a request can be refused, each with a stable code and words for the person who asked."""

from collections.abc import Sequence
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class SiquanError(Exception):
    """Something asked for cannot be done; `code` is stable for programs, `message` is for people.

    `message` may be lazy: it is put into the reader's language when it is shown.
    """

    code: ClassVar[str] = "refused"
    default_message: ClassVar[Words] = _("这一步现在做不了。")

    def __init__(self, message: Words | None = None) -> None:
        """Keep the words; without any, use the words of the kind of refusal."""
        self.message: Words = self.default_message if message is None else message
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return the message in the active language."""
        return str(self.message)


class NotPossible(SiquanError):
    """The verb does not exist in this state; `possible` are the verbs that do."""

    code = "not-possible"

    def __init__(
        self,
        message: Words | None = None,
        *,
        verb: str = "",
        state: str = "",
        possible: Sequence[str] = (),
    ) -> None:
        """Keep what was asked, where the thing stands, and what could be asked instead."""
        super().__init__(message)
        self.verb = verb
        self.state = state
        self.possible = tuple(possible)


class NotFound(SiquanError):
    """No such thing, or none that this person may see: the two answer alike."""

    code = "not-found"
    default_message = _("没有找到。请核对编号或链接。")


class BadInput(SiquanError):
    """What was sent cannot be used; `field` names the part to change, None the whole."""

    code = "bad-input"
    default_message = _("填写的内容有误，请改正后再提交。")

    def __init__(self, message: Words | None = None, field: str | None = None) -> None:
        """Keep the words and the field they are about."""
        super().__init__(message)
        self.field = field


class OutsideDistrict(BadInput):
    """The place lies outside the district this installation serves."""

    code = "outside-district"
    default_message = _("这个位置不在本区范围内，请拨打12345反映。")


class UnknownDatum(BadInput):
    """The coordinates name a datum that nobody here can read."""

    code = "unknown-datum"
    default_message = _("不认识这种坐标系，请用 WGS84、GCJ02 或 BD09。")


class NoWorkingTime(SiquanError):
    """The calendar holds no working time where it is needed, or does not reach that year."""

    code = "no-working-time"
    default_message = _("工作日历不覆盖这段时间，请先补充该年度的工作日历。")
