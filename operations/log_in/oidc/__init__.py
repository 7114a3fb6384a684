"""Log-in by an identity service (OpenID Connect): staff's own, or a broker of national eID."""
