"""Draw Django's forms with our fields: `FORM_RENDERER = "siquan.base.web.renderers.Fields"`."""

from django.forms.renderers import DjangoTemplates


class Fields(DjangoTemplates):
    """Label, hint and error around every control, tied to it for screen readers."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"
