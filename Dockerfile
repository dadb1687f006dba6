# The production image: the gateway, and the simulator as its handset. Without the `embedded` extra, on purpose: a
# forgotten GATEWAY_DATABASE_URL must stop the start, never begin a throwaway database that takes in points.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

# Dependencies first: they change seldom, and a change of our own code then reuses this layer.
COPY deploy/requirements.lock deploy/build.lock deploy/
RUN python -m venv /opt/gateway && /opt/gateway/bin/pip install --require-hashes -r deploy/requirements.lock
RUN python -m venv /opt/build && /opt/build/bin/pip install --require-hashes -r deploy/build.lock

COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY simulator simulator
COPY menus menus
COPY sms_templates sms_templates
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/gateway/bin/pip install --no-deps /wheels/*.whl

FROM python:3.11-slim-bookworm
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH PYTHONUNBUFFERED=1 GATEWAY_HTTP_HOST=0.0.0.0

# A number, not a name: Kubernetes' runAsNonRoot can only judge numbers. It owns no file and needs no home.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8080

# Ready, not merely alive: a balancer must not send hops to a gateway whose stores are away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/ready', timeout=2)"]

ENTRYPOINT ["gateway"]
CMD ["serve"]
