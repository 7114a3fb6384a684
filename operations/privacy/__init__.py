"""Privacy: retention in every store, erasure, access requests, and the documents about them."""
