"""What tests of several packages share: worlds to sell in, clients, processes, browsers, the database."""
