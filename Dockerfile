# The bot in a container: docker build -t atelier .   (docs/operators.md tells how to run it)
FROM python:3.13-slim AS build
WORKDIR /build
COPY deploy/lock/run.txt ./
RUN python -m venv /opt/atelier \
    && /opt/atelier/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r run.txt

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Atelier" \
      org.opencontainers.image.description="A Discord bot that turns a server into a Gen-4 image studio" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 atelier \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin atelier \
    && install --directory --owner=atelier --group=atelier /data \
    && install --directory /app \
    && ln -s /data /app/data
WORKDIR /app
COPY --from=build /opt/atelier /opt/atelier
COPY LICENSE ./
COPY bot ./bot
ENV PATH=/opt/atelier/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN python -m compileall -q bot
USER 10001:10001
VOLUME /data
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "bot", "healthcheck"]
ENTRYPOINT ["python", "-m", "bot"]
