"""How fast Kassa sells: measured over HTTP, with the books checked after every sale."""
