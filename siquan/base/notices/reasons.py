"""Why a notice did not arrive, in words; what is kept is its kind, never other people's words."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

ANSWERED: Final = re.compile(r"the receiver answered (\d+)")
WORDS: Final = {
    "interrupted while sending; whether it arrived is not known": gettext_noop(
        "发送时中断了，不知道对方是否收到。"
    ),
    "there is no address any more": gettext_noop("已经没有地址或号码，或者账号已停用。"),
    "no SIQUAN_WEBHOOK_SECRET is set": gettext_noop("没有设置推送密钥（SIQUAN_WEBHOOK_SECRET）。"),
    "the receiver answered 410 Gone": gettext_noop("对方说这个地址不再接收（410）。"),
    "not a web address": gettext_noop("地址不是网址。"),
    "not a plain web address": gettext_noop("网址里有不该有的内容。"),
    "only https addresses are called": gettext_noop("只推送到https地址。"),
    "the address lies in a private network": gettext_noop("地址在内部网络里，不推送。"),
    "TimeoutError": gettext_noop("对方没有按时回答。"),
    "ConnectionRefusedError": gettext_noop("对方的服务器拒绝连接。"),
    "gaierror": gettext_noop("找不到对方的服务器，请检查服务器地址和网络。"),
    "SMTPAuthenticationError": gettext_noop("邮件服务器不接受用户名或密码。"),
    "SMTPRecipientsRefused": gettext_noop("邮件服务器不接受这个收件人。"),
    "SMTPSenderRefused": gettext_noop("邮件服务器不接受这个发件人。"),
    "SMTPServerDisconnected": gettext_noop("邮件服务器断开了连接。"),
    "SSLCertVerificationError": gettext_noop("对方服务器的证书不可信。"),
}


def in_words(reason: str) -> str:
    """Return a reason in the reader's language; an unknown one is named as it was kept."""
    if reason in WORDS:
        return _(WORDS[reason])
    if found := ANSWERED.fullmatch(reason):
        return _("对方的服务器回答了%(status)s。") % {"status": found[1]}
    return _("程序报告：%(reason)s") % {"reason": reason} if reason else _("没有记下原因。")
