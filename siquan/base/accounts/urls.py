"""Addresses of the accounts."""

from django.urls import path

from siquan.base.accounts.views import account, factors, sessions, signing_in

app_name = "accounts"
urlpatterns = [
    path("", account.show_account, name="account"),
    path("sign-in/", signing_in.sign_in, name="sign_in"),
    path("sign-in/second/", signing_in.second_step, name="second_step"),
    path("sign-in/passkey/", signing_in.passkey_sign_in, name="passkey_sign_in"),
    path("sign-out/", signing_in.sign_out, name="sign_out"),
    path("prove/", signing_in.prove, name="prove"),
    path("sign-out-everywhere/", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("password/", account.change_password, name="change_password"),
    path("tokens/", account.show_tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", account.revoke_token, name="revoke_token"),
    path("second-factor/", factors.show_factors, name="second_factor"),
    path("second-factor/code/", factors.add_code, name="add_code"),
    path("second-factor/code/qr.svg", factors.code_picture, name="code_picture"),
    path("second-factor/passkey/", factors.add_passkey, name="add_passkey"),
    path("second-factor/codes/", factors.renew_codes, name="renew_codes"),
    path("second-factor/<int:factor_id>/rename/", factors.rename, name="rename_factor"),
    path("second-factor/<int:factor_id>/remove/", factors.remove, name="remove_factor"),
    path("sign-ins/", sessions.show_sign_ins, name="sign_ins"),
    path("sign-ins/end-others/", sessions.end_others, name="end_others"),
    path("sign-ins/<int:sign_in_id>/end/", sessions.end_sign_in, name="end_sign_in"),
]
