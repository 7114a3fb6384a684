"""What every answer has in common: headers, cookies, how a refusal looks."""
