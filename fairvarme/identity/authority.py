"""Our own certificate authority: keys, certificates and revocation list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from estate.errors import UsageError
from fairvarme.identity.files import make_directory, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

AUTHORITY_NAME = "Fairvarme devices"
AUTHORITY_DAYS = 7305
# Clocks of boxes may be behind; a certificate is valid from a day ago.
BACKDATED = timedelta(days=1)
LONGEST_COMMON_NAME = 64  # X.520, ub-common-name


class Issued(NamedTuple):
    """
    A key with its certificate, both PEM.

    Attributes
    ----------
    serial : int
        Serial number, as used in a revocation.
    expires : datetime
    """

    key: bytes
    certificate: bytes
    serial: int
    expires: datetime


@dataclass(frozen=True)
class Authority:
    """The authority's certificate and signing key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, certificate_path: Path, key_path: Path, now: datetime) -> Authority:
        """Read the authority from its files, or create it if there is none."""
        if key_path.exists() and certificate_path.exists():
            key = serialization.load_pem_private_key(key_path.read_bytes(), None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise UsageError(f"{key_path} is not the key that Fairvarme made; restore it")
            return cls(x509.load_pem_x509_certificate(certificate_path.read_bytes()), key)
        key = ec.generate_private_key(ec.SECP256R1())
        made = cls(_self_signed(key, now), key)
        make_directory(key_path.parent)
        write_whole(key_path, _key_pem(key))
        write_whole(certificate_path, made.certificate_pem, like_directory=True)
        return made

    @property
    def certificate_pem(self) -> bytes:
        """The authority's certificate, PEM; public."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue_client(self, name: str, days: int, now: datetime) -> Issued:
        """Issue a key and client certificate; see `check_name`."""
        return self._issue(name, days, now, ExtendedKeyUsageOID.CLIENT_AUTH, ())

    def issue_server(self, hosts: Iterable[str], days: int, now: datetime) -> Issued:
        """Issue a key and server certificate for the broker's host names."""
        names = [_general_name(host) for host in hosts]
        return self._issue("broker", days, now, ExtendedKeyUsageOID.SERVER_AUTH, names)

    def revocation_list(self, revoked: Mapping[int, datetime], now: datetime) -> bytes:
        """
        Return the signed revocation list, PEM.

        It is valid as long as the authority: an expired list would lock every client out.
        """
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - BACKDATED)
        builder = builder.next_update(self.certificate.not_valid_after_utc)
        for serial, at in sorted(revoked.items()):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(self.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)

    def _issue(
        self,
        name: str,
        days: int,
        now: datetime,
        usage: x509.ObjectIdentifier,
        hosts: Iterable[x509.GeneralName],
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        expires = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        builder = _builder(_name(name), self.certificate.subject, key, now, expires)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(issuer_key, critical=False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        return Issued(_key_pem(key), pem, certificate.serial_number, expires)


def check_name(name: str) -> None:
    """Raise `UsageError` if a name is too long for a certificate."""
    if len(name) > LONGEST_COMMON_NAME:
        raise UsageError(
            f"{name} has over {LONGEST_COMMON_NAME} characters, too many for a certificate; "
            "use a password, or shorter ids"
        )


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    subject = _name(AUTHORITY_NAME)
    builder = _builder(subject, subject, key, now, now + timedelta(days=AUTHORITY_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    expires: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(expires)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def utc_now() -> datetime:
    """Return the time in whole seconds, as in certificates."""
    return datetime.now(UTC).replace(microsecond=0)
