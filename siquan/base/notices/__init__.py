"""Inbox, e-mail, SMS, webhook."""
