"""Certificates by the openssl command, so that nothing of ours judges its own work."""

import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .paths import tool

CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.crt
private_key = {folder}/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
commonName = x
"""


class Authority:
    """One that signs whatever it is asked to."""

    def __init__(self, folder: Path, name: str = "test authority"):
        folder.mkdir(parents=True)
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self._count = 0
        (folder / "index.txt").touch()
        (folder / "serial").write_text("1000\n")
        (folder / "configuration").write_text(CONFIGURATION.format(folder=folder))
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", f"/CN={name}", "-keyout", folder / "ca.key", "-out", self.certificate,
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    def subordinate(self, folder: Path, name: str) -> "Authority":
        """One whose own certificate this one has signed."""
        other = Authority(folder, name)
        request, extensions = folder / "ca.csr", folder / "ca.ext"
        openssl("req", "-new", "-key", folder / "ca.key", "-subj", f"/CN={name}", "-out", request)
        extensions.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
                "-set_serial", "99", "-days", "30", "-extfile", extensions, "-out", other.certificate)
        return other

    def issue(self, *names: str, use: str = "serverAuth", begins: timedelta = timedelta(minutes=-5),
              ends: timedelta = timedelta(days=1)) -> tuple[Path, Path]:
        """A certificate for these names (`DNS:localhost`, `IP:127.0.0.1`), and its key."""
        self._count += 1
        base = self.folder / f"leaf-{self._count}"
        certificate, key, request = base.with_suffix(".crt"), base.with_suffix(".key"), base.with_suffix(".csr")
        extensions = base.with_suffix(".ext")
        extensions.write_text(
            f"extendedKeyUsage={use}\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"
            + (f"subjectAltName={','.join(names)}\n" if names else ""))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=leaf",
                "-keyout", key, "-out", request)
        now = datetime.now(timezone.utc)
        openssl("ca", "-batch", "-notext", "-config", self.folder / "configuration", "-in", request,
                "-out", certificate, "-extfile", extensions,
                "-startdate", f"{now + begins:%Y%m%d%H%M%SZ}", "-enddate", f"{now + ends:%Y%m%d%H%M%SZ}")
        return certificate, key


def openssl(*arguments, given: bytes = b"") -> subprocess.CompletedProcess:
    result = subprocess.run([tool("openssl"), *arguments], capture_output=True, input=given, timeout=30)
    assert result.returncode == 0, result.stderr.decode()
    return result
