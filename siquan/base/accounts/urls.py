"""Addresses of the accounts."""

from django.urls import path

from siquan.base.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.show_account, name="account"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("password/", views.change_password, name="change_password"),
    path("tokens/", views.show_tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
]
