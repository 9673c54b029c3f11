"""Settings: defaults for a small office; what differs comes from the environment.

See docs/reference/settings.md.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from siquan.config import env
from siquan.config.secrets import kept_secret, sealing_keys

PACKAGE = Path(__file__).resolve().parent.parent
SIQUAN_DIR = env.folder()

DEBUG = env.flag("SIQUAN_DEBUG")
SECRET_KEY = env.text("SIQUAN_SECRET_KEY")
if not SECRET_KEY:
    SECRET_KEY = kept_secret(SIQUAN_DIR / "secret-key")
ALLOWED_HOSTS = env.words("SIQUAN_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("SIQUAN_ORIGINS")
CSRF_FAILURE_VIEW = "siquan.base.web.problems.stale_form"
SECURE = env.flag("SIQUAN_HTTPS")
# Keys that seal personal data and originals, newest first.
SEALING_KEYS = sealing_keys()

# The division code (GB/T 2260) of the district whose facts new rows belong to.
DISTRICT_ID = env.number("SIQUAN_DISTRICT", 110101)

# Within this time every process notices that another one has changed a boundary or a name.
RECHECK_SECONDS = 5.0

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "pgtrigger",
    "ninja",
    "siquan.base.web",
    "siquan.base.journal",
    "siquan.base.files",
    "siquan.base.accounts",
    "siquan.base.privacy",
    "siquan.base.notices",
    "siquan.city.places",
    "siquan.city.units",
    "siquan.city.duties",
    "siquan.city.rules",
    "siquan.work.cases",
    "siquan.work.callbacks",
    "siquan.work.evaluations",
    "siquan.insight.scoring",
    "siquan.doors.portal",
    "siquan.doors.desk",
    "siquan.doors.api",
    "siquan.demo",
    "siquan.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "siquan.base.web.keeping.KeepPrivate",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "siquan.base.web.limits.Limits",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "siquan.base.accounts.middleware.RememberLanguage",
    "siquan.base.accounts.middleware.SeeBrowser",
    "siquan.base.web.once.OnceAnswers",
    "siquan.base.web.problems.ProblemPages",
]

ROOT_URLCONF = "siquan.config.urls"
WSGI_APPLICATION = "siquan.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "siquan.base.accounts.context.person",
                "siquan.base.notices.context.inbox",
                "siquan.doors.desk.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "siquan.base.web.renderers.Fields"

DATABASES = {
    "default": env.database(env.text("DATABASE_URL") or f"postgresql://siquan@/siquan?host={SIQUAN_DIR}/run")
}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["CONN_MAX_AGE"] = None if env.flag("SIQUAN_KEEP_CONNECTIONS", default=True) else 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["siquan.base.accounts.sessions.Accounts"]
SESSION_ENGINE = "siquan.base.accounts.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "siquan.base.accounts.breached.NotBreached"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "desk:my_work"
LOGOUT_REDIRECT_URL = "portal:home"
# Wrong passwords for one account from one network before the first wait (base/accounts/pacing.py).
SIGN_IN_TRIES = env.number("SIQUAN_SIGN_IN_TRIES", 8)
# A file of breached passwords in the order of their SHA-1, as "Have I Been Pwned" gives it out; read locally.
BREACHED_FILE = env.text("SIQUAN_BREACHED_FILE")
# Roles (of siquan/city/duties) whose holders sign in with a second factor.
SECOND_FACTOR_ROLES = env.words("SIQUAN_SECOND_FACTOR_ROLES")
# How many proxies of our own stand before this server; each adds one address to X-Forwarded-For.
PROXIES = env.number("SIQUAN_PROXIES", 0)
# How much is let in: so many at once, and the same again in so many seconds (base/web/limits.py).
LIMITED = env.text("SIQUAN_LIMITS", "on") != "off"
LIMITS = {
    "reports": env.text("SIQUAN_LIMIT_REPORTS", "60/600"),
    "remarks": env.text("SIQUAN_LIMIT_REMARKS", "60/600"),
    "sign-ins": env.text("SIQUAN_LIMIT_SIGN_INS", "120/60"),
    "searches": env.text("SIQUAN_LIMIT_SEARCHES", "240/60"),
    "exports": env.text("SIQUAN_LIMIT_EXPORTS", "20/600"),
    "calls": env.text("SIQUAN_LIMIT_CALLS", "1200/60"),
}
# Of a process's four places strangers' posts may take so many at once: the others stay free for the staff.
STRANGERS_AT_ONCE = env.number("SIQUAN_STRANGERS_AT_ONCE", 2)
# So many seconds we wait for 64 kB of a body, or for a reader, before we hang up (config/hangups.py).
PATIENCE_SECONDS = env.number("SIQUAN_PATIENCE", 30)
WEB_PROCESSES = env.number("SIQUAN_WEB_PROCESSES", 1)  # set by `siquan serve`

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "base/kernel/locale"]  # the kernel is no Django app
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = SIQUAN_DIR / "static"
MEDIA_ROOT = Path(env.text("SIQUAN_FILES") or SIQUAN_DIR / "files")
SUGGESTION_MODEL = env.text("SIQUAN_SUGGESTION_MODEL") or str(SIQUAN_DIR / "suggestion.model")
# How much there must be to learn from that is news, how much is learned at most, how many models are kept.
SUGGESTION_LEAST_LESSONS = env.number("SIQUAN_SUGGESTION_LEAST_LESSONS", 30)
SUGGESTION_MOST_LESSONS = env.number("SIQUAN_SUGGESTION_MOST_LESSONS", 10_000)
SUGGESTION_MODELS_KEPT = env.number("SIQUAN_SUGGESTION_MODELS_KEPT", 5)
STORAGES = {
    "default": {"BACKEND": "siquan.base.files.storage.ContentFolder"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# What anybody may read and no template makes: the base map, one file read by Range requests (/map/…).
PUBLIC_DIR = SIQUAN_DIR / "public"
WHITENOISE_ROOT = PUBLIC_DIR if PUBLIC_DIR.is_dir() else None
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "siquan.base.files.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "worker-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
if SECURE:  # a browser takes such a cookie only over https, from this very host, for every path
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

JOURNAL_KEY = env.text("SIQUAN_JOURNAL_KEY") or str(SIQUAN_DIR / "journal-key")

EMAIL_HOST = env.text("SIQUAN_SMTP_HOST")
EMAIL_PORT = env.number("SIQUAN_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("SIQUAN_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SIQUAN_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("SIQUAN_SMTP_TLS")
DEFAULT_FROM_EMAIL = env.text("SIQUAN_MAIL_FROM", "siquan@localhost")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = str(SIQUAN_DIR / "outbox" / "mail")
EMAIL_TIMEOUT = 10
# The address under which people reach this installation, for links in mails and messages.
SITE_URL = env.text("SIQUAN_URL").rstrip("/")
NOTICE_FOLDER = str(SIQUAN_DIR / "outbox")
NOTICE_CHANNELS = {  # dotted names: a district brings its own SMS gateway
    "email": env.text("SIQUAN_EMAIL_CHANNEL", "siquan.base.notices.channels.Mail"),
    "sms": env.text("SIQUAN_SMS_CHANNEL", "siquan.base.notices.channels.SmsFile"),
    "webhook": env.text("SIQUAN_WEBHOOK_CHANNEL", "siquan.base.notices.channels.WebhookFile"),
}
WEBHOOK_SECRET = env.text("SIQUAN_WEBHOOK_SECRET")
WEBHOOK_HOSTS = env.words("SIQUAN_WEBHOOK_HOSTS")  # may lie in our own network, and may speak plain http

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"discreet": {"()": "siquan.config.logwords.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("SIQUAN_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
