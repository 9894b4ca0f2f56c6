# One image for web, worker and beat: docker-compose.yml says what each of them runs.
# `make image` builds it and hands a closed site's certificates and package index to the build as
# secrets, so that nothing of them stays in any layer.
ARG BASE_IMAGE=python:3.11-slim-bookworm

# Docker's own client, which speaks BuildKit by itself in this release; of the package only that.
FROM ${BASE_IMAGE} AS client
WORKDIR /client
RUN apt-get update -qq \
    && apt-get download -qq docker.io \
    && dpkg-deb -x docker.io_*.deb .

FROM ${BASE_IMAGE} AS packages
WORKDIR /srv/reprise
COPY requirements/base.txt requirements/uv.txt requirements/
RUN --mount=type=secret,id=ca --mount=type=secret,id=index \
    if [ -s /run/secrets/ca ]; then \
        export SSL_CERT_FILE=/run/secrets/ca PIP_CERT=/run/secrets/ca; \
    fi; \
    if [ -s /run/secrets/index ]; then \
        PIP_INDEX_URL="$(cat /run/secrets/index)"; \
        export PIP_INDEX_URL UV_DEFAULT_INDEX="$PIP_INDEX_URL"; \
    fi; \
    export UV_PYTHON_DOWNLOADS=never \
    && python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --quiet --no-cache-dir --require-hashes -r requirements/uv.txt \
    && /opt/uv/bin/uv venv --quiet --python "$(command -v python3)" .venv \
    && /opt/uv/bin/uv pip sync --quiet --no-cache --compile-bytecode --python .venv/bin/python \
        --require-hashes requirements/base.txt

FROM ${BASE_IMAGE}
# Git fetches repositories. The folders exist so that the volumes over them belong to this user.
RUN if ! command -v git >/dev/null; then \
        apt-get update -qq \
        && apt-get install -y -qq --no-install-recommends git \
        && rm -rf /var/lib/apt/lists/*; \
    fi \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/reprise reprise \
    && mkdir -p /var/lib/reprise/blobs /var/lib/reprise/mirrors /var/lib/reprise/uploads \
        /var/lib/reprise/scratch /var/lib/reprise/keys /var/lib/reprise/registry \
    && chown -R reprise:reprise /var/lib/reprise
COPY --from=client /client/usr/bin/docker /usr/local/bin/docker
WORKDIR /srv/reprise
COPY --from=packages /srv/reprise/.venv .venv
COPY . .
ENV PATH=/srv/reprise/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=portal.settings \
    REPRISE_VAR_DIR=/var/lib/reprise
# The key signs nothing here and is in no layer; without one the settings would make and keep one.
RUN REPRISE_SECRET_KEY=unused python manage.py collectstatic --noinput --verbosity 0
USER reprise
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--respawn-failed-workers", "portal.wsgi:application"]
