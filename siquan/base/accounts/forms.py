"""What people type about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.validators import MaxLengthValidator
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

explained = lazy(password_validators_help_text_html, str)


class SignIn(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": _("登录名或密码不对，请核对大小写后再试。连续输错多次会暂停登录一段时间。"),
        "inactive": _("这个账号已停用，请联系本单位管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Use our words."""
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.label = _("登录名")
        # Django only tells the browser how long a name may be; failed tries are written down with their name.
        name.validators.append(MaxLengthValidator(60))
        self.fields["password"].label = _("密码")


class ChangePassword(PasswordChangeForm):
    """The old password, and the new one twice, with the rules in front of it."""

    error_messages = {
        **PasswordChangeForm.error_messages,
        "password_incorrect": _("原密码不对，请再输一次。"),
        "password_mismatch": _("两次输入的新密码不一样。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Use our words."""
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("原密码")
        self.fields["new_password1"].label = _("新密码")
        self.fields["new_password1"].help_text = explained()
        self.fields["new_password2"].label = _("再输一次新密码")
        self.fields["new_password2"].help_text = ""


class Account(forms.Form):
    """Name and language."""

    name = forms.CharField(label=_("姓名"), max_length=60, strip=True)
    language = forms.ChoiceField(label=_("语言"), choices=settings.LANGUAGES)


class NewToken(forms.Form):
    """What a token is for."""

    label = forms.CharField(
        label=_("用途"), max_length=60, help_text=_("写明哪个程序使用，停用时好辨认。例如：街道大屏取数。")
    )
