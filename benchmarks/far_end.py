"""The stand-in as the measuring side sees it: started, told how to behave, asked what came, and ended."""

from __future__ import annotations

import http.client
import ipaddress
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROOT", "FarEnd", "certificate_in", "running"]

ROOT: Final = Path(__file__).parent.parent

# A round of the slowest rival is over long before.
_ANSWER_SECONDS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class FarEnd:
    """Where the stand-in listens.

    Attributes:
        certificate: the file with what it proves itself with over TLS; None if it does not speak TLS.
    """

    http_port: int
    https_port: int | None = None
    certificate: str | None = None

    @property
    def url(self) -> str:
        """Its plain address."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def tls_url(self) -> str:
        """Its address over TLS."""
        return f"https://127.0.0.1:{self.https_port}"

    def reset(self, **behaviour: float) -> None:
        """Forget what came. `delay=SECONDS` before each reply; `hang=1` never replies; `keep=1` remembers ids."""
        self._ask("reset", behaviour)

    def stats(self) -> dict[str, Any]:
        """What came since the last reset."""
        return self._ask("stats", {})

    def wait(self, records: int, timeout: float) -> dict[str, Any]:
        """What came, once it is so many records, or after so many seconds."""
        return self._ask("wait", {"records": records, "timeout": timeout})

    def ids(self) -> list[int]:
        """The `id` of each record that came since the last reset, which has to have said `keep`."""
        found: list[int] = self._ask("ids", {})["ids"]
        return found

    def _ask(self, what: str, wanted: dict[str, float]) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=_ANSWER_SECONDS)
        try:
            connection.request("GET", f"/_control/{what}?{urlencode(wanted)}")
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer


@contextmanager
def running(certificate: Path | None = None) -> Iterator[FarEnd]:
    """A stand-in, in a process of its own, for as long as the block runs."""
    words = [sys.executable, "-m", "benchmarks.standin"]
    if certificate is not None:
        words += ["--certificate", str(certificate)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101
        ports = json.loads(process.stdout.readline())
        try:
            yield FarEnd(
                http_port=ports["http"],
                https_port=ports.get("https"),
                certificate=None if certificate is None else str(certificate),
            )
        finally:
            process.stdin.close()


def certificate_in(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself, with its key in the same file."""
    from cryptography import x509  # noqa: PLC0415 - only TLS needs it
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "stand-in.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path.chmod(0o600)
    return path
