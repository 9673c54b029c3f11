"""Form controls of our own."""

from django import forms


class SearchSelect(forms.Select):
    """A select with many options: found by typing, and an ordinary select without JavaScript."""

    template_name = "web/forms/search_select.html"
