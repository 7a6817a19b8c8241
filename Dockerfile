# A run as a service on a CPU: docker build -t genlearn . && docker run -p 8128:8128 -v RUN:/run:ro genlearn
# Where builds of torch for CPUs have an index of their own: --build-arg PIP_EXTRA_INDEX_URL=...
FROM python:3.11-slim
ARG PIP_EXTRA_INDEX_URL
COPY pyproject.toml constraints.txt README.md LICENSE* /genlearn/
COPY src /genlearn/src
RUN pip install --no-cache-dir -c /genlearn/constraints.txt /genlearn && useradd --create-home genlearn
USER genlearn
EXPOSE 8128
ENTRYPOINT ["genlearn", "serve", "--host", "0.0.0.0"]
CMD ["/run"]
