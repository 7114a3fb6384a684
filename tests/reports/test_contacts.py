from __future__ import annotations

import pytest

from alerts.model import AlertKind
from correspondence.contacts import QUESTION, contact_for
from estate.model import Contact

OFFICE = Contact(topic="Ejendomskontor", phone="1")
HEAT = Contact(topic="Varmeregnskab", mail="varme@example.org")
CLIMATE = Contact(topic="Fugt og skimmel", phone="3")
EMERGENCY = Contact(topic="Døgnvagt", phone="4", emergency=True)
NOWHERE = Contact(topic="Varmeregnskab")


@pytest.mark.parametrize(
    ("subject", "contacts", "expected"),
    [
        (QUESTION, [OFFICE, HEAT, CLIMATE, EMERGENCY], HEAT),
        (QUESTION, [OFFICE, EMERGENCY], OFFICE),
        (QUESTION, [NOWHERE, OFFICE], OFFICE),
        (AlertKind.MOULD_RISK, [OFFICE, HEAT, CLIMATE], CLIMATE),
        (AlertKind.LEAK, [OFFICE, EMERGENCY], EMERGENCY),
        (AlertKind.SPIKE, [EMERGENCY, OFFICE], OFFICE),
        (AlertKind.SPIKE, [EMERGENCY], EMERGENCY),
        ("something_new", [OFFICE, HEAT], HEAT),
        (QUESTION, [NOWHERE], None),
        (QUESTION, [], None),
    ],
)
def test_a_resident_is_sent_to_the_contact_that_fits_best(
    subject: str, contacts: list[Contact], expected: Contact | None
) -> None:
    assert contact_for(subject, contacts) == expected
