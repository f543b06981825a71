# The service and the command line in one image: `docker build -t ironclaw .`
# The digest is that of the tag beside it; Dependabot brings both forward.
FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY requirements.lock requirements-build.lock ./
# Nothing is built: every package is a wheel whose hash the lock names.
RUN python -m venv --without-pip /opt/ironclaw \
    && pip --python /opt/ironclaw/bin/python install --only-binary :all: --require-hashes -r requirements.lock \
    && python -m venv --without-pip /opt/build \
    && pip --python /opt/build/bin/python install --only-binary :all: --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY migrations migrations
COPY examples examples
RUN /opt/build/bin/python -m hatchling build -t wheel -d /wheels \
    && pip --python /opt/ironclaw/bin/python install --no-index --no-deps /wheels/*.whl

FROM python:3.14-slim-trixie@sha256:51dafde81dbdb6ebde285137a295cf18a47ca95234fe388a343719cb97305b3d
LABEL org.opencontainers.image.title="Ironclaw" \
    org.opencontainers.image.licenses="Apache-2.0"
# git reads repositories; bubblewrap isolates tests where the machine lets it.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin ironclaw \
    && install -d -o ironclaw -g ironclaw /data
COPY --from=build /opt/ironclaw /opt/ironclaw
ENV PATH=/opt/ironclaw/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    HOST=0.0.0.0 \
    PORT=8000 \
    IRONCLAW_DATA_DIR=/data \
    LOG_FORMAT=json
# Everything that is written lies here or below /tmp, so that the rest may be read-only.
VOLUME /data
WORKDIR /data
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", \"8000\")}/readyz', timeout=4)"]
# `serve`, `web`, `worker`, `db upgrade`, `improve /repository`, and all other commands.
ENTRYPOINT ["ironclaw"]
CMD ["serve"]
