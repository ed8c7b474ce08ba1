"""A CronJob of Kubernetes with all that it needs, and the Containerfile of its image.

In the container every file has the path that it has here: the configuration and policies come from
a ConfigMap, what is written goes to a volume that is kept, so that nothing in the configuration
needs to be another. The clock is UTC.

Sources: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ ,
https://kubernetes.io/docs/concepts/security/pod-security-standards/ (restricted), the keys and the
size of a ConfigMap in https://kubernetes.io/docs/concepts/configuration/configmap/ .
"""

from __future__ import annotations

import json
import re
from shlex import quote
from typing import TYPE_CHECKING, Final

from auditor.errors import UsageError, shortened
from auditor.schedule.container import USER, containerfile
from auditor.schedule.job import File, Job, Scheduled, at_path, speakable_job

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST: Final = 1_000_000
"""Bytes of a ConfigMap; Kubernetes takes 1 MiB."""

_CRONJOB: Final = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
spec:
  schedule: "{minute} {hour} * * {days}"
  timeZone: Etc/UTC
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # Drift (1) fails the job as an audit that could not be made does (2, 3, 4): a second try
      # would find the same.
      backoffLimit: 0
      activeDeadlineSeconds: {seconds}
      template:
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext:
            runAsNonRoot: true
            runAsUser: {user}
            runAsGroup: {user}
            fsGroup: {user}
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: audit
              image: {image}
              args: {arguments}
              workingDir: {folder}
              # Secrets: kubectl create secret generic {name} --from-literal=AUDIT_PASSWORD=...
              envFrom:
                - secretRef:
                    name: {name}
                    optional: true
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities:
                  drop: [ALL]
              resources:
                requests: {{cpu: 100m, memory: 128Mi}}
                limits: {{memory: 1Gi}}
              volumeMounts:
{mounts}          volumes:
            - name: temporary
              emptyDir: {{sizeLimit: 256Mi}}
{volumes}"""
_CLAIM: Final = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {name}
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
"""


def render(job: Job, folder: str) -> Scheduled:
    """The objects in one file, and the Containerfile.

    Raises:
        UsageError: the job holds what no container can have.
    """
    speakable_job(job)
    if not re.fullmatch(r"[\w.:/@-]+", job.image, re.ASCII):
        raise UsageError(
            f"no image has the name {shortened(job.image)}",
            hint="For example: --image registry.example.com/connector-auditor:1",
        )
    for path in (job.folder, *job.writes, *(path for path, _ in job.files)):
        _require_mountable(path)
    keys = _keys([path for path, _ in job.files])
    objects = [_config_map(job, keys)] if keys else []
    objects += [_CLAIM.format(name=job.name)] if job.writes else []
    objects.append(_cron_job(job, keys))
    head = f"# Audit of Exchange send connectors: {job.title} (connector-auditor)\n"
    manifest = File(f"{job.name}.yaml", head + "---\n".join(objects))
    build = File("Containerfile", containerfile(job))
    image, made = quote(job.image), quote(at_path(folder, build.name))
    return Scheduled(
        (manifest, build),
        (
            f"podman build --tag {image} --file {made} .   # where this program's source is",
            f"podman push {image}",
            f"kubectl apply --filename {quote(at_path(folder, manifest.name))}",
            f"kubectl create job --from=cronjob/{job.name} {job.name}-now   # one run now",
        ),
    )


def _cron_job(job: Job, keys: Sequence[tuple[str, str]]) -> str:
    volumes = ""
    if keys:
        volumes += f"            - name: files\n              configMap: {{name: {job.name}}}\n"
    if job.writes:
        claim = f"{{claimName: {job.name}}}"
        volumes += f"            - name: state\n              persistentVolumeClaim: {claim}\n"
    return _CRONJOB.format(
        name=job.name,
        minute=job.minute,
        hour=job.hour,
        days="1-5" if job.weekdays else "*",
        seconds=job.seconds,
        user=USER,
        image=scalar(job.image),
        arguments=f"[{', '.join(map(scalar, job.arguments))}]",
        folder=scalar(job.folder),
        mounts="".join(_mounts(job, keys)),
        volumes=volumes,
    )


def _mounts(job: Job, keys: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What is where in the container: a folder before the files in it."""
    if "/tmp" not in job.writes:  # noqa: S108 - of the container
        yield _mount("temporary", "/tmp")  # noqa: S108
    for path in job.writes:
        yield _mount("state", path, path.lstrip("/"))
    for path, key in keys:
        yield _mount("files", path, key, read_only=True)


def _mount(volume: str, path: str, part: str = "", *, read_only: bool = False) -> str:
    indent = " " * 16
    lines = [f"- name: {volume}", f"  mountPath: {scalar(path)}"]
    lines += [f"  subPath: {scalar(part)}"] if part else []
    lines += ["  readOnly: true"] if read_only else []
    return "".join(f"{indent}{line}\n" for line in lines)


def _config_map(job: Job, keys: Sequence[tuple[str, str]]) -> str:
    """The files that the audit reads.

    Raises:
        UsageError: they are too large.
    """
    if sum(len(text.encode("utf-8", "surrogatepass")) for _, text in job.files) > _MOST:
        raise UsageError(
            "the configuration and the policies are too large for a ConfigMap",
            hint="Put them into the image or a volume, and take them out of the manifest.",
        )
    data = "".join(
        f"  {scalar(key)}: {block(text, '    ')}\n"
        for (_, key), (_, text) in zip(keys, job.files, strict=True)
    )
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {job.name}\ndata:\n{data}"


def _keys(paths: Sequence[str]) -> list[tuple[str, str]]:
    """For each path a key that a ConfigMap may have, each another."""
    found: dict[str, str] = {}
    for number, path in enumerate(paths):
        key = re.sub(r"[^\w.-]", "_", path.rpartition("/")[2], flags=re.ASCII)[:200]
        found[path] = key if key not in {"", ".", "..", *found.values()} else f"{number}-{key}"
    return list(found.items())


def scalar(text: str) -> str:
    """A text as YAML in one line; JSON's escapes are YAML's, but for pairs of surrogates."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in quoted)


def block(text: str, indent: str) -> str:
    """A text of several lines as people read it, where that keeps every character."""
    lines = text.split("\n")
    if lines[-1] or not lines[0][:1].strip() or not all(line.isprintable() for line in lines):
        return scalar(text)
    if len(lines) > 2 and not lines[-2].strip():
        return scalar(text)  # blank lines at the end
    return "|\n" + "\n".join(f"{indent}{line}" if line else "" for line in lines[:-1])


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _require_mountable(path: str) -> None:
    """A path that a container can have.

    Raises:
        UsageError: it is none, or one of another system.
    """
    if not path.startswith("/") or path == "/" or ":" in path or "/../" in f"{path}/":
        raise UsageError(
            f"a container cannot have the path {shortened(path)}",
            hint="Make the schedule where the files are below a folder such as /srv/audit.",
        )
