"""Django settings, read from the environment; the defaults suit one small machine.

Every variable is described in ``docs/operators/settings.md``.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url

from kassa.data_folder import make_data_folder

DATA_DIR = Path(os.environ.get("KASSA_DATA_DIR", ".kassa")).resolve()
HOST = os.environ.get("KASSA_HOST", "127.0.0.1")
PORT = int(os.environ.get("KASSA_PORT", "8000"))
BASE_URL = os.environ.get("KASSA_BASE_URL", f"http://{HOST}:{PORT}").rstrip("/")
EVENT_SOURCE = (os.environ.get("KASSA_EVENT_SOURCE") or BASE_URL).rstrip("/")

DEBUG = False


def _served_hosts() -> tuple[str, ...]:
    """Return the hosts that requests may be for: given, or that of the address that Kassa is told to have."""
    if given := os.environ.get("KASSA_ALLOWED_HOSTS"):
        return tuple(host.strip().lower() for host in given.split(",") if host.strip())
    own = urlsplit(BASE_URL).hostname if "KASSA_BASE_URL" in os.environ else None
    return (own,) if own else ("*",)


SERVED_HOSTS = _served_hosts()
"""Beside them, the domains of organisations. ``*``: any host, as for a trial on one machine."""
ALLOWED_HOSTS = ["*"]
"""Django's own list knows names alone; `kassa.security` knows what organisations have proved as well."""


def _names(listed: str) -> list[str]:
    return [name for part in listed.split(",") if (name := part.strip())]


RESERVED_DOMAINS = frozenset(
    name.lower().strip(".")
    for name in _names(
        os.environ.get("KASSA_RESERVED_DOMAINS", "arpa,internal,invalid,local,localhost,onion")
    )
)
"""Domains that no organisation may have, with all that lie below them."""
DNS_SERVERS = _names(os.environ.get("KASSA_DNS_SERVERS", ""))
"""Name servers that are asked about organisations' domains, as IP addresses; empty: those of the system."""
DOMAIN_CHECK_NETWORKS = [
    ipaddress.ip_network(network) for network in _names(os.environ.get("KASSA_DOMAIN_CHECK_NETWORKS", ""))
]
"""Networks that are not public and in which organisations' domains may lie all the same."""


OLDER_SECRET_KEYS = DATA_DIR / "older_secret_keys.json"


def _secret_key() -> str:
    """Return the signing key: given, or made once and kept in the data folder."""
    if given := os.environ.get("KASSA_SECRET_KEY"):
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        make_data_folder(DATA_DIR)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _older_secret_keys() -> list[str]:
    """Return the keys that sign nothing any more: those given, and those put aside in the data folder."""
    given = [key for key in os.environ.get("KASSA_SECRET_KEY_FALLBACKS", "").split(",") if key]
    if "KASSA_SECRET_KEY" in os.environ or not OLDER_SECRET_KEYS.exists():
        return given
    return [*given, *json.loads(OLDER_SECRET_KEYS.read_text())]


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = _older_secret_keys()
"""What they have signed stays genuine; a key that is taken out of this list ends it."""
ENCRYPTION_KEYS = [key for key in os.environ.get("KASSA_ENCRYPTION_KEYS", "").split(",") if key] or [
    SECRET_KEY,
    *SECRET_KEY_FALLBACKS,
]
"""What stored secrets are encrypted with: the first one; the others can still read theirs."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "ninja",
    "kassa.core",
    "kassa.organizations",
    "kassa.identity",
    "kassa.inventory",
    "kassa.catalog",
    "kassa.seating",
    "kassa.coupons",
    "kassa.waiting",
    "kassa.pictures",
    "kassa.orders",
    "kassa.sales",
    "kassa.payments",
    "kassa.tickets",
    "kassa.invoices",
    "kassa.admission",
    "kassa.notifications",
    "kassa.integrations.demo_bank",
    "kassa.web",
    "kassa.storefront",
    "kassa.storefront.shop",
    "kassa.storefront.choose",
    "kassa.storefront.checkout",
    "kassa.storefront.account",
    "kassa.mailbox",
    "kassa.checkin",
    "kassa.api",
    # Below the pages of accounts, whose templates and words come first.
    "kassa.storefront.account.apps.AllauthConfig",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "kassa.security.guard",
    "kassa.api.middleware.answer_with_problems",
    "kassa.storefront.page_middleware.answer_pages",
    "kassa.storefront.account.middleware.SignInBelowAccount",
]
ROOT_URLCONF = "kassa.urls"
WSGI_APPLICATION = "kassa.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "kassa.storefront.account.context.who_and_what_was_done",
            ]
        },
    }
]
APPEND_SLASH = False
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "kassa.storefront.account.passwords.HardToGuess"}]
SESSION_COOKIE_NAME = "kassa_session"
SESSION_ENGINE = "kassa.storefront.account.session_store"
SESSION_COOKIE_AGE = int(float(os.environ.get("KASSA_SESSION_IDLE_HOURS", "168")) * 3600)
"""Seconds after which a session ends in which nobody has opened a page of the account."""
SESSION_LONGEST_AGE = 30 * 24 * 3600
"""Seconds after which everybody signs in anew."""
SESSION_COOKIE_SECURE = BASE_URL.startswith("https:")
HSTS_SECONDS = int(os.environ.get("KASSA_HSTS_SECONDS", "31536000")) if SESSION_COOKIE_SECURE else 0
"""How long browsers are to come by https alone, where Kassa is at home there."""
CSRF_COOKIE_NAME = "kassa_csrf"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kassa.storefront.account.middleware.form_has_expired"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CACHES = {
    "default": {
        # How often somebody has tried is counted here, by all processes together.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "identity_trycount",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
LOGOUT_REDIRECT_URL = "/account/login/"

ACCOUNT_ADAPTER = "kassa.storefront.account.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "kassa.storefront.account.adapter.shown_name"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "kassa.storefront.account.forms.NameForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/300s/key",
    "request_login_code": "3/m/key",
    "reset_password": None,
    "reset_password_from_key": None,
    "signup": None,
    "verify_phone": None,
}
"""Without those by address, which Kassa counts itself: it knows when an address tells nobody apart."""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(BASE_URL).scheme
MFA_ADAPTER = "kassa.storefront.account.mfa.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_TRACK_ACTIVITY = True
USERSESSIONS_ADAPTER = "kassa.storefront.account.sessions.SessionsAdapter"
SECURITY_LOG_DAYS = int(os.environ.get("KASSA_SECURITY_LOG_DAYS", "400"))
"""How long the security log is kept; the database refuses to delete what is younger than 30 days."""
if SECURITY_LOG_DAYS < 30:
    raise ValueError(f"{SECURITY_LOG_DAYS} days are too few: KASSA_SECURITY_LOG_DAYS is at least 30.")
TRUSTED_PROXIES = int(os.environ.get("KASSA_TRUSTED_PROXIES", "0"))
"""How many proxies stand before Kassa, each of which adds whom it answers to ``X-Forwarded-For``."""
RATE_LIMITS = os.environ.get("KASSA_RATE_LIMITS", "1").strip().lower() not in ("0", "no", "off", "false")
"""Whether requests are limited in how often they come; off only for measurements."""


def _rates() -> dict[str, tuple[int, int, int] | None]:
    """Return the rates that the operator has chosen, as count, seconds and burst; None: switched off."""
    periods = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
    prefix, found = "KASSA_RATE_", {}
    for variable, value in os.environ.items():
        name = variable.removeprefix(prefix).lower()
        if not variable.startswith(prefix) or name == "limits" or not value:
            continue
        written = re.fullmatch(r"([1-9]\d{0,8})/(second|minute|hour|day),([1-9]\d{0,8})", value.strip())
        if written is None and value.strip().lower() != "off":
            raise ValueError(f"{value!r} is not a rate: write it as 60/minute,120, or off.")
        found[name] = (int(written[1]), periods[written[2]], int(written[3])) if written else None
    return found


def _share(value: str) -> tuple[int, int] | None:
    """Return a share of an event in per cent, and the number that is allowed in any case; None: no limit."""
    written = re.fullmatch(r"(\d{1,3})%,(\d{1,6})", value.strip())
    if written is None and value.strip().lower() != "off":
        raise ValueError(f"{value!r} is no share of an event: write it as 10%,20, or off.")
    return (int(written[1]), int(written[2])) if written else None


HELD_PER_ADDRESS = _share(os.environ.get("KASSA_HELD_PER_ADDRESS") or "10%,20")
"""Unpaid tickets of an event that one visitor holds at a time: a share of its places, at least so many."""
HELD_PER_NETWORK = _share(os.environ.get("KASSA_HELD_PER_NETWORK") or "25%,50")
"""The same for all visitors of one network together."""
UNPROVEN_TRANSFERS = int(os.environ.get("KASSA_UNPROVEN_TRANSFERS") or "4")
"""Tickets of an event that one visitor orders by bank transfer without having proven an e-mail address."""


RATES = _rates()
"""By the name of the rate limit. Each is described in ``docs/operators/settings.md``."""


def _openid_providers() -> list[dict[str, Any]]:
    """Return the OpenID Connect providers that people may sign in through, one for each ``…_ISSUER``."""
    prefix, given = "KASSA_OIDC_", dict(os.environ)
    found = []
    for variable in sorted(name for name in given if name.startswith(prefix) and name.endswith("_ISSUER")):
        provider = variable.removesuffix("_ISSUER")
        if f"{provider}_CLIENT_ID" not in given:
            raise ValueError(f"{variable} is set: {provider}_CLIENT_ID must be as well.")
        name = provider.removeprefix(prefix)
        found.append(
            {
                "provider_id": name.lower().replace("_", "-"),
                "name": given.get(f"{provider}_NAME", name.replace("_", " ").title()),
                "client_id": given[f"{provider}_CLIENT_ID"],
                "secret": given.get(f"{provider}_CLIENT_SECRET", ""),
                "settings": {"server_url": given[variable].rstrip("/")},
            }
        )
    return found


SOCIALACCOUNT_ADAPTER = "kassa.storefront.account.openid.OpenIdAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": _openid_providers()}
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
CLERK_ISSUER = os.environ.get("KASSA_CLERK_ISSUER", "").rstrip("/")
"""The address of a Clerk instance whose people may sign in; empty: none."""
CLERK_AUTHORIZED_PARTIES = [
    origin.rstrip("/") for origin in os.environ.get("KASSA_CLERK_AUTHORIZED_PARTIES", "").split(",") if origin
]
"""The origins for which Clerk's tokens may have been made; empty: only Kassa's own."""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "kassa.core.static_files.VersionedFiles"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
"""A hall of 20,000 seats arrives in one call; 10 MiB leaves room for its plan."""
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
"""A checkout asks a few things of each ticket, and a school buys hundreds."""


_MIB = 1024 * 1024
UPLOAD_STORAGE_BYTES = int(os.environ.get("KASSA_UPLOAD_STORAGE", "20480")) * _MIB
"""How much of the files of all buyers the database holds, claimed by orders or not."""
UPLOAD_CART_BYTES = int(os.environ.get("KASSA_UPLOAD_CART", "100")) * _MIB
"""How much of the files of one cart may wait to be claimed by its order."""
UPLOAD_KEY_BYTES = int(os.environ.get("KASSA_UPLOAD_KEY", "5120")) * _MIB
"""The same of the files that came with one API key."""


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL") or "postgres://kassa@127.0.0.1:5432/kassa"
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    database["CONN_HEALTH_CHECKS"] = True
    # A line that was cut is noticed at both ends. Otherwise PostgreSQL would keep sessions, with their locks
    # and their places among its connections, for the two hours of the system's own settings.
    line = {
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    session = {
        "lock_timeout": "5s",
        "statement_timeout": "60s",
        "idle_in_transaction_session_timeout": os.environ.get("KASSA_IDLE_IN_TRANSACTION", "60s"),
        **{name if name.startswith("tcp_") else f"tcp_{name}": value for name, value in line.items()},
    }
    # Few connections, batches: many waiting connections cost PostgreSQL several times the
    # CPU of a few. Requests borrow one from the pool for their queries and give it back.
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        "connect_timeout": 5,
        **line,
        "pool": {
            "min_size": 0,
            "max_size": int(os.environ.get("KASSA_DATABASE_POOL", "8")),
            "timeout": 2,
        },
    }
    return database


DATABASES = {"default": _database()}

WEB_WORKERS = int(os.environ.get("KASSA_WEB_WORKERS", "2"))
WEB_THREADS = int(os.environ.get("KASSA_WEB_THREADS", "32"))

BODY_SECONDS = float(os.environ.get("KASSA_BODY_SECONDS", "10"))
"""How long the body of a request may take before it has to come with 16 KiB/s, and be silent at most."""
BODY_MEMORY = int(os.environ.get("KASSA_BODY_MEMORY", str(256 * 1024 * 1024)))
"""How many bytes of bodies a web process holds in memory; on disk it holds four times as many."""
SLOW_BODIES_PER_ADDRESS = int(os.environ.get("KASSA_SLOW_BODIES_PER_ADDRESS", "100"))
"""How many bodies of one client may be under way for more than a second, in each web process."""
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
"""Where files lie that are too large for memory while a request is answered."""
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "kassa.core.upload_handler.DataFolderUploadHandler",
]

SALE_BATCH_SIZE = int(os.environ.get("KASSA_SALE_BATCH_SIZE", "64"))
"""How many waiting orders of one organisation are placed in one transaction, at most."""
SALE_WRITERS = int(os.environ.get("KASSA_SALE_WRITERS", "2"))
"""How many transactions of waiting orders a web process runs at once."""
SALE_QUEUE_LIMIT = int(os.environ.get("KASSA_SALE_QUEUE_LIMIT", "2000"))
"""How many orders may wait in a web process; one more is answered 503."""
SALE_WAIT_SECONDS = float(os.environ.get("KASSA_SALE_WAIT_SECONDS", "10"))
"""How long an order waits for its turn before it is answered 503."""

DEMO_PAYMENTS = os.environ.get(
    "KASSA_DEMO_PAYMENTS", os.environ.get("KASSA_DEMO", "1")
).strip().lower() not in ("0", "no", "off", "false")
"""Whether the demo bank is a payment provider: whoever is sent to its page may say that an order is paid."""
PAYMENT_PROVIDERS = [
    "kassa.payments.providers.free.FreeProvider",
    "kassa.payments.providers.manual.ManualProvider",
    *(["kassa.integrations.demo_bank.provider.DemoProvider"] if DEMO_PAYMENTS else []),
    "kassa.integrations.stripe.provider.StripeProvider",
    *[path for path in os.environ.get("KASSA_PAYMENT_PROVIDERS", "").split(",") if path],
]
"""Beside those that installed packages register themselves."""
STRIPE_API_BASES = [
    address.rstrip("/") for address in os.environ.get("KASSA_STRIPE_API_BASES", "").split(",") if address
]
"""Addresses that organisations may call instead of Stripe's own, such as a proxy."""
PLATFORM_FEE_PERCENTAGE = Decimal(os.environ.get("KASSA_PLATFORM_FEE_PERCENTAGE", "0"))
"""What whoever runs Kassa keeps of each payment, where the provider can split payments."""

FONT_FOLDERS = [
    Path(folder) for folder in os.environ.get("KASSA_FONT_FOLDERS", "").split(os.pathsep) if folder
]
"""Folders with further fonts for printed documents, for letters that Kassa's own do not have."""

MAIL_TRANSPORT = os.environ.get("KASSA_MAIL_TRANSPORT", "keep").strip().lower()
"""``keep``: messages stay in the database, for a page to show; ``smtp``; or one of anymail's providers."""
MAIL_FROM = os.environ.get("KASSA_MAIL_FROM", "kassa@localhost.localdomain")
"""The address that messages come from, under each organisation's name."""
MAIL_EHLO = os.environ.get("KASSA_MAIL_EHLO", "").strip()
"""What Kassa calls itself to a mail server; empty: the name that this machine believes to have."""
MAIL_ATTACHMENT_BYTES = int(os.environ.get("KASSA_MAIL_ATTACHMENT_BYTES", str(4 * 1024 * 1024)))
"""What goes with one message at most; tickets that are more are linked to."""
MAIL_LANES = int(os.environ.get("KASSA_MAIL_LANES", "2"))
"""How many messages of one organisation are sent side by side."""
DEFAULT_FROM_EMAIL = MAIL_FROM
EMAIL_TIMEOUT = float(os.environ.get("KASSA_MAIL_TIMEOUT", "20"))
if MAIL_TRANSPORT != "keep" and "KASSA_MAIL_FROM" not in os.environ:
    raise ValueError(f"{MAIL_TRANSPORT!r} needs an address that messages come from: set KASSA_MAIL_FROM.")
if MAIL_TRANSPORT not in ("keep", "smtp"):
    EMAIL_BACKEND = f"anymail.backends.{MAIL_TRANSPORT}.EmailBackend"
_mail_server = urlsplit(os.environ.get("KASSA_MAIL_SMTP_URL", "smtp://localhost:25"))
EMAIL_HOST = _mail_server.hostname or "localhost"
EMAIL_USE_SSL = _mail_server.scheme == "smtps"
EMAIL_USE_TLS = _mail_server.scheme == "smtp+starttls"
EMAIL_PORT = _mail_server.port or {"smtps": 465, "smtp+starttls": 587}.get(_mail_server.scheme, 25)
EMAIL_HOST_USER = unquote(_mail_server.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail_server.password or "")
MAIL_WEBHOOK_SECRET = os.environ.get("KASSA_MAIL_WEBHOOK_SECRET", "")
"""``user:password`` with which a provider tells of bounces at ``/anymail/``; empty: there is no such page."""
ANYMAIL = {
    **{
        name.removeprefix("KASSA_MAIL_ANYMAIL_"): value
        for name, value in os.environ.items()
        if name.startswith("KASSA_MAIL_ANYMAIL_")
    },
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    "IGNORE_UNSUPPORTED_FEATURES": True,
    **({"WEBHOOK_SECRET": MAIL_WEBHOOK_SECRET} if MAIL_WEBHOOK_SECRET else {}),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"no_secrets": {"()": "kassa.core.log.HideSecretLinks"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["no_secrets"]}
    },
    # Django would log every answer from 400 on, which under a sold-out on-sale is nearly all of them.
    # What happens to the access of people and programs is logged whatever the level of the rest.
    "loggers": {"django.request": {"level": "ERROR"}, "kassa.security": {"level": "INFO"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KASSA_LOG_LEVEL", "WARNING")},
}
