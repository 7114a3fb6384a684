"""Telegrams of wireless M-Bus meters, as wmbusmeters publishes them."""
