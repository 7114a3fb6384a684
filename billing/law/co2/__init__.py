"""The price of CO2, divided between landlord and tenants."""
