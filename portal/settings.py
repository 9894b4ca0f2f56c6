"""All settings of a site. Each name starting with REPRISE_ is read from the environment.

The defaults run one machine on SQLite. docs/operating.md explains every variable.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.path("REPRISE_VAR_DIR", BASE_DIR / "var")


def _secret_key() -> str:
    """The key from the environment, else one made once and kept beside the data."""
    given = env.text("REPRISE_SECRET_KEY")
    kept = VAR_DIR / "secret_key"
    if given:
        return given
    if not kept.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


def _database(url: str) -> dict[str, Any]:
    """Django's database dictionary for `postgresql://user:password@host:port/name`, or SQLite."""
    if not url:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "reprise.sqlite3",
            # Opening the file and setting its journal mode cost a third of a badge.
            "CONN_MAX_AGE": 60,
            # Six writers: 249 errors with deferred transactions, none with IMMEDIATE.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"connect_timeout": 3},
    }


def _caches(url: str) -> dict[str, Any]:
    """Django's caches: `default`, in the Redis at `url` if there is one, and each process's own.

    Raises ImproperlyConfigured.
    """
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("REPRISE_CACHE_URL is no redis://host:port/number")
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    shared = {"BACKEND": "registry.caching.SharedCache", "LOCATION": url}
    # Of the usual 300, callers would be forgotten as soon as there are many.
    many = {"OPTIONS": {"MAX_ENTRIES": 50_000}}
    return {
        "default": (shared if url else memory) | many,
        "process": memory | {"LOCATION": "process"},
    }


def _mail(url: str) -> dict[str, Any]:
    """Django's mail settings for `smtp://user:password@host:587/?tls=1` or `smtps://…`.

    Without an address mail is printed where the process prints. Raises ImproperlyConfigured.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("REPRISE_EMAIL_URL is no smtp://user:password@host:port/?tls=1")
    over_tls = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if over_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": over_tls,
        "EMAIL_USE_TLS": not over_tls and parse_qs(parts.query).get("tls") == ["1"],
        # A request may wait for it: a server that is silent for so long is taken for down.
        "EMAIL_TIMEOUT": 10,
    }


def _sign_in_elsewhere(
    *,
    orcid: tuple[str, str],
    github: tuple[str, str],
    oidc: tuple[str, str],
    oidc_issuer: str,
    oidc_name: str,
) -> dict[str, Any]:
    """Allauth's providers for the clients, each (id, secret), that are registered elsewhere."""
    providers: dict[str, Any] = {
        name: {"APPS": [{"client_id": client, "secret": secret}]}
        for name, (client, secret) in {"orcid": orcid, "github": github}.items()
        if client
    }
    if oidc_issuer:
        app = {
            "provider_id": "oidc",
            "name": oidc_name,
            "client_id": oidc[0],
            "secret": oidc[1],
            "settings": {"server_url": oidc_issuer},
        }
        providers["openid_connect"] = {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
    return providers


def _origins_of(providers: Mapping[str, Any]) -> list[str]:
    """Where people are sent to sign in, as a content security policy names places."""
    origins = {"orcid": "https://orcid.org", "github": "https://github.com"}
    if "openid_connect" in providers:
        issuer = urlsplit(providers["openid_connect"]["APPS"][0]["settings"]["server_url"])
        origins["openid_connect"] = f"{issuer.scheme}://{issuer.netloc}"
    return [origins[name] for name in providers]


# --- The site ---------------------------------------------------------------------------------
SECRET_KEY = _secret_key()
DEBUG = env.flag("REPRISE_DEBUG", default=False)
ALLOWED_HOSTS = list(env.names("REPRISE_HOSTS", ("127.0.0.1", "localhost", "[::1]")))
PUBLIC_URL = env.text("REPRISE_PUBLIC_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
_HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.orcid",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "portal",
    "registry",
    "runners",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "registry.adapters.UnansweredSignIn",
    "django_htmx.middleware.HtmxMiddleware",
    "registry.reviewing.ReviewMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": _database(env.text("REPRISE_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "registry.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "registry.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "registry.forms.people.LoginForm",
    "signup": "registry.forms.people.SignupForm",
    "add_email": "registry.forms.people.AddEmailForm",
    "change_password": "registry.forms.people.ChangePasswordForm",
    "set_password": "registry.forms.people.SetPasswordForm",
    "reset_password": "registry.forms.people.ResetPasswordForm",
    "reset_password_from_key": "registry.forms.people.ResetPasswordKeyForm",
    "reauthenticate": "registry.forms.people.ReauthenticateForm",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USERNAME_VALIDATORS = "registry.forms.people.username_validators"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
# Nobody learns from a form whether an address has an account.
ACCOUNT_PREVENT_ENUMERATION = True
# Who sits down at somebody's open browser takes no account over.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Reprise] "
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

EMAIL_URL = env.text("REPRISE_EMAIL_URL")
globals().update(_mail(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.text("REPRISE_FROM_EMAIL", "reprise@localhost")
# Whom harvesters write to (/oai), and where weaknesses are reported (/.well-known/security.txt).
CONTACT_EMAIL = env.text("REPRISE_CONTACT_EMAIL", DEFAULT_FROM_EMAIL)
SECURITY_CONTACT = env.text("REPRISE_SECURITY_CONTACT")
# Where no mail is sent nobody could follow a link in it.
ACCOUNT_EMAIL_VERIFICATION = env.choice(
    "REPRISE_EMAIL_VERIFICATION",
    ("mandatory", "optional"),
    "mandatory" if EMAIL_URL else "optional",
)

# Second factors: a program that shows codes, and codes on paper for the day it is lost.
MFA_ADAPTER = "registry.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Reprise"
MFA_TOTP_TOLERANCE = 1  # A clock may be half a minute off.
# No second factor before the address by which a lost account is found again works.
MFA_ALLOW_UNVERIFIED_EMAIL = ACCOUNT_EMAIL_VERIFICATION == "optional"

# Signing in by accounts elsewhere: each is offered once its client is registered there.
SOCIALACCOUNT_ADAPTER = "registry.adapters.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "registry.forms.people.SocialSignupForm"}
# A user name is for good: people choose theirs, whatever they are called elsewhere.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_PROVIDERS = _sign_in_elsewhere(
    orcid=(env.text("REPRISE_ORCID_CLIENT_ID"), env.text("REPRISE_ORCID_CLIENT_SECRET")),
    github=(env.text("REPRISE_GITHUB_CLIENT_ID"), env.text("REPRISE_GITHUB_CLIENT_SECRET")),
    oidc=(env.text("REPRISE_OIDC_CLIENT_ID"), env.text("REPRISE_OIDC_CLIENT_SECRET")),
    oidc_issuer=env.text("REPRISE_OIDC_ISSUER"),
    oidc_name=env.text("REPRISE_OIDC_NAME", "Single sign-on"),
)
SIGN_IN_ORIGINS = _origins_of(SOCIALACCOUNT_PROVIDERS)

# --- DOIs -------------------------------------------------------------------------------------
# The account at DataCite by which DOIs are registered; without all of it, none are.
DATACITE_URL = env.text("REPRISE_DATACITE_URL", "https://api.datacite.org/")
DATACITE_PREFIX = env.text("REPRISE_DATACITE_PREFIX")
DATACITE_REPOSITORY = env.text("REPRISE_DATACITE_REPOSITORY")
DATACITE_PASSWORD = env.text("REPRISE_DATACITE_PASSWORD")

# --- Images -----------------------------------------------------------------------------------
# The registry that images of verified models are pushed to, as docker clients name it; without
# one, none are. Then as workers' engines name it, and where workers reach its API.
REGISTRY = env.text("REPRISE_REGISTRY")
REGISTRY_PUSH = env.text("REPRISE_REGISTRY_PUSH", REGISTRY)
# As engines do, plain http within this machine alone.
_REGISTRY_SCHEME = "http" if REGISTRY_PUSH.startswith(("127.", "localhost")) else "https"
REGISTRY_URL = env.text("REPRISE_REGISTRY_URL", f"{_REGISTRY_SCHEME}://{REGISTRY_PUSH}")
REGISTRY_KEEP_DAYS = env.integer("REPRISE_REGISTRY_KEEP_DAYS", 365)
# Images that people ask for as files: the largest, and for how long one is kept.
SAVED_IMAGE_MB = env.integer("REPRISE_SAVED_IMAGE_MB", 10_000)
SAVED_IMAGE_DAYS = env.integer("REPRISE_SAVED_IMAGE_DAYS", 7)

# --- Files ------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
BLOB_DIR = env.path("REPRISE_BLOB_DIR", VAR_DIR / "blobs")
# Archives sent in place of a repository: largest file, and where workers make commits of them.
UPLOAD_BYTES = env.integer("REPRISE_UPLOAD_BYTES", 200_000_000)
UPLOAD_DIR = env.path("REPRISE_UPLOAD_DIR", VAR_DIR / "uploads")
# The secret key that signs receipts (manage.py keys); runs are unsigned while there is none.
SIGNING_KEY = env.path("REPRISE_SIGNING_KEY", VAR_DIR / "keys" / "signing-key.pem")
FILE_UPLOAD_HANDLERS = ["registry.uploads.BoundedUploadHandler"]
# What is held in memory of one request: a form without its files, the JSON that a program sends.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("REPRISE_BODY_BYTES", 5_000_000)
DATA_UPLOAD_MAX_NUMBER_FILES = 10
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "blobs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BLOB_DIR},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

# --- Counting ---------------------------------------------------------------------------------
# A Redis by which all processes count together how often callers come; without, each by itself.
CACHES = _caches(env.text("REPRISE_CACHE_URL"))
# Never believe X-Forwarded-For unless the operator says how many proxies stand in front.
PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("REPRISE_PROXIES", 0)

# --- Security ---------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = _HTTPS and env.flag("REPRISE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # A browser holds the whole way to a sign-in elsewhere to this, not its first step alone.
        "form-action": [SELF, *SIGN_IN_ORIGINS],
        "frame-ancestors": [NONE],
    },
}

# --- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.permissions.ScopedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "registry.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.api.problems.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": [
        "registry.api.throttling.CallerThrottle",
        "registry.api.throttling.ChangeThrottle",
    ],
    "NUM_PROXIES": PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Calls a caller may make: strangers by address, people by account; changes are counted once more.
# `pulls` are those of git, docker and the clients of the Hugging Face Hub, who ask for each file.
API_RATES = {
    "anonymous": env.rate("REPRISE_RATE_ANONYMOUS", "300/minute"),
    "known": env.rate("REPRISE_RATE_KNOWN", "1500/minute"),
    "changes": env.rate("REPRISE_RATE_CHANGES", "60/minute"),
    "pulls": env.rate("REPRISE_RATE_PULLS", "6000/minute"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Reprise",
    "DESCRIPTION": "Models, their versions, and what was seen when they were rerun.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Else the page asks a validator on the internet to read this portal's schema.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "registry.api.schema.schema_completed",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Visibility": "registry.models.entries.Visibility",
        "ShownOrNot": "registry.api.serializers.SHOWN_OR_NOT",
        "VersionState": "registry.models.entries.VersionState",
        "RunState": "registry.models.runs.RunState",
        "RunOutcome": "registry.models.runs.RunOutcome",
        "Verdict": "registry.api.serializers.VERDICTS",
        "StepName": "registry.api.serializers.STEPS",
        "StepState": "registry.api.serializers.STEP_STATES",
        "Cause": "registry.api.serializers.CAUSES",
        "LevelName": "registry.api.serializers.LEVELS",
        "Agreement": "registry.api.reproductions.AGREEMENTS",
        "Role": "registry.models.entries.Role",
        "GivenRole": "registry.api.serializers.sharing.GIVEN_ROLES",
        "Standing": "registry.api.serializers.sharing.STANDINGS",
        "NewsKind": "registry.models.news.NewsKind",
        "MailChoice": "registry.models.news.MailChoice",
        "ReportKind": "registry.models.curation.ReportKind",
        "ReportState": "registry.models.curation.ReportState",
        "ReportEnd": "registry.api.serializers.curation.REPORT_ENDS",
        "LookupKind": "registry.api.serializers.imports.ASKED",
        "DoiState": "registry.models.outside.DoiState",
        "LookupState": "registry.models.outside.LookupState",
        "RowState": "registry.api.serializers.imports.ROW_STATES",
        "CalculationOutcome": "registry.models.calculations.CalculationOutcome",
    },
}

# --- Work -------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("REPRISE_BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # The database, not the message, says whether work is left.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 3,
    "socket_connect_timeout": 2,
    "visibility_timeout": 3600,
}
CELERY_TASK_ROUTES = {
    "runners.verify": {"queue": "verify"},
    # With the verifications, for it builds and runs; it makes way for any that waits.
    "runners.bisect": {"queue": "verify"},
    "runners.calculate": {"queue": "verify"},
    # Only who has an engine can push what is on one.
    "runners.push_image": {"queue": "verify"},
    "runners.save_image": {"queue": "verify"},
    "runners.inspect": {"queue": "light"},
    "runners.make_archive": {"queue": "light"},
    "runners.unpack_file": {"queue": "light"},
    "runners.mint_doi": {"queue": "light"},
    "runners.look_up": {"queue": "light"},
    "runners.reconcile": {"queue": "light"},
    "runners.export": {"queue": "light"},
    "runners.collect_blobs": {"queue": "light"},
    "runners.schedule": {"queue": "light"},
    "runners.searches_news": {"queue": "light"},
    "runners.mail_news": {"queue": "light"},
    "runners.send_webhook": {"queue": "light"},
}
CELERY_TASK_DEFAULT_QUEUE = "light"
# Of the nightly exports of all that is public, so many are kept; 0: none is made.
EXPORTS_KEPT = env.integer("REPRISE_EXPORTS_KEPT", 7)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
RECONCILE_SECONDS = env.number("REPRISE_RECONCILE_SECONDS", 30)
# How often what is due is looked for; runs begun unasked in a day (0: none), and the length of
# the queue from which on none are.
SCHEDULE_SECONDS = env.number("REPRISE_SCHEDULE_SECONDS", 120)
SCHEDULE_RUNS = env.integer("REPRISE_SCHEDULE_RUNS", 200)
SEARCHES_SECONDS = 900  # how often saved searches are looked through for what is new
SCHEDULE_QUEUE = env.integer("REPRISE_SCHEDULE_QUEUE", 4)
COLLECT_SECONDS = 3600  # how often files that nothing points to any more are removed
CELERY_BEAT_SCHEDULE = {
    "reconcile": {
        "task": "runners.reconcile",
        "schedule": RECONCILE_SECONDS,
        "options": {"expires": RECONCILE_SECONDS},
    },
    "export": {
        "task": "runners.export",
        "schedule": crontab(hour=3, minute=15),
        "options": {"expires": 3600},
    },
    "searches_news": {
        "task": "runners.searches_news",
        "schedule": SEARCHES_SECONDS,
        "options": {"expires": SEARCHES_SECONDS},
    },
    "collect_blobs": {
        "task": "runners.collect_blobs",
        "schedule": COLLECT_SECONDS,
        "options": {"expires": COLLECT_SECONDS},
    },
    "schedule": {
        "task": "runners.schedule",
        "schedule": SCHEDULE_SECONDS,
        "options": {"expires": SCHEDULE_SECONDS},
    },
}

# --- Verification -----------------------------------------------------------------------------
# Parts portals that share one engine: each removes only its own containers and images.
SITE_NAME = env.text("REPRISE_SITE_NAME", "reprise")
LEASE_SECONDS = env.number("REPRISE_LEASE_SECONDS", 60)
# A message that nobody took up after so long is taken for lost and sent again.
RESEND_SECONDS = env.number("REPRISE_RESEND_SECONDS", 120)
RUN_MAX_ATTEMPTS = env.integer("REPRISE_RUN_MAX_ATTEMPTS", 3)
STALE_AFTER_DAYS = env.integer("REPRISE_STALE_AFTER_DAYS", 180)
MIRROR_DIR = env.path("REPRISE_MIRROR_DIR", VAR_DIR / "mirrors")
# Who reads the mirrors for pages (registry.sources); the registry itself knows no git.
SOURCE_READER = "runners.source.browse.SiteSources"
# Who gives them out by git.
GIT_SERVER = "runners.source.serve.SiteGit"
SCRATCH_DIR = env.path("REPRISE_SCRATCH_DIR", VAR_DIR / "scratch")
# Addresses beyond public https on port 443, for a demo, tests and closed sites: `file` allows
# local paths; `host:port` allows one host on one port, whatever it resolves to.
SOURCE_ALLOW = env.names("REPRISE_SOURCE_ALLOW")
# Where DOIs are asked about, and how long a question to another server may take.
DOI_URL = env.text("REPRISE_DOI_URL", "https://doi.org")
LOOKUP_SECONDS = env.number("REPRISE_LOOKUP_SECONDS", 20)
SOURCE_SECONDS = env.number("REPRISE_SOURCE_SECONDS", 300)
SOURCE_BYTES = env.integer("REPRISE_SOURCE_BYTES", 1_000_000_000)
BUILD_SECONDS = env.number("REPRISE_BUILD_SECONDS", 1800)
RUN_SECONDS = env.number("REPRISE_RUN_SECONDS", 1800)
RUN_MEMORY_MB = env.integer("REPRISE_RUN_MEMORY_MB", 4096)
RUN_CPUS = env.number("REPRISE_RUN_CPUS", 2.0)
RUN_PROCESSES = env.integer("REPRISE_RUN_PROCESSES", 512)
RUN_DISK_MB = env.integer("REPRISE_RUN_DISK_MB", 2048)
LOG_BYTES = env.integer("REPRISE_LOG_BYTES", 5_000_000)
IMAGE_KEEP_SECONDS = env.integer("REPRISE_IMAGE_KEEP_SECONDS", 30 * 86_400)
IMAGE_BUDGET_MB = env.integer("REPRISE_IMAGE_BUDGET_MB", 20_000)
# An engine keeps one build cache for everybody who builds on it: 0 leaves it to its owner.
BUILD_CACHE_MB = env.integer("REPRISE_BUILD_CACHE_MB", 20_000)
# With less free on a disk that runs write to, images and caches are cleared and runs wait.
DISK_FREE_MB = env.integer("REPRISE_DISK_FREE_MB", 5_000)
# Models run for people on inputs of theirs: how many a person may ask for in a day (0: the portal
# runs none) and have unfinished, what one may take, and for how many days its result is kept.
CALCULATIONS_A_DAY = env.integer("REPRISE_CALCULATIONS_A_DAY", 0)
CALCULATIONS_WAITING = env.integer("REPRISE_CALCULATIONS_WAITING", 3)
CALCULATION_SECONDS = env.number("REPRISE_CALCULATION_SECONDS", 300)
CALCULATION_MEMORY_MB = env.integer("REPRISE_CALCULATION_MEMORY_MB", 2048)
CALCULATION_INPUT_MB = env.integer("REPRISE_CALCULATION_INPUT_MB", 10)
CALCULATION_OUTPUT_MB = env.integer("REPRISE_CALCULATION_OUTPUT_MB", 100)
CALCULATION_KEEP_DAYS = env.integer("REPRISE_CALCULATION_KEEP_DAYS", 7)
# What a closed site's builds need to reach its package index, by default what this machine's own
# tools use; given to builds as secrets and build arguments, so that nothing stays in an image.
SITE_CA_BUNDLE = env.text("REPRISE_CA_BUNDLE", env.text("SSL_CERT_FILE", env.text("PIP_CERT")))
SITE_INDEX_URL = env.text("REPRISE_INDEX_URL", env.text("PIP_INDEX_URL"))
SITE_PROXY = env.text("REPRISE_PROXY")
# A folder of wheels that builds prefer to the index's, such as CPU builds of torch.
SITE_WHEELS = env.text("REPRISE_WHEELS", env.text("PIP_FIND_LINKS"))

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("REPRISE_LOG_LEVEL", "INFO")},
}
