"""The Containerfile of an image with this program, for people to build from its source.

Two stages: what compiles stays behind. The base image is Docker's official one of Python; `podman
build` and `docker build` read the file. Source: https://docs.docker.com/reference/dockerfile/ .
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from auditor.schedule.job import Job

USER: Final = 10001
PROGRAM: Final = "audit"
_KERBEROS: Final = frozenset({"kerberos"})

_FILE: Final = """\
# The image of connector-auditor. In the folder of its source:
#   podman build --tag {image} --file Containerfile .
FROM docker.io/library/python:3.13-slim AS build
{compiler}WORKDIR /source
COPY . .
RUN python -m venv /opt/audit && \\
    /opt/audit/bin/python -m pip install --no-cache-dir {source}

FROM docker.io/library/python:3.13-slim
{libraries}RUN useradd --uid {user} --user-group --no-create-home --shell /usr/sbin/nologin audit
COPY --from=build /opt/audit /opt/audit
ENV PATH=/opt/audit/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER {user}:{user}
ENTRYPOINT ["{program}"]
CMD ["check"]
"""
_PACKAGES: Final = """\
# hadolint ignore=DL3008
RUN apt-get update && \\
    apt-get install --yes --no-install-recommends {names} && \\
    rm -rf /var/lib/apt/lists/*
"""


def containerfile(job: Job) -> str:
    """How the image of a job is built."""
    extras = ",".join(sorted(job.extras))
    compiled = bool(_KERBEROS & set(job.extras))
    return _FILE.format(
        image=job.image,
        compiler=_PACKAGES.format(names="gcc libc6-dev libkrb5-dev") if compiled else "",
        source=f"'.[{extras}]'" if extras else ".",
        libraries=_PACKAGES.format(names="libgssapi-krb5-2") if compiled else "",
        user=USER,
        program=PROGRAM,
    )
