"""Builds the images of docker/Dockerfile with buildah, without a container engine and without downloading base images.

The base images are stood in for by a Debian root that debootstrap makes, under the base images' own names, so that the
Dockerfile is built as it is. The Swift toolchain is this machine's, mounted into the build.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".build" / "images"
DEBIAN_IMAGE = "docker.io/library/debian:bookworm-slim"
SWIFT_IMAGE = "docker.io/library/swift:6.3-bookworm"

# What swift:6.3-bookworm has besides the toolchain, as far as this build needs it.
SWIFT_NEEDS = [
    "binutils", "ca-certificates", "git", "libc6-dev", "libcurl4", "libedit2", "libgcc-12-dev", "libncurses6", "libpython3.11",
    "libsqlite3-0", "libstdc++-12-dev", "libxml2", "libz3-4", "tzdata", "zlib1g-dev",
]


def run(*command, limit: int = 800) -> str:
    print("$", *command, flush=True)
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=limit)
    assert result.returncode == 0, f"{command[0]} ended with {result.returncode}\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
    return result.stdout


def buildah(*arguments, limit: int = 800) -> str:
    return run(
        "buildah", "--root", WORK / "storage", "--runroot", WORK / "run", *arguments, limit=limit)


def toolchain() -> Path:
    """The folder that has usr/bin/swift."""
    swift = shutil.which("swift")
    assert swift, "there is no swift on the PATH"
    return Path(swift).resolve().parents[2]


def has_image(name: str) -> bool:
    images = json.loads(buildah("images", "--json") or "null") or []
    return any(name in (image["names"] or []) for image in images)


def make_base_images():
    # What an earlier run left if it was ended half-way: its mounts went with its mount namespace.
    shutil.rmtree(WORK / "run", ignore_errors=True)
    buildah("rm", "--all")
    if not has_image(DEBIAN_IMAGE):
        root = WORK / "bookworm"
        shutil.rmtree(root, ignore_errors=True)
        run("debootstrap", "--variant=minbase", "bookworm", root)
        container = buildah("from", "scratch").strip()
        buildah("add", container, root, "/")
        buildah("config", "--cmd", "bash", container)
        buildah("commit", "--rm", container, DEBIAN_IMAGE)
        shutil.rmtree(root)
    if not has_image(SWIFT_IMAGE):
        container = buildah("from", "--pull-never", DEBIAN_IMAGE).strip()
        install = "apt-get -q update && apt-get -q -y --no-install-recommends install " + " ".join(SWIFT_NEEDS)
        buildah("run", "--isolation", "chroot", "--env", "DEBIAN_FRONTEND=noninteractive", container, "sh", "-c", install)
        buildah("config", "--env", f"PATH={toolchain()}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container)
        buildah("commit", "--rm", container, SWIFT_IMAGE)


class Image:
    """A built image: its configuration, and a copy of its root."""

    def __init__(self, component: str, version: str):
        self.component = component
        self.name = f"localhost/sample-service-{component}:{version}"
        buildah(
            "bud", "--isolation", "chroot", "--pull-never", "--layers", "--format", "docker",
            "--volume", f"{toolchain()}:{toolchain()}:ro", "--build-arg", f"VERSION={version}",
            "--file", ROOT / "docker" / "Dockerfile", "--target", component, "--tag", self.name, ROOT)
        description = json.loads(buildah("inspect", "--type", "image", self.name))
        self.configuration: dict = description["Docker"]["config"]
        self.root = WORK / "roots" / component
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.parent.mkdir(parents=True, exist_ok=True)
        container = buildah("from", "--pull-never", self.name).strip()
        try:
            mounted = buildah("mount", container).strip()
            # Not shutil.copytree, which reads devices to their end.
            run("cp", "--archive", mounted, self.root)
        finally:
            buildah("umount", container)
            buildah("rm", container)

    @property
    def files(self) -> list[str]:
        return sorted(
            "/" + str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file() or path.is_symlink())

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(path.lstat().st_size for path in self.root.rglob("*") if path.is_file())

    @property
    def executable(self) -> str:
        [executable] = self.configuration["Entrypoint"]
        return executable

    @property
    def environment(self) -> dict[str, str]:
        return dict(entry.split("=", 1) for entry in self.configuration["Env"])

    def command(self, *command: str) -> list[str]:
        """The command line that runs a command in the image as a pod would: read-only root, the image's user, no
        capabilities, no way to more. The network is this machine's."""
        user = self.configuration["User"]
        script = """
            mount --bind "$1" "$1"
            mkdir -p "$1/proc" "$1/dev" "$1/etc"
            mount -t tmpfs -o mode=0755 none "$1/dev"
            for device in null zero urandom; do : >"$1/dev/$device"; mount --bind "/dev/$device" "$1/dev/$device"; done
            : >>"$1/etc/resolv.conf"
            mount --bind /etc/resolv.conf "$1/etc/resolv.conf"
            mount -t proc none "$1/proc"
            mount -o remount,bind,ro "$1"
            root=$1 user=$2
            shift 2
            exec setpriv --no-new-privs --bounding-set=-all,+setuid,+setgid,+sys_chroot \
                chroot --userspec="$user" "$root" "$@"
        """
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child=TERM", "sh", "-euc", script, "sh", str(self.root), user, *command]

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*(command or [self.executable])), env={**self.environment, "PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
