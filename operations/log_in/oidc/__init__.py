"""Log-in by a service that knows people (OpenID Connect): staff's, or a broker of national eID."""
