# The assistant as an image: dependencies by hash, the program as it stands, no root, nothing to write but /data.
FROM python:3.13-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock /build/
RUN python -m venv /opt/assistant \
    && /opt/assistant/bin/pip install --no-deps --require-hashes -r /build/requirements.lock \
    && /opt/assistant/bin/pip uninstall --yes pip
COPY bot /app/bot
COPY handlers /app/handlers
COPY storage /app/storage
RUN /opt/assistant/bin/python -m compileall -q /app

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin assistant \
    && install -d -o assistant -g assistant -m 0700 /data
COPY --from=build /opt/assistant /opt/assistant
COPY --from=build /app /app
COPY LICENSE /app/
ENV PATH=/opt/assistant/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8080 \
    LOG_FORMAT=json \
    DATABASE_URL=sqlite:////data/assistant.db
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/ready', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
