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

from siquan.base.accounts.models import User

explained = lazy(password_validators_help_text_html, str)


class SignIn(AuthenticationForm):
    """Name and password."""

    error_messages = {
        "invalid_login": _("登录名或密码不对，请核对大小写后再试。连续输错多次要等一会儿才能再试。"),
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


class Prove(forms.Form):
    """One's password, once more."""

    password = forms.CharField(
        label=_("密码"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        """Remember whose password it has to be."""
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Refuse any other password."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("密码不对，请再输一次。"))
        return password


class Code(forms.Form):
    """The code an app shows, or a recovery code."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=40,
        help_text=_("手机验证器上的6位数字；手机不在身边时，填一个备用码。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "class": "short", "data-private": ""}
        ),
    )


class NewCode(forms.Form):
    """The first code of an app, and what the app is called."""

    label = forms.CharField(label=_("名称"), max_length=60, initial=_("我的手机"))
    code = forms.CharField(
        label=_("验证码"),
        max_length=10,
        help_text=_("扫码后，手机上显示的6位数字。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "short"}
        ),
    )


class NewPasskey(forms.Form):
    """What a passkey is called, and what the browser answered."""

    label = forms.CharField(label=_("名称"), max_length=60, initial=_("这台设备"))
    answer = forms.CharField(widget=forms.HiddenInput, max_length=20_000)


class Label(forms.Form):
    """Another name."""

    label = forms.CharField(label=_("名称"), max_length=60)
